import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { destroyingPolicies, retentionOf } from "../../core/claims/retention.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { ConflictError } from "../../errors.js";
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

const attempts = 5;

/**
 * Sends the deletion of a set whose claims are to be kept, with the resourceVersion at which its policy was seen to keep
 * them: whoever applies the old policy again in the last moment is a ConflictError, and the set stays.
 */
export async function whileRetained<Answer>(
  cluster: Cluster,
  { metadata: { namespace, name, uid } }: StatefulSet,
  send: (resourceVersion: string) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const { metadata, ...rest } = await cluster.get(kinds.statefulSet, { namespace, name });
    const isOurs = metadata.uid === uid;
    if (isOurs && destroyingPolicies({ metadata, ...rest }, true).length > 0) {
      throw new ConflictError(
        `${namespace}/${name}: its retention policy was changed by somebody else meanwhile; the set was not deleted`,
      );
    }
    try {
      return await send(metadata.resourceVersion);
    } catch (error) {
      // Every status write moves the version.
      if (!isOurs || !isApiError(error, "Conflict") || attempt === attempts) throw error;
    }
  }
}
