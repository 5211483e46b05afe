import { formatAge } from "../duration.js";
import { claimName, claimTemplateNames, ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";
import { nameOrdinals } from "../progress/naming.js";
import { enumerate } from "../words.js";
import type { Unused } from "./age.js";
import type { ClassifiedClaim } from "./classify.js";
import type { ClaimFacts } from "./facts.js";

/** A set as far as its name, its claim templates and its ordinals go. */
type Scaled = Pick<StatefulSet, "metadata" | "spec">;

/** A claim that is there already, and that an ordinal takes up when its set is scaled up. */
export interface ReturningClaim {
  claim: ClaimFacts;
  ordinal: number;
  unused: Unused;
}

/** The places of the ordinals that scaling a set up to `replicas` adds, by the names of their claims. */
export function addedClaims(
  set: Scaled,
  replicas: number,
): Map<string, { template: string; ordinal: number }> {
  const { start, end } = ordinalRange(set as StatefulSet);
  const templates = claimTemplateNames(set as StatefulSet);
  const places = new Map<string, { template: string; ordinal: number }>();
  for (let ordinal = end; ordinal < start + replicas; ordinal += 1) {
    for (const template of templates)
      places.set(claimName(template, set.metadata.name, ordinal), { template, ordinal });
  }
  return places;
}

/** Those of the claims that an added ordinal takes up; by ordinal. They may be in any state: the name alone decides. */
export function returningClaims(
  set: Scaled,
  replicas: number,
  claims: readonly ClaimFacts[],
  unusedOf: (claim: ClassifiedClaim) => Unused,
): ReturningClaim[] {
  const { name, namespace } = set.metadata;
  const places = addedClaims(set, replicas);
  if (places.size === 0) return [];
  const found = claims.flatMap((claim): ReturningClaim[] => {
    const place = claim.namespace === namespace ? places.get(claim.name) : undefined;
    if (!place) return [];
    const leftOver = { claim, state: "scaled-down", reason: "", set: name, ...place, sets: [name] } as const;
    return [{ claim, ordinal: place.ordinal, unused: unusedOf(leftOver) }];
  });
  const order = new Map([...places.keys()].map((key, index) => [key, index]));
  const rank = ({ claim }: ReturningClaim): number => order.get(claim.name) ?? 0;
  return found.sort((a, b) => rank(a) - rank(b));
}

const knownBy: readonly Unused["by"][] = ["condition", "event", "creation"];

/**
 * At most a line for each way of knowing how long they were unused, and one for those that are on their way out. `way`
 * is how to do without them.
 */
export function describeReturning(
  set: string,
  claims: readonly ReturningClaim[],
  { now, way }: { now: number; way?: string },
): string[] {
  const staying = claims.filter(({ claim }) => !claim.deleting);
  const lines = knownBy.flatMap((by) => {
    const found = staying.filter(({ unused }) => unused.by === by);
    if (found.length === 0) return [];
    const one = found.length === 1;
    const age = ageOf(found, now);
    const known = {
      condition: `unused for ${age}, by condition`,
      event: `unused for ${age}, by events`,
      creation: `created ${age} ago, last use not known`,
    };
    const [come, their] = one ? ["comes", "its"] : ["come", "their"];
    return [`${namesOf(found)} ${come} back with ${their} old data (${known[by]})`];
  });
  const last = lines.pop();
  if (last !== undefined) lines.push(way === undefined ? last : `${last}; ${way}`);
  const going = claims.filter(({ claim }) => claim.deleting);
  if (going.length === 0) return lines;
  const are = going.length === 1 ? "is" : "are";
  const ordinals = [...new Set(going.map(({ ordinal }) => ordinal))];
  const [wait, start] = ordinals.length === 1 ? ["waits", "starts"] : ["wait", "start"];
  return [
    ...lines,
    `${namesOf(going)} ${are} being deleted: ${nameOrdinals(set, ordinals)} ${wait} for that and ${start} empty`,
  ];
}

const namesOf = (claims: readonly ReturningClaim[]): string =>
  enumerate(claims.map(({ claim }) => claim.name));

/** `12d`, or `3d to 12d`. */
function ageOf(claims: readonly ReturningClaim[], now: number): string {
  const since = claims.map(({ unused }) => unused.since);
  const ages = [Math.max(...since), Math.min(...since)].map((time) => formatAge(now - time));
  return [...new Set(ages)].join(" to ");
}
