import type { Claim, StorageClass, Volume } from "../../model.js";
import { compareQuantities } from "../../quantity.js";
import type { Found, PlannedClaim } from "./plan.js";

/** What is kept of a StorageClass. */
export interface ClassFacts {
  name: string;
  mayGrow: boolean;
}

export function classFacts({ metadata, allowVolumeExpansion }: StorageClass): ClassFacts {
  return { name: metadata.name, mayGrow: allowVolumeExpansion === true };
}

/** Where a PersistentVolume is from. */
export interface VolumeOrigin {
  name: string;
  /** `hostPath` of a volume that a person made and that no controller can grow; undefined for all others. */
  madeByHand: string | undefined;
}

/** Sources of volumes for which no resizer is known, in the tree or outside of it. */
const rigid = ["hostPath", "local", "nfs", "iscsi", "fc"] as const;

export function volumeOrigin({ metadata, spec }: Volume): VolumeOrigin {
  const isMade = metadata.annotations?.["pv.kubernetes.io/provisioned-by"] !== undefined;
  return { name: metadata.name, madeByHand: isMade ? undefined : rigid.find((source) => spec[source]) };
}

/** The class that a claim names, also in the way of before 1.6; undefined for none. */
export function classOf({ metadata, spec }: Claim): string | undefined {
  return (
    metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? (spec.storageClassName || undefined)
  );
}

/** Why one claim may not be given its new size, each in plain words. Each rule answers or passes. */
export function claimObstacles(planned: PlannedClaim, found: Pick<Found, "classes" | "volumes">): string[] {
  const { metadata, status } = planned.claim;
  if (metadata.deletionTimestamp !== undefined) return [`${metadata.name} is being deleted`];
  if (status?.phase !== "Bound")
    return [`${metadata.name} is not bound to a volume (${status?.phase ?? "Pending"})`];
  const shrinking = shrinks(planned);
  if (shrinking !== undefined) return [`${metadata.name} ${shrinking}`];
  const rigidity = cannotGrow(planned, found);
  return rigidity === undefined ? [] : [`${metadata.name} ${rigidity}`];
}

/**
 * The API takes a smaller request only above the capacity, for an expansion that failed (ValidatePersistentVolumeClaimUpdate);
 * one of the capacity itself is "less than status.capacity" to it.
 */
function shrinks({ from, to, capacity }: PlannedClaim): string | undefined {
  const [toFrom, toCapacity] = [compareQuantities(to, from), compareQuantities(to, capacity)];
  if (toFrom === 0) return undefined;
  if (toCapacity < 0) return `has ${capacity} already: ${to} is less, and volumes never shrink`;
  if (toFrom > 0) return undefined;
  if (compareQuantities(from, capacity) <= 0)
    return `asks for ${from}: ${to} is less, and volumes never shrink`;
  return toCapacity > 0
    ? undefined
    : `asks for ${from} and has ${capacity}: the API takes it back only to more than ${capacity}`;
}

function cannotGrow(
  { claim, to, from, capacity }: PlannedClaim,
  { classes, volumes }: Pick<Found, "classes" | "volumes">,
): string | undefined {
  if (compareQuantities(to, from) > 0) {
    const name = classOf(claim);
    const found = name === undefined ? undefined : classes?.get(name);
    if (name === undefined) return "has no StorageClass: only what a class has made can grow";
    if (classes && !found) return `is of StorageClass ${name}, which is not there`;
    if (found && !found.mayGrow) return `is of StorageClass ${name}, which has no allowVolumeExpansion: true`;
  }
  const byHand = volumes?.get(claim.spec.volumeName ?? "")?.madeByHand;
  if (byHand === undefined || compareQuantities(to, capacity) <= 0) return undefined;
  return `is on volume ${claim.spec.volumeName}, made by hand (${byHand}): nothing would grow it`;
}
