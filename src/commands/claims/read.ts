import type { Cluster, Scope } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { PodDeletions } from "../../core/claims/age.js";
import { needsEvents, podDeletions } from "../../core/claims/age.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { AutoscalerFacts, ClaimFacts, Surroundings } from "../../core/claims/facts.js";
import { autoscalerFacts, claimFactsOfMany, podFacts, setFacts } from "../../core/claims/facts.js";
import type { ReclaimPolicies } from "../../core/claims/volumes.js";
import { volumeColumns, volumeFacts } from "../../core/claims/volumes.js";
import { kinds } from "../../core/kinds.js";
import { listIfAllowed, projectIfAllowed } from "../shared/optional.js";

/** Everything that claims are judged by, as it was at one moment. */
export interface ClaimsSnapshot {
  surroundings: Surroundings;
  claims: ClaimFacts[];
}

/** Lists in pages, and keeps of each object only what counts. */
export async function readClaims(context: Context, cluster: Cluster, scope: Scope): Promise<ClaimsSnapshot> {
  // Claims first: theirs is the longest row of pages.
  const [claims, sets, pods, autoscalers] = await Promise.all([
    cluster.list(kinds.claim, scope, claimFactsOfMany()),
    cluster.list(kinds.statefulSet, scope, setFacts),
    cluster.list(kinds.pod, scope, podFacts),
    readAutoscalers(context, cluster, scope),
  ]);
  return { surroundings: { sets: sets.items, pods: pods.items, autoscalers }, claims: claims.items };
}

/** Those of StatefulSets; undefined where they may not be read, which is said. */
async function readAutoscalers(
  context: Context,
  cluster: Cluster,
  scope: Scope,
): Promise<AutoscalerFacts[] | undefined> {
  const without = "any claim out of range may be wanted again (state autoscaled)";
  const found = await projectIfAllowed(context, cluster, kinds.autoscaler, scope, without, autoscalerFacts);
  return found?.filter((facts) => facts !== undefined);
}

/** Undefined where volumes may not be read, which is said. */
export async function readPolicies(context: Context, cluster: Cluster): Promise<ReclaimPolicies> {
  const without = "what becomes of the data is not known, deleting a claim may destroy it";
  const volumes = await projectIfAllowed(
    context,
    cluster,
    kinds.volume,
    {},
    without,
    volumeFacts,
    volumeColumns,
  );
  return volumes && new Map(volumes.map(({ name, reclaimPolicy }) => [name, reclaimPolicy]));
}

/** What tells since when claims are unused, read only where one `needs` it: their own fields may tell. */
export async function readDeletionsFor(
  claims: readonly ClassifiedClaim[],
  context: Context,
  cluster: Cluster,
  scope: Scope,
  needs = needsEvents,
): Promise<PodDeletions> {
  return claims.some(needs) ? readPodDeletions(context, cluster, scope) : new Map();
}

/** What tells that a pod went: its set's controller deleted it, or, whoever wanted that, a kubelet stopped it. */
const deletedByController = "reason=SuccessfulDelete,involvedObject.kind=StatefulSet";
const stoppedByKubelet = "reason=Killing,involvedObject.kind=Pod";

/** The server keeps events for an hour unless told otherwise: often there are none. */
export async function readPodDeletions(
  context: Context,
  cluster: Cluster,
  scope: Scope,
): Promise<PodDeletions> {
  const without = "a claim counts as unused from its creation on";
  const selected = (fieldSelector: string) => ({ ...scope, fieldSelector });
  const deleted = await listIfAllowed(context, cluster, kinds.event, selected(deletedByController), without);
  if (!deleted) return new Map();
  const stopped = await cluster.list(kinds.event, selected(stoppedByKubelet));
  return podDeletions([...deleted, ...stopped.items]);
}
