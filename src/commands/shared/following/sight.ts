import type { StatefulSet } from "../../../core/model.js";
import { takeSnapshot, type Snapshot } from "../../../core/progress/snapshot.js";
import type { Sources } from "./sources.js";
import type { FollowTarget } from "./target.js";

/** One target as the sources show it. */
export class Sight {
  private uid: string | undefined;
  /** A newer read than the mirror has, until the mirror moves. */
  private fresh: { over: StatefulSet | undefined; set: StatefulSet | undefined } | undefined;

  constructor(
    private readonly target: FollowTarget,
    private readonly sources: Sources,
  ) {
    this.uid = target.written?.metadata.uid;
  }

  get isReady(): boolean {
    return this.sources.isReady(this.target.namespace, this.target.name);
  }

  /** The set that is meant: one made later under its name is another. */
  identify({ metadata: { uid } }: StatefulSet): void {
    this.uid ??= uid;
  }

  /** Takes in a set that was read from the server just now; undefined where there is none. */
  refresh(set: StatefulSet | undefined): void {
    this.fresh = { over: this.sources.set(this.target.namespace, this.target.name), set };
  }

  /** The state as it is; `now` by the server's clock. */
  take(now: number): Snapshot {
    const { namespace, name, goal } = this.target;
    const mirrored = this.sources.set(namespace, name);
    if (this.fresh && this.fresh.over !== mirrored) this.fresh = undefined;
    const found = this.fresh ? this.fresh.set : mirrored;
    this.uid ??= found?.metadata.uid;
    // Under the same name there may be another set by now: to one that is to go, that is nobody's business.
    const set = goal.type === "gone" && found?.metadata.uid !== this.uid ? undefined : found;
    return takeSnapshot({
      ...{ namespace, name, uid: this.uid, set, now },
      pods: this.sources.pods(namespace, name),
      claims: this.sources.claims(namespace) ?? this.target.claims ?? [],
      events: this.sources.eventsOf(namespace, name),
    });
  }

  /** The state before the write, where the command had read it; what is not known of it is as in `snapshot`. */
  before({ set, now }: Snapshot): Snapshot | undefined {
    const { before, written, namespace, name } = this.target;
    if (!before) return undefined;
    const known = { set: written ?? set, pods: before, claims: [], events: [], now };
    return takeSnapshot({ namespace, name, uid: this.uid, ...known });
  }
}
