import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { retentionOf } from "../../core/claims/retention.js";
import type { StatefulSet } from "../../core/model.js";
import { allRetained, writePolicy } from "../claims/retention/write.js";
import { settleOwners } from "../claims/retention/settle.js";

/**
 * Makes a set's claims survive it: its retention policy becomes Retain, and then no claim has the set, or a pod of it,
 * as its owner any more. Both halves of the policy: with `whenScaled: Delete` the claims of a pod that is just being
 * scaled away go with it. Resolves to the set as it then is.
 */
export async function keepClaims(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  { timeout }: { timeout: number | undefined },
): Promise<StatefulSet> {
  const { err } = context;
  const { namespace = cluster.namespace, name } = set.metadata;
  const policy = retentionOf(set);
  const deleting = (["whenScaled", "whenDeleted"] as const).filter((field) => policy[field] === "Delete");
  const retained = deleting.length === 0 ? set : await writePolicy(cluster, set, allRetained);
  if (deleting.length > 0) err.write(`${namespace}/${name}: ${deleting.join(" and ")} set to Retain\n`);
  const otherwise = "the set was not deleted";
  const claims = await settleOwners(context, cluster, retained, { timeout, otherwise });
  const lost = claims.filter(({ claim }) => claim.deleting).map(({ claim }) => claim.name);
  if (lost.length > 0) {
    const are = lost.length === 1 ? "is" : "are";
    err.write(`warning: ${lost.join(", ")} ${are} being deleted already and cannot be kept\n`);
  }
  return retained;
}
