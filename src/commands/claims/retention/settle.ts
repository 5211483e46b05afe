import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { lacksOwner, ownedClaims, unwantedReferences, type OwnedClaim } from "../../../core/claims/owned.js";
import { retentionOf, samePolicy, type RetentionPolicy } from "../../../core/claims/retention.js";
import { kinds } from "../../../core/kinds.js";
import type { StatefulSet } from "../../../core/model.js";
import { ConflictError } from "../../../errors.js";
import { untilObserved } from "../../rollout/until-set.js";
import { startHeartbeat } from "../../shared/heartbeat.js";
import { LiveClaims } from "../live.js";
import { nextChange } from "../next-change.js";

interface Settling {
  /** Milliseconds; undefined is no limit. */
  timeout: number | undefined;
  /** What is not done when time is up: `the set was not deleted`. */
  otherwise: string;
}

/**
 * Waits until the claims of a set belong to whom its retention policy says, and resolves to them. The controller writes
 * those references for ordinals that it reaches: an OrderedReady set that waits for a pod keeps it from the ones above,
 * and ordinals without a pod it never looks at. What the policy does not mean is therefore taken off here, as soon as
 * the controller has taken the policy up and adds no more of it; what is to be added is waited for. Throws an ExitError
 * (3) when time is up and a ConflictError when the set is gone or has another policy by then.
 */
export async function settleOwners(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  { timeout, otherwise }: Settling,
): Promise<OwnedClaim[]> {
  const { clock, err } = context;
  const { namespace = cluster.namespace, name } = set.metadata;
  const deadline = timeout === undefined ? undefined : clock.now() + timeout;
  await untilObserved(context, cluster, set, { timeout, stallTimeout: undefined });
  const policy = retentionOf(set);
  const live = new LiveClaims(cluster, { namespace }, [], context.signal);
  let waiting = "";
  const stopHeartbeat = startHeartbeat(context, () => {
    if (waiting) err.write(`${namespace}/${name}: ${waiting}\n`);
  });
  try {
    await live.ready();
    for (;;) {
      const claims = claimsOfSet(live, set);
      const { unwanted, lacking } = unsettled(policy, claims);
      if (unwanted.length + lacking.length === 0) {
        await checkPolicy(cluster, set);
        return claims;
      }
      checkThere(live, set);
      waiting = inWords(unwanted, lacking);
      const changed = nextChange(live, context, deadline, () => {
        return `error: ${namespace}/${name}: timed out ${waiting}; ${otherwise}`;
      });
      await Promise.all([changed, ...unwanted.map((owned) => disown(cluster, policy, owned))]);
    }
  } finally {
    stopHeartbeat();
    live.stop();
  }
}

/** The claims of a set as the watches have them. */
function claimsOfSet(live: LiveClaims, set: StatefulSet): OwnedClaim[] {
  const { namespace = "" } = set.metadata;
  return ownedClaims(set, live.claims(), (pod) => live.hasPod(namespace, pod));
}

function unsettled(policy: RetentionPolicy, claims: readonly OwnedClaim[]) {
  return {
    unwanted: claims.filter((owned) => unwantedReferences(policy, owned).length > 0),
    lacking: claims.filter((owned) => lacksOwner(policy, owned)),
  };
}

function inWords(unwanted: readonly OwnedClaim[], lacking: readonly OwnedClaim[]): string {
  const names = (claims: readonly OwnedClaim[]) => claims.map(({ claim }) => claim.name).join(", ");
  if (unwanted.length > 0) return `waiting for the owner references of ${names(unwanted)} to go`;
  return `waiting for the controller to give ${names(lacking)} its owner`;
}

function checkThere(live: LiveClaims, { metadata: { namespace, name, uid } }: StatefulSet): void {
  if (live.lost() || live.sets().some((set) => set.uid === uid)) return;
  throw new ConflictError(`${namespace}/${name} was deleted meanwhile`);
}

/** A fresh read decides: another one may have changed the policy in the meantime. */
async function checkPolicy(cluster: Cluster, set: StatefulSet): Promise<void> {
  const { namespace, name, uid } = set.metadata;
  const now = await cluster.get(kinds.statefulSet, { namespace, name });
  if (now.metadata.uid === uid && samePolicy(retentionOf(now), retentionOf(set))) return;
  throw new ConflictError(
    `${namespace}/${name}: its retention policy was changed by somebody else meanwhile`,
  );
}

/** With its resourceVersion as a precondition: what changed meanwhile comes back by the watch, and is tried again. */
async function disown(cluster: Cluster, policy: RetentionPolicy, owned: OwnedClaim): Promise<void> {
  const { claim } = owned;
  const unwanted = unwantedReferences(policy, owned);
  const ownerReferences = claim.owners.filter((owner) => !unwanted.includes(owner));
  const body = { metadata: { resourceVersion: claim.resourceVersion, ownerReferences } };
  try {
    await cluster.patch(kinds.claim, claim, { type: "merge", body });
  } catch (error) {
    if (!isApiError(error, "Conflict", "NotFound")) throw error;
  }
}
