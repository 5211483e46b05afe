import { Reason } from "../reasons.js";
import type { Snapshot } from "../snapshot.js";
import type { Standing } from "../standing.js";
import type { Trouble } from "../trouble.js";

/**
 * What keeps the surplus pod that is next to go. Under OrderedReady the controller deletes an unhealthy one only when
 * no pod below it is unhealthy (`processCondemned`), so of two that never become ready none goes, and the set is stuck
 * until somebody deletes the upper one.
 */
export function surplusTrouble(
  standings: readonly Standing[],
  { set }: Snapshot,
  troubleOf: (standing: Standing) => Trouble | undefined,
): { name: string; trouble: Trouble } | undefined {
  if (!set || set.spec.podManagementPolicy === "Parallel") return undefined;
  if (standings.some(({ wanted, phase }) => wanted && phase !== "ready")) return undefined;
  const surplus = standings.filter(({ wanted }) => !wanted);
  const [first, last] = [surplus.find(({ phase }) => phase !== "ready"), surplus.at(-1)];
  if (!first || !last || first === last || last.phase === "terminating") return undefined;
  const [below, above] = [troubleOf(first), troubleOf(last)];
  if (!below || !above) return undefined;
  return {
    name: last.name,
    trouble: {
      ...above,
      reason: Reason.ScaleDownBlocked,
      words: `${above.words} and is surplus, but OrderedReady deletes it only when ${first.name} is ready, which ${below.words}`,
      fatalFrom: Math.max(above.fatalFrom, below.fatalFrom),
    },
  };
}
