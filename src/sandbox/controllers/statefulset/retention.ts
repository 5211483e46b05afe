import type { AnyObject, OwnerReference } from "../../port.js";
import { controllerReference, ownersOf } from "../framework/objects.js";
import { isInRange } from "./identity.js";

type Policy = "Retain" | "Delete";

/** `spec.persistentVolumeClaimRetentionPolicy`, Retain where nothing is said. */
export function retentionPolicy(set: AnyObject): { whenDeleted: Policy; whenScaled: Policy } {
  return { whenDeleted: "Retain", whenScaled: "Retain", ...set.spec.persistentVolumeClaimRetentionPolicy };
}

/**
 * Who the policy wants as the claim's controller: nobody for Retain/Retain; the set for whenDeleted=Delete; the pod,
 * once it is condemned, for whenScaled=Delete.
 */
function wantedOwner(set: AnyObject, pod: AnyObject): AnyObject | undefined {
  const { whenDeleted, whenScaled } = retentionPolicy(set);
  if (whenScaled === "Delete" && !isInRange(set, pod)) return pod;
  return whenDeleted === "Delete" ? set : undefined;
}

/** Whether the reference names the object, be it this one or an earlier one of its name. */
function names(reference: OwnerReference, object: AnyObject): boolean {
  return (
    reference.apiVersion === object.apiVersion &&
    reference.kind === object.kind &&
    reference.name === object.metadata.name
  );
}

/** A reference to an earlier object of the same name: the garbage collector's business. */
export function hasStaleOwner(claim: AnyObject, object: AnyObject): boolean {
  const reference = ownersOf(claim).find((owner) => names(owner, object));
  return reference !== undefined && reference.uid !== object.metadata.uid;
}

/** Under a policy that deletes: someone else controls the claim, so the policy is not applied to it. */
export function hasForeignController(claim: AnyObject, set: AnyObject, pod: AnyObject): boolean {
  const { whenDeleted, whenScaled } = retentionPolicy(set);
  if (whenDeleted === "Retain" && whenScaled === "Retain") return false;
  return ownersOf(claim).some((owner) => {
    const ours = [set, pod].find((object) => names(owner, object));
    return ours ? owner.uid !== ours.metadata.uid : owner.controller === true;
  });
}

/** True when the claim's owner references are those that the policy asks for, or must not be touched. */
export function ownersMatch(claim: AnyObject, set: AnyObject, pod: AnyObject): boolean {
  if (hasStaleOwner(claim, set) || hasStaleOwner(claim, pod)) return true;
  const ours = ownersOf(claim).filter(({ uid }) => [set.metadata.uid, pod.metadata.uid].includes(uid));
  if (hasForeignController(claim, set, pod)) return ours.length === 0;
  if (ours.some(({ controller }) => !controller)) return false;
  const wanted = wantedOwner(set, pod);
  return wanted ? ours.length === 1 && ours[0]?.uid === wanted.metadata.uid : ours.length === 0;
}

/** The owner references that the policy asks for; those of others stay. */
export function wantedOwners(claim: AnyObject, set: AnyObject, pod: AnyObject): OwnerReference[] {
  const others = ownersOf(claim).filter((owner) => !names(owner, set) && !names(owner, pod));
  const wanted = hasForeignController(claim, set, pod) ? undefined : wantedOwner(set, pod);
  return wanted ? [...others, controllerReference(wanted)] : others;
}
