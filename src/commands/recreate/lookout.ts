import type { Cluster, Mirror } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { formatElapsed } from "../../core/duration.js";
import { kinds } from "../../core/kinds.js";
import type { ControllerRevision, Pod, StatefulSet } from "../../core/model.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";
import { ExitCode, ExitError } from "../../errors.js";
import { Waker } from "../shared/following/waker.js";

/** How long something is waited for before that is said, in milliseconds. */
const patience = 3_000;

/** What happens to a set by name, to the pods and to the revisions that its selector selects. */
export class Lookout {
  private readonly stopping = new AbortController();
  private readonly waker: Waker;
  private readonly begun: number;
  private readonly mirrors: {
    sets: Mirror<StatefulSet>;
    pods: Mirror<Pod>;
    revisions: Mirror<ControllerRevision>;
  };

  /** `timeout` in milliseconds, for all that is waited for together; undefined is no limit. */
  constructor(
    private readonly context: Context,
    cluster: Cluster,
    private readonly set: StatefulSet,
    private readonly timeout: number | undefined,
  ) {
    this.waker = new Waker(context.clock, context.signal);
    this.begun = context.clock.now();
    const { namespace, name } = set.metadata;
    const labelSelector = formatSelector(requirementsOf(set.spec.selector));
    const watching = { signal: this.stopping.signal, onChange: () => this.waker.now() };
    this.mirrors = {
      sets: cluster.mirror(
        kinds.statefulSet,
        { namespace, fieldSelector: `metadata.name=${name}` },
        watching,
      ),
      pods: cluster.mirror(kinds.pod, { namespace, labelSelector }, watching),
      revisions: cluster.mirror(kinds.revision, { namespace, labelSelector }, watching),
    };
  }

  async ready(): Promise<void> {
    await Promise.all(Object.values(this.mirrors).map((mirror) => mirror.ready));
  }

  /** The set that has the name now. */
  current(): StatefulSet | undefined {
    return [...this.mirrors.sets.items.values()].find(
      ({ metadata: { name } }) => name === this.set.metadata.name,
    );
  }

  pods(): Pod[] {
    return [...this.mirrors.pods.items.values()];
  }

  revisions(): ControllerRevision[] {
    return [...this.mirrors.revisions.items.values()];
  }

  /**
   * Waits until `met` gives something other than undefined; `what` is waited for. Throws an ExitError (3) when the time
   * is up, and the signal's reason when it is interrupted.
   */
  async until<T>(met: () => T | undefined, what: () => string): Promise<T> {
    const { clock, signal, err } = this.context;
    const { namespace, name } = this.set.metadata;
    const deadline = this.timeout === undefined ? Infinity : this.begun + this.timeout;
    let sayAt = clock.now() + patience;
    for (;;) {
      signal.throwIfAborted();
      const found = met();
      if (found !== undefined) return found;
      const now = clock.now();
      if (now >= deadline) {
        const took = formatElapsed(now - this.begun);
        throw new ExitError(
          ExitCode.Unfinished,
          `error: ${namespace}/${name}: not finished after ${took}: waiting for ${what()}`,
        );
      }
      if (now >= sayAt) {
        err.write(`${namespace}/${name}: waiting for ${what()}\n`);
        sayAt = Infinity;
      }
      await this.waker.next(Math.min(deadline, sayAt));
    }
  }

  stop(): void {
    this.stopping.abort();
    for (const mirror of Object.values(this.mirrors)) mirror.stop();
    this.waker.close();
  }
}
