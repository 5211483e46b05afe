import { claimTemplateNames, inRange, ordinalRange, parsePodName, podName } from "../identity.js";
import type { StatefulSet } from "../model.js";
import type { ClaimFacts } from "./facts.js";
import { isPodOf, isSet } from "./owner.js";
import type { RetentionPolicy } from "./retention.js";

type Reference = ClaimFacts["owners"][number];

/** Whose a claim is to the garbage collector, as far as a set's retention policy goes: with whom it is destroyed. */
export type ClaimOwner = "none" | "set" | "pod";

/** A claim of one set, and what its retention policy makes of it. */
export interface OwnedClaim {
  claim: ClaimFacts;
  ordinal: number;
  /** Where the claim's ordinal stands: `left-over` is out of range and without a pod. */
  place: "running" | "awaited" | "condemned" | "left-over";
  /** Its references to the set, and to the set's pod of its ordinal, be it this one or an earlier one. */
  references: readonly Reference[];
  /** Why no policy reaches it, in plain words; undefined where one does. */
  beyond: string | undefined;
}

/**
 * The claims of a set by the exact names that its templates give, and those that refer to it or to a pod of it; by
 * ordinal, then by name. `hasPod` tells whether a pod of that name exists.
 */
export function ownedClaims(
  set: StatefulSet,
  claims: readonly ClaimFacts[],
  hasPod: (name: string) => boolean,
): OwnedClaim[] {
  const { namespace, name } = set.metadata;
  const bases = new Set(claimTemplateNames(set).map((template) => `${template}-${name}`));
  const found = claims.flatMap((claim): OwnedClaim[] => {
    const parsed = claim.namespace === namespace ? parsePodName(claim.name) : undefined;
    if (!parsed || !parsed.set.endsWith(`-${name}`)) return [];
    const { set: base, ordinal } = parsed;
    const references = claim.owners.filter((owner) => isOurs(owner, set, ordinal));
    if (!bases.has(base) && references.length === 0) return [];
    const place = placeOf(set, ordinal, hasPod(podName(name, ordinal)));
    return [{ claim, ordinal, place, references, beyond: beyondReach(claim, set, ordinal) }];
  });
  return found.sort((a, b) => a.ordinal - b.ordinal || (a.claim.name < b.claim.name ? -1 : 1));
}

function isOurs(owner: Reference, { metadata: { name, uid } }: StatefulSet, ordinal: number): boolean {
  return owner.uid === uid || isPodOf(owner, name, ordinal);
}

function placeOf(set: StatefulSet, ordinal: number, podExists: boolean): OwnedClaim["place"] {
  if (inRange(ordinalRange(set), ordinal)) return podExists ? "running" : "awaited";
  return podExists ? "condemned" : "left-over";
}

/** As the controller has it: claims with a reference to an earlier set, or of another controller, are not touched. */
function beyondReach(claim: ClaimFacts, set: StatefulSet, ordinal: number): string | undefined {
  if (claim.deleting) return "it is being deleted already";
  const { name, uid } = set.metadata;
  if (claim.owners.some((owner) => isSet(owner, name) && owner.uid !== uid))
    return `its owner is an earlier ${name}`;
  const foreign = claim.owners.find((owner) => owner.controller && !isOurs(owner, set, ordinal));
  return foreign && `its controller is ${foreign.kind} ${foreign.name}`;
}

/** Whose a claim is now. */
export function ownerOf({ references }: OwnedClaim): ClaimOwner {
  if (references.some(({ kind }) => kind === "Pod")) return "pod";
  return references.length > 0 ? "set" : "none";
}

/**
 * Whose a claim is to be under a policy (semantics.md, "Claims and retention"; `updateClaimOwnerRefForSetAndPod`). A
 * left-over one is given no owner, as the controller only looks at ordinals that have a pod; it keeps the one it has
 * where the policy still means it.
 */
export function ownerUnder(policy: RetentionPolicy, owned: OwnedClaim): ClaimOwner {
  const { place, beyond } = owned;
  if (beyond !== undefined) return owned.claim.deleting ? ownerOf(owned) : "none";
  const deletes = { set: policy.whenDeleted === "Delete", pod: policy.whenScaled === "Delete" };
  if (place === "left-over") {
    const now = ownerOf(owned);
    return now !== "none" && deletes[now] ? now : "none";
  }
  if (place === "condemned" && deletes.pod) return "pod";
  return deletes.set ? "set" : "none";
}

/** The references of a claim that a policy does not mean. */
export function unwantedReferences(policy: RetentionPolicy, owned: OwnedClaim): Reference[] {
  const wanted = ownerUnder(policy, owned);
  return owned.references.filter(({ kind }) => (kind === "Pod" ? "pod" : "set") !== wanted);
}

/** Whether the controller has yet to give a claim its owner. It does so for ordinals that have a pod. */
export function lacksOwner(policy: RetentionPolicy, owned: OwnedClaim): boolean {
  const { place, beyond } = owned;
  if (beyond !== undefined || place === "left-over" || place === "awaited") return false;
  const wanted = ownerUnder(policy, owned);
  return wanted !== "none" && ownerOf(owned) !== wanted;
}

/** What would destroy a claim under a policy: `going` is one whose pod is on its way out already. */
export interface Destruction {
  scaling: "kept" | "deleted" | "going";
  deletion: "kept" | "deleted";
}

export function destructionUnder(policy: RetentionPolicy, owned: OwnedClaim): Destruction {
  const owner = ownerUnder(policy, owned);
  if (owned.claim.deleting) return { scaling: "going", deletion: "deleted" };
  if (owner === "pod") return { scaling: "going", deletion: "deleted" };
  const inRangeNow = owned.place === "running" || owned.place === "awaited";
  const scaled = policy.whenScaled === "Delete" && inRangeNow && owned.beyond === undefined;
  return { scaling: scaled ? "deleted" : "kept", deletion: owner === "set" ? "deleted" : "kept" };
}
