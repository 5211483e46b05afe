import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import { RefusedError } from "../../errors.js";
import { mostAtATime } from "../claims/pool.js";
import { keepVolume } from "../claims/keep-volume.js";
import { inPool } from "../claims/pool.js";

/**
 * Lets the server check that the volumes of these claims can be set to Retain, and changes nothing. Throws a
 * RefusedError where one cannot: once their set is gone it would be too late to think again.
 */
export async function refuseUnlessKeepable(
  context: Context,
  cluster: Cluster,
  claims: readonly ClassifiedClaim[],
): Promise<void> {
  const refusals = new Map<string, string>();
  await inPool(claims, mostAtATime, async ({ claim }) => {
    context.signal.throwIfAborted();
    if (claim.volume === undefined) return;
    const keeping = await keepVolume(context, cluster, claim.volume, claim, { dryRun: true });
    if (typeof keeping === "object")
      refusals.set(claim.name, `its volume ${claim.volume}: ${keeping.refused}`);
  });
  const [first] = claims.filter(({ claim }) => refusals.has(claim.name));
  if (!first) return;
  const { name } = first.claim;
  const others = refusals.size > 1 ? ` (and ${refusals.size - 1} more)` : "";
  throw new RefusedError(
    `nothing was deleted, --keep-data is not possible: ${name}${others}, ${refusals.get(name)}`,
  );
}
