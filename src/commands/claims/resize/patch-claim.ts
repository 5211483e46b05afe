import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { PlannedClaim } from "../../../core/claims/resize/plan.js";
import { requestOf } from "../../../core/claims/size.js";
import { kinds } from "../../../core/kinds.js";
import type { Claim } from "../../../core/model.js";
import { compareQuantities } from "../../../core/quantity.js";
import { ConflictError } from "../../../errors.js";
import { inPool } from "../pool.js";

/** How often a patch is sent again because of somebody's unrelated write in between. */
const attempts = 10;

/** How many claims are patched at a time. */
const atATime = 8;

/** Lets every claim ask for its new size that does not do so yet; `dryRun`: as the API server would answer. */
export function askForSizes(
  cluster: Cluster,
  claims: readonly PlannedClaim[],
  { dryRun = false } = {},
): Promise<void> {
  const asking = claims.filter(({ isAsked }) => !isAsked);
  return inPool(asking, atATime, (planned) => askForSize(cluster, planned, { dryRun }));
}

/**
 * Lets a claim ask for its new size, and changes nothing else of it. Its status is written all the time, so after a 409
 * it is read again; what the decision rested on is which claim it is and what it asks for. Throws a ConflictError where
 * that has changed.
 */
async function askForSize(
  cluster: Cluster,
  { claim, from, to }: PlannedClaim,
  { dryRun = false } = {},
): Promise<void> {
  let current = claim;
  for (let attempt = 1; ; attempt += 1) {
    const { namespace, name, uid, resourceVersion } = current.metadata;
    const spec = { resources: { requests: { storage: to } } };
    const body = { metadata: { uid, resourceVersion }, spec };
    try {
      await cluster.patch(kinds.claim, { namespace, name }, { type: "merge", body }, { dryRun });
      return;
    } catch (error) {
      if (isApiError(error, "NotFound")) throw new ConflictError(`${name} was deleted meanwhile`);
      if (!isApiError(error, "Conflict") || attempt === attempts) throw error;
    }
    current = await again(cluster, claim, from, to);
    if (compareQuantities(requestOf(current), to) === 0) return;
  }
}

async function again(cluster: Cluster, claim: Claim, from: string, to: string): Promise<Claim> {
  const { namespace, name, uid } = claim.metadata;
  const found = await cluster.get(kinds.claim, { namespace, name });
  if (found.metadata.uid !== uid) throw new ConflictError(`${name} was made anew meanwhile`);
  if (found.metadata.deletionTimestamp !== undefined) {
    throw new ConflictError(`${name} is being deleted by now`);
  }
  const asked = requestOf(found);
  if (compareQuantities(asked, from) !== 0 && compareQuantities(asked, to) !== 0) {
    throw new ConflictError(
      `${name} asks for ${asked} by now, and asked for ${from} before: somebody else resizes it`,
    );
  }
  return found;
}
