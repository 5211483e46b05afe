import type { Cluster, Scope } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { needsEvents, unusedSince } from "../../core/claims/age.js";
import { claimFacts, type ClaimFacts } from "../../core/claims/facts.js";
import { addedClaims, returningClaims, type ReturningClaim } from "../../core/claims/returning.js";
import { kinds } from "../../core/kinds.js";
import type { Claim, StatefulSet } from "../../core/model.js";
import { readPodDeletions } from "../claims/read.js";
import { projectIfAllowed } from "./optional.js";

/** What is kept of the claims of a scope; undefined where they may not be read, which is said. */
export function readOldClaims(
  context: Pick<Context, "err">,
  cluster: Cluster,
  scope: Scope,
): Promise<ClaimFacts[] | undefined> {
  return projectIfAllowed(context, cluster, kinds.claim, scope, without, claimFacts);
}

const without = "old claims are not shown";

/** Those of `claims` that a set takes up when it is scaled up, and since when nobody uses them. */
export async function withAges(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  replicas: number,
  claims: readonly ClaimFacts[],
): Promise<ReturningClaim[]> {
  const now = context.clock.now();
  let unclear = false;
  const found = returningClaims(set, replicas, claims, (claim) => {
    unclear ||= needsEvents(claim) && !claim.claim.deleting;
    return unusedSince(claim, new Map(), now);
  });
  if (!unclear) return found;
  const { namespace } = set.metadata;
  const deletions = await readPodDeletions(context, cluster, { namespace });
  return returningClaims(set, replicas, claims, (claim) => unusedSince(claim, deletions, now));
}

/** Reads the claims that a set takes up when it is scaled up, and keeps nothing of the others. */
export async function readReturning(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  replicas: number,
  scope: Scope,
): Promise<ReturningClaim[]> {
  const added = addedClaims(set, replicas);
  if (added.size === 0) return [];
  const project = (claim: Claim) => (added.has(claim.metadata.name) ? claimFacts(claim) : undefined);
  const found = await projectIfAllowed(context, cluster, kinds.claim, scope, without, project);
  const claims = (found ?? []).filter((claim) => claim !== undefined);
  return withAges(context, cluster, set, replicas, claims);
}
