import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { formatElapsed } from "../../core/duration.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { isObserved } from "../../core/revision.js";
import { ConflictError, ExitCode, ExitError } from "../../errors.js";
import type { WaitOptions } from "../shared/flags.js";
import { Waker } from "../shared/following/waker.js";

/** How long a set is waited for before that is said, in milliseconds. */
const patience = 3_000;

interface Waiting {
  met: (set: StatefulSet) => boolean;
  /** What is waited for, as it is said after a while: `its status to say that the rollout is done`. */
  what: string;
  wait: Pick<WaitOptions, "timeout" | "stallTimeout">;
  /** After this many milliseconds the set is taken as it is; never when left out. */
  enough?: number;
}

/**
 * Waits, by a watch, until a set is as `met` wants it, and resolves to the set as of then; without a request where it is
 * so already. Throws an ExitError when time is up (3, or 5 for `--stall-timeout`) and a ConflictError for a set that is
 * gone.
 */
export async function untilSet(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  { met, what, wait, enough = Infinity }: Waiting,
): Promise<StatefulSet> {
  if (met(set)) return set;
  const { clock, signal, err } = context;
  const { namespace, name } = set.metadata;
  const watch = watchSet(context, cluster, set);
  const begun = clock.now();
  const deadline = begun + Math.min(wait.timeout ?? Infinity, wait.stallTimeout ?? Infinity);
  let sayAt = begun + patience;
  try {
    for (;;) {
      signal.throwIfAborted();
      const found = watch.current();
      const now = clock.now();
      if (met(found) || now >= begun + enough) return found;
      if (now >= deadline) {
        const code = now >= begun + (wait.timeout ?? Infinity) ? ExitCode.Unfinished : ExitCode.Stalled;
        const took = formatElapsed(deadline - begun);
        throw new ExitError(code, `error: ${namespace}/${name}: waited ${took} for ${what}`);
      }
      if (now >= sayAt) {
        err.write(`${namespace}/${name}: waiting for ${what}\n`);
        sayAt = Infinity;
      }
      await watch.changed(Math.min(deadline, sayAt, begun + enough));
    }
  } finally {
    watch.stop();
  }
}

/** The same until the controller has worked on the set's spec, so that the status tells of it. */
export function untilObserved(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  wait: Waiting["wait"],
): Promise<StatefulSet> {
  const what = "the StatefulSet controller to take its spec up";
  return untilSet(context, cluster, set, { met: isObserved, what, wait });
}

/** A set as a mirror shows it; until that was listed, as it was read. */
function watchSet({ clock, signal }: Context, cluster: Cluster, read: StatefulSet) {
  const stop = new AbortController();
  const waker = new Waker(clock, signal);
  const { namespace, name, uid } = read.metadata;
  const scope = { namespace, fieldSelector: `metadata.name=${name}` };
  let isListed = false;
  let failure: unknown;
  const mirror = cluster.mirror(kinds.statefulSet, scope, {
    signal: stop.signal,
    onChange: () => waker.now(),
  });
  mirror.ready
    .then(
      () => (isListed = true),
      (error: unknown) => (failure = error),
    )
    .finally(() => waker.now());
  return {
    changed: (alarm: number) => waker.next(alarm),
    current(): StatefulSet {
      if (failure !== undefined) throw failure;
      const found = isListed ? [...mirror.items.values()].find(({ metadata }) => metadata.uid === uid) : read;
      if (!found) throw new ConflictError(`${namespace}/${name} was deleted meanwhile`);
      return found;
    },
    stop(): void {
      stop.abort();
      mirror.stop();
      waker.close();
    },
  };
}
