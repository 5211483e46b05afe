import type { Cluster } from "../../../cluster/cluster.js";
import { isApiError } from "../../../cluster/errors.js";
import type { Clock } from "../../../context.js";
import { podName } from "../../../core/identity.js";
import { kinds } from "../../../core/kinds.js";
import { Reason } from "../../../core/progress/reasons.js";
import type { Herald } from "./herald.js";
import { againAfter, isPassing } from "./passing.js";
import type { Session } from "./session.js";
import type { FollowTarget } from "./target.js";

/** Why a verdict's pod is deleted: for which targets, and what is said of it. */
interface Cause {
  isAsked(target: FollowTarget): boolean;
  /** After the pod's name, when it was deleted; nothing where its going says it all. */
  words?: string;
  /** When somebody else was faster. */
  elsewhere?: string;
}

const causes: Partial<Record<string, Cause>> = {
  [Reason.Deadlock]: {
    isAsked: ({ unstick }) => unstick === true,
    words: "deleted, as it is broken at an old revision and would block the update for ever",
  },
  [Reason.RestartDue]: {
    isAsked: ({ goal }) => goal.type === "restarted",
    elsewhere: "replaced meanwhile by somebody else, and left as it is",
  },
};

/**
 * Deletes the pods that the verdicts name, for the targets that ask for it, each once, by its UID: those that would
 * block an update for ever (kubernetes/kubernetes#67250), and those whose restart is due. The verdict names the next one
 * only when that one's turn has come.
 */
export class PodDeleter {
  private readonly handled = new Set<string>();
  /** Those whose delete was sent and not answered: it may have been done all the same. */
  private readonly unanswered = new Set<string>();
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

  /** Deletes the pod that the verdict names, if its turn has come. Throws the cluster's error where it may not be. */
  async act(session: Session): Promise<void> {
    const { target, verdict, ended } = session;
    this.tellReplaced(session);
    if (this.againAt !== undefined && this.clock.now() < this.againAt) return;
    this.againAt = undefined;
    const cause = causes[verdict.reason];
    if (ended || !cause?.isAsked(target)) return;
    const { uid, name, namespace } = session.blockingPod()?.metadata ?? {};
    if (uid === undefined || name === undefined || this.handled.has(uid)) return;
    try {
      await this.cluster.delete(kinds.pod, { namespace, name }, { uid });
      this.tell(target, name, cause.words);
    } catch (error) {
      if (isPassing(error)) {
        this.againAt = this.clock.now() + againAfter;
        this.unanswered.add(uid);
        return;
      }
      // The pod is gone, or is another one by now.
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
      this.tell(target, name, this.unanswered.has(uid) ? undefined : cause.elsewhere);
    }
    this.handled.add(uid);
  }

  /** Pods that somebody else took before their turn: they are not deleted once more. */
  private tellReplaced({ target, snapshot }: Session): void {
    if (target.goal.type !== "restarted" || !snapshot) return;
    for (const [ordinal, uid] of target.goal.pods) {
      if (uid === undefined || this.handled.has(uid) || this.unanswered.has(uid)) continue;
      const pod = snapshot.pods.get(ordinal)?.metadata;
      if (pod?.uid === uid && pod.deletionTimestamp === undefined) continue;
      this.handled.add(uid);
      this.tell(target, podName(target.name, ordinal), causes[Reason.RestartDue]?.elsewhere);
    }
  }

  private tell(target: FollowTarget, pod: string, words: string | undefined): void {
    if (words) this.herald.emit(target, { type: "warning", message: `${pod}: ${words}` });
  }
}
