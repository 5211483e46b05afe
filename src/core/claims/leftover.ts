import { parsePodName } from "../identity.js";
import type { ClaimFacts, SetFacts } from "./facts.js";
import type { Judgement } from "./judge.js";
import { groupBy } from "../group.js";
import { condemnedByPolicy, foreignOwner, isPodOf, isSet } from "./owner.js";

/** A set that a person says has been deleted, and one of the claim templates that it had. */
export interface GoneSet {
  set: string;
  template: string;
}

export type Place = GoneSet & { ordinal: number };

/** A claim whose name no existing set gives, and what is known around it. */
export interface LeftoverCase {
  claim: ClaimFacts;
  /** The name without its ordinal: `<template>-<set>`, in whichever way it divides. */
  base: string;
  /** Every way in which the base divides into template and set. */
  divisions: readonly GoneSet[];
  ordinal: number;
  /** By `namespace/set`. */
  sets: ReadonlyMap<string, SetFacts>;
  siblings: Siblings;
}

/** The claims of the same base that carry the very same labels, the claim itself among them. */
export type Siblings = (claim: ClaimFacts, base: string) => readonly ClaimFacts[];

/** What a template's name may look like: a DNS label (API validation of volumeClaimTemplates). */
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The sets that may have left a claim behind, by removing a template or by being deleted: none, one, or several that
 * cannot be told apart. Neither is ever guessed from the name alone.
 */
export function leftoverPlaces(seen: LeftoverCase): Place[] {
  const { claim, divisions, ordinal } = seen;
  const places = divisions.map((place) => ({ ...place, ordinal }));
  const owned = places.filter((place) => isOwnedBy(claim, place));
  const ofSets = owned.length > 0 ? owned : places.filter((place) => isOfRemovedTemplate(seen, place));
  return ofSets.length > 0 ? ofSets : recognise(seen, places);
}

/** Ways to divide a base, whose claims are of `known` sets, that give another one, of those that are `possible`. */
export function possibleRivals(
  divisions: readonly GoneSet[],
  known: readonly GoneSet[],
  possible: (place: GoneSet) => boolean,
): GoneSet[] {
  return divisions.filter((place) => !known.some(({ set }) => set === place.set) && possible(place));
}

/**
 * The other sets that may have left behind a claim whose name a set gives, or a person's word: existing ones that had
 * such a template once, by the claim's labels, and gone ones that its labels name. `possible` are those that are looked
 * at. None where its owner is one that is known.
 */
export function rivalPlaces(
  seen: LeftoverCase,
  known: readonly GoneSet[],
  possible: readonly GoneSet[],
): Place[] {
  const { claim, ordinal, sets } = seen;
  if (possible.length === 0) return [];
  if (known.some(({ set }) => isOwnedBy(claim, { set, ordinal }))) return [];
  const values = new Set(Object.values(claim.labels));
  const isNamed = ({ set }: GoneSet) =>
    values.has(set) && !sets.has(`${claim.namespace}/${set}`) && !isByHand(claim);
  return possible
    .filter((place) => isNamed(place) || isOfRemovedTemplate(seen, { ...place, ordinal }))
    .map((place) => ({ ...place, ordinal }));
}

function isOwnedBy({ owners }: ClaimFacts, { set, ordinal }: { set: string; ordinal: number }): boolean {
  return owners.some((owner) => isSet(owner, set) || isPodOf(owner, set, ordinal));
}

/** Of a set that is gone (`existing` undefined) or no longer has the template. */
export function judgePlace(claim: ClaimFacts, place: Place, existing?: SetFacts): Judgement {
  const { set, template, ordinal } = place;
  const held = foreignOwner(claim, set, ordinal) ?? condemnedByPolicy(claim, place, existing);
  if (held) return held;
  if (!existing) return { state: "set-deleted", reason: `StatefulSet ${set} is gone` };
  return { state: "template-gone", reason: `${set} has no claim template ${template} any more` };
}

/** Every way in which a base divides into template and set. */
export function divide(base: string): GoneSet[] {
  const dashes = [...base.matchAll(/-/g)].map(({ index }) => index);
  return dashes
    .map((index) => ({ template: base.slice(0, index), set: base.slice(index + 1) }))
    .filter(({ template, set }) => dnsLabel.test(template) && /^[a-z0-9]/.test(set));
}

/** The set is there, lacks the template, and the claim has the labels that the set's controller puts on claims. */
function isOfRemovedTemplate({ claim, sets }: LeftoverCase, { set: name }: Place): boolean {
  const set = sets.get(`${claim.namespace}/${name}`);
  if (!set) return false;
  const labels = Object.entries(set.labels);
  return labels.length > 0 && labels.every(([key, value]) => claim.labels[key] === value) && !isByHand(claim);
}

/**
 * The sets that are gone and could have left it. Its labels must speak for a set, and so must either who made it
 * (the controller manager) or siblings with other ordinals. Where the name divides in several ways, a label that has
 * the set's name as its value decides; without one all of them stay possible.
 */
function recognise({ claim, base, sets, siblings }: LeftoverCase, places: readonly Place[]): Place[] {
  const values = new Set(Object.values(claim.labels));
  if (values.size === 0 || isByHand(claim)) return [];
  if (claim.creator !== "kube-controller-manager" && siblings(claim, base).length < 2) return [];
  const gone = places.filter(({ set }) => !sets.has(`${claim.namespace}/${set}`));
  const labelled = gone.filter(({ set }) => values.has(set));
  return labelled.length > 0 ? labelled : gone;
}

/** kubectl's field managers are `kubectl-create`, `kubectl-client-side-apply` …: a person made it, no controller. */
function isByHand({ creator }: ClaimFacts): boolean {
  return creator?.startsWith("kubectl") ?? false;
}

/** Built at the first question: most clusters have no leftovers of deleted sets. */
export function findSiblings(claims: readonly ClaimFacts[]): Siblings {
  let kin: Map<string, ClaimFacts[]> | undefined;
  return (claim, base) => {
    kin ??= groupKin(claims);
    return kin.get(kinOf(claim, base)) ?? [];
  };
}

function groupKin(claims: readonly ClaimFacts[]): Map<string, ClaimFacts[]> {
  const based = claims.flatMap((claim) => {
    const base = parsePodName(claim.name)?.set;
    return base === undefined ? [] : { claim, base };
  });
  const groups = groupBy(based, ({ claim, base }) => kinOf(claim, base));
  return new Map([...groups].map(([kin, members]) => [kin, members.map(({ claim }) => claim)]));
}

function kinOf({ namespace, labels }: ClaimFacts, base: string): string {
  return JSON.stringify([namespace, base, Object.entries(labels).sort()]);
}
