import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import type { Standing } from "../../../core/claims/resize/standing.js";
import {
  gathering,
  judgeGrowth,
  waitingFor,
  type GrowthLimits,
  type GrowthVerdict,
} from "../../../core/claims/resize/verdict.js";
import { GrowthWatch, type Growing } from "./growing.js";
import type { Teller } from "./teller.js";

/** After a restart the watch of claims may be behind that of pods: what it says counts after so long. Milliseconds. */
const settling = 3_000;

export interface Waiting extends GrowthLimits {
  /** Called with each look. */
  onLook(standings: readonly Standing[]): void;
}

/** Waits until the claims have their size, or can get no further without somebody's doing. */
export async function untilGrown(
  context: Context,
  cluster: Cluster,
  growing: Growing,
  teller: Teller,
  { onLook, ...limits }: Waiting,
): Promise<Exclude<GrowthVerdict, { state: "InProgress" }>> {
  const { name } = growing.set.metadata;
  const { clock, signal } = context;
  const watch = new GrowthWatch(context, cluster, growing, teller);
  try {
    await watch.ready();
    const settled = clock.now() + (limits.restarted.size > 0 ? settling : 0);
    for (;;) {
      signal.throwIfAborted();
      const look = watch.look();
      onLook(look.standings);
      const verdict = judgeGrowth(look, growing.set, limits);
      const isEarly = limits.restarted.size > 0 && look.now < settled && verdict.state !== "Grown";
      if (!isEarly && verdict.state !== "InProgress")
        return verdict as Exclude<typeof verdict, { state: "InProgress" }>;
      const { stallTimeout = Infinity } = limits;
      const gathered = look.lastAdvance + gathering;
      const alarms = [
        ...(gathered > look.now ? [gathered] : []),
        limits.deadline,
        look.lastAdvance + stallTimeout,
        ...(isEarly ? [settled] : []),
      ];
      const restarts = look.standings
        .filter(({ needs }) => needs === "nothing")
        .map(({ restartAt }) => restartAt);
      await watch.next(
        Math.min(...alarms, ...restarts),
        () => `waiting for ${waitingFor(look.standings, name)}`,
      );
    }
  } finally {
    watch.stop();
  }
}
