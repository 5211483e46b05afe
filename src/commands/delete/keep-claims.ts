import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { ClaimFacts } from "../../core/claims/facts.js";
import { destroyingPolicies } from "../../core/claims/retention.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { LiveClaims } from "../claims/live.js";
import { patchSet } from "../shared/revise.js";
import { nextChange } from "./next-change.js";

/**
 * Makes a set's claims survive it: its retention policy becomes Retain, and then no claim may have the set, or a pod
 * of it, as its owner any more. The controller takes those references off for ordinals that have a pod; for the
 * others it never does, so that is done here. Resolves to the set as it then is.
 */
export async function keepClaims(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  { ordered, timeout }: { ordered: boolean; timeout: number | undefined },
): Promise<StatefulSet> {
  const { namespace = cluster.namespace, name } = set.metadata;
  const policies = destroyingPolicies(set, ordered);
  const retained = policies.length === 0 ? set : await retain(cluster, set, policies);
  if (policies.length > 0)
    context.err.write(`${namespace}/${name}: ${policies.join(" and ")} set to Retain\n`);
  const live = new LiveClaims(cluster, { namespace }, [], context.signal);
  try {
    await live.ready();
    const deadline = timeout === undefined ? undefined : context.clock.now() + timeout;
    for (;;) {
      const owned = live.claims().filter((claim) => ownersOf(claim, set, live).length > 0);
      if (owned.length === 0) return retained;
      const changed = nextChange(live, context, deadline, () => {
        const names = owned.map((claim) => claim.name).join(", ");
        return `error: ${namespace}/${name}: the controller has not let go of ${names}; the set was not deleted`;
      });
      const disowning = owned
        .filter((claim) => !hasPod(claim, live))
        .map((claim) => disown(cluster, claim, set, live));
      await Promise.all([changed, ...disowning]);
    }
  } finally {
    live.stop();
  }
}

function retain(cluster: Cluster, set: StatefulSet, policies: readonly string[]): Promise<StatefulSet> {
  const persistentVolumeClaimRetentionPolicy = Object.fromEntries(
    policies.map((policy) => [policy, "Retain"]),
  );
  return patchSet(cluster, set, ({ metadata: { resourceVersion } }) => ({
    type: "merge",
    body: { metadata: { resourceVersion }, spec: { persistentVolumeClaimRetentionPolicy } },
  }));
}

/** References to the set, or to the pod that has or had the claim. */
function ownersOf(
  claim: ClaimFacts,
  { metadata: { uid, name } }: StatefulSet,
  live: LiveClaims,
): ClaimFacts["owners"] {
  const { set, pod } = placeOf(claim, live);
  return claim.owners.filter(
    (owner) => owner.uid === uid || (owner.kind === "Pod" && set === name && owner.name === pod),
  );
}

function placeOf(claim: ClaimFacts, live: LiveClaims): { set: string | undefined; pod: string } {
  const { set, ordinal } = live.judge(claim);
  return { set, pod: `${set}-${ordinal}` };
}

function hasPod(claim: ClaimFacts, live: LiveClaims): boolean {
  return live.hasPod(claim.namespace, placeOf(claim, live).pod);
}

/** With its resourceVersion as a precondition: what changed meanwhile comes back by the watch, and is tried again. */
async function disown(
  cluster: Cluster,
  claim: ClaimFacts,
  set: StatefulSet,
  live: LiveClaims,
): Promise<void> {
  const ours = ownersOf(claim, set, live);
  const ownerReferences = claim.owners.filter((owner) => !ours.includes(owner));
  const body = { metadata: { resourceVersion: claim.resourceVersion, ownerReferences } };
  try {
    await cluster.patch(kinds.claim, claim, { type: "merge", body });
  } catch (error) {
    if (!isApiError(error, "Conflict", "NotFound")) throw error;
  }
}
