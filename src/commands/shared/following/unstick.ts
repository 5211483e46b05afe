import type { Cluster } from "../../../cluster/cluster.js";
import { isApiError } from "../../../cluster/errors.js";
import type { Clock } from "../../../context.js";
import { kinds } from "../../../core/kinds.js";
import { Reason } from "../../../core/progress/reasons.js";
import type { Herald } from "./herald.js";
import { againAfter, isPassing } from "./passing.js";
import type { Session } from "./session.js";

/**
 * Deletes the pods that would block an update for ever (kubernetes/kubernetes#67250), for the targets that ask for it:
 * each once, by its UID. The verdict names the next one only when the set waits for that one again.
 */
export class Unsticker {
  private readonly deleted = new Set<string>();
  private againAt: number | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly clock: Clock,
    private readonly herald: Pick<Herald, "emit">,
  ) {}

  /** When a delete that got no answer is sent again, in milliseconds of the clock. */
  get alarm(): number {
    return this.againAt ?? Infinity;
  }

  /** Deletes the pod that the set is stuck at, if it is. Throws the cluster's error where it may not be deleted. */
  async free(session: Session): Promise<void> {
    const { target, verdict, ended } = session;
    if (!target.unstick || ended || verdict.reason !== Reason.Deadlock) return;
    const { uid, name, namespace } = session.blockingPod()?.metadata ?? {};
    if (uid === undefined || name === undefined || this.deleted.has(uid)) return;
    if (this.clock.now() < (this.againAt ?? 0)) return;
    this.againAt = undefined;
    try {
      await this.cluster.delete(kinds.pod, { namespace, name }, { uid });
      const message = `${name}: deleted, as it is broken at an old revision and would block the update for ever`;
      this.herald.emit(target, { type: "warning", message });
    } catch (error) {
      if (isPassing(error)) {
        this.againAt = this.clock.now() + againAfter;
        return;
      }
      // Somebody else was faster: the pod is gone, or is another one by now.
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
    this.deleted.add(uid);
  }
}
