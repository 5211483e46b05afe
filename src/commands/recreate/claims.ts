import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { claimName, claimTemplateNames, inRange, ordinalRange, parsePodName } from "../../core/identity.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { enumerate } from "../../core/words.js";
import { listIfAllowed } from "../shared/optional.js";

/**
 * The deletion of the old set took its owner references off the claims. Under `whenDeleted: Delete` the controller writes
 * those of the new set, pod by pod, in the order in which they are ready; says which claims it has not come to yet.
 */
export async function sayOwnedClaims(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  pods: readonly string[],
): Promise<void> {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted !== "Delete") return;
  const { namespace, name, uid } = set.metadata;
  const without = "whether the new set owns the claims again is not known";
  const claims = await listIfAllowed(context, cluster, kinds.claim, { namespace }, without);
  const owned = new Set(
    (claims ?? [])
      .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
      .map(({ metadata }) => metadata.name),
  );
  const range = ordinalRange(set);
  const ordinals = pods.flatMap((pod) => parsePodName(pod)?.ordinal ?? []);
  const wanted = ordinals
    .filter((ordinal) => inRange(range, ordinal))
    .flatMap((ordinal) => claimTemplateNames(set).map((template) => claimName(template, name, ordinal)));
  const free = wanted.filter((claim) => !owned.has(claim));
  if (!claims || free.length === 0) return;
  context.err.write(
    `note: whenDeleted: Delete does not reach ${enumerate(free)} yet: the controller makes claims the new set's own once the pods before are ready\n`,
  );
}
