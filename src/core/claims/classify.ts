import { parsePodName, podName } from "../identity.js";
import type { AutoscalerFacts, ClaimFacts, PodFacts, SetFacts, Surroundings } from "./facts.js";
import { groupBy } from "../group.js";
import type { Case, Judgement, Source } from "./judge.js";
import { judge } from "./judge.js";
import type { GoneSet, Siblings } from "./leftover.js";
import { divide, findSiblings, judgePlace, leftoverPlaces, possibleRivals, rivalPlaces } from "./leftover.js";
import type { StateOfClaim } from "./states.js";

/** A claim and what it is to the sets of its namespace. */
export interface ClassifiedClaim extends StateOfClaim {
  claim: ClaimFacts;
  /** Why, in plain words. */
  reason: string;
  /** Where the state is about one set: its name, and the template and ordinal that give the claim's name. */
  set?: string;
  template?: string;
  ordinal?: number;
  /** The pod that mounts it. */
  pod?: string | undefined;
  /** Who wants it, where the state does not say so: it is nobody's, or of more than one. */
  wanted?: string | undefined;
  /** Every set that could own it: one, unless the state is `ambiguous`. */
  sets: readonly string[];
}

/** Judges one claim at a time against what surrounds it. */
export type Classifier = (claim: ClaimFacts) => ClassifiedClaim;

/** By namespace, set and template, then by ordinal as a number. */
export function byPlace(a: ClassifiedClaim, b: ClassifiedClaim): number {
  return (
    compare(a.claim.namespace, b.claim.namespace) ||
    compare(a.sets[0] ?? "", b.sets[0] ?? "") ||
    compare(a.template ?? "", b.template ?? "") ||
    (a.ordinal ?? 0) - (b.ordinal ?? 0) ||
    compare(a.claim.name, b.claim.name)
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const highestOrdinal = 2_147_483_647;

/**
 * Prepares the judging of claims by the exact names that the existing sets give, never by prefix (safety.md).
 * `claims` are those among which a deleted set's are recognised; `gone` are sets that a person named as deleted.
 */
export function classifier(
  surroundings: Surroundings,
  claims: readonly ClaimFacts[],
  gone: readonly GoneSet[] = [],
): Classifier {
  const named = [...new Map(gone.map((place) => [`${place.set}/${place.template}`, place])).values()];
  const index = buildIndex(surroundings, named);
  const siblings = findSiblings(claims);
  return (claim) => classify(claim, index, siblings);
}

/** What a name says without its ordinal: all ordinals of a set's template share it. */
interface Base {
  /** `<template>-<set>`, in whichever way it divides. */
  base: string;
  /** Every way in which it divides. */
  divisions: readonly GoneSet[];
  /** The sets that give it. */
  sources: readonly { set: SetFacts; template: string }[];
  /** A person named it as a deleted set's. */
  isNamed: boolean;
  /** The sources, and what was named. */
  known: readonly GoneSet[];
  /** Other sets that may have left a claim of the base behind. */
  rivals: readonly GoneSet[];
}

interface Index {
  /** By `namespace/set`. */
  sets: ReadonlyMap<string, SetFacts>;
  /** Of the sets. */
  uids: ReadonlySet<string>;
  /** By `namespace/claim`. */
  mounts: ReadonlyMap<string, PodFacts>;
  /** `namespace/pod`. */
  pods: ReadonlySet<string>;
  /** By `namespace/set`; undefined: they could not be read. */
  autoscalers: ReadonlyMap<string, readonly AutoscalerFacts[]> | undefined;
  baseOf(namespace: string, base: string): Base;
}

function buildIndex({ sets: list, pods, autoscalers }: Surroundings, gone: readonly GoneSet[]): Index {
  const sets = new Map(list.map((set) => [`${set.namespace}/${set.name}`, set]));
  return {
    sets,
    baseOf: bases(list, sets, gone),
    uids: new Set(list.map(({ uid }) => uid)),
    mounts: new Map(pods.flatMap(mountsOf)),
    pods: new Set(pods.map((pod) => `${pod.namespace}/${pod.name}`)),
    autoscalers: autoscalers && groupBy(autoscalers, ({ namespace, set }) => `${namespace}/${set}`),
  };
}

/** Looks at each base once. */
function bases(
  list: readonly SetFacts[],
  sets: Index["sets"],
  gone: readonly GoneSet[],
): (namespace: string, base: string) => Base {
  const pairs = list.flatMap((set) => set.templates.map((template) => ({ set, template })));
  const sourcesOf = groupBy(pairs, ({ set, template }) => `${set.namespace}/${template}-${set.name}`);
  const seen = new Map<string, Base>();
  const look = (namespace: string, base: string): Base => {
    const divisions = divide(base);
    const sources = sourcesOf.get(`${namespace}/${base}`) ?? [];
    const named = namedAsGone(namespace, base, sets, gone);
    const known = [...sources.map(({ set, template }) => ({ set: set.name, template })), ...named];
    const exists = ({ set }: GoneSet) => sets.has(`${namespace}/${set}`);
    const rivals = possibleRivals(divisions, known, sources.length > 0 ? exists : () => true);
    return { base, divisions, sources, isNamed: named.length > 0, known, rivals };
  };
  return (namespace, base) => {
    const key = `${namespace}/${base}`;
    const found = seen.get(key) ?? look(namespace, base);
    seen.set(key, found);
    return found;
  };
}

function mountsOf(pod: PodFacts): [string, PodFacts][] {
  return pod.claims.map((claim) => [`${pod.namespace}/${claim}`, pod]);
}

function classify(claim: ClaimFacts, index: Index, siblings: Siblings): ClassifiedClaim {
  const name = parsePodName(claim.name);
  if (!name || name.ordinal > highestOrdinal) return { claim, ...notOurs };
  const { ordinal } = name;
  const { sets } = index;
  const { base, divisions, sources, isNamed, known, rivals } = index.baseOf(claim.namespace, name.set);
  const seen = { claim, base, divisions, ordinal, sets, siblings };
  const places = known.length > 0 ? known.concat(rivalPlaces(seen, known, rivals)) : leftoverPlaces(seen);
  const [place] = places;
  const isAmbiguous = places.length > 1;
  const pod = index.mounts.get(`${claim.namespace}/${claim.name}`)?.name;
  const mounted = pod === undefined ? undefined : `mounted by pod ${pod}`;
  if (!place) return { claim, ...notOurs, wanted: mounted };

  const names = places.map(({ set }) => set);
  if (isAmbiguous) {
    if (mounted !== undefined) return { claim, sets: names, state: "in-use", reason: mounted, pod };
    const kept = sources.map((source) => judge(caseOf(claim, { ...source, ordinal }, index)));
    const wanted = kept.find(({ state }) => state === "reserved")?.reason;
    return { claim, sets: names, state: "ambiguous", reason: severalPlaces(places), wanted };
  }
  const { set, template } = place;
  const as = ({ state, reason, also }: Judgement): ClassifiedClaim => {
    const judged = { claim, set, template, ordinal, sets: names, state, reason, pod };
    return also === undefined ? judged : { ...judged, also };
  };
  if (mounted !== undefined) return as({ state: "in-use", reason: mounted });
  const [source] = sources;
  if (source) return as(judge(caseOf(claim, { ...source, ordinal }, index)));
  const judged = judgePlace(claim, { set, template, ordinal }, index.sets.get(`${claim.namespace}/${set}`));
  const recognised = judged.state === "set-deleted" && !isNamed;
  return as((recognised && usedLikeIt(siblings(claim, base), index)) || judged);
}

/**
 * Pods that use its siblings are somebody's: an operator's, or of a set that is being made again around them. Those of
 * a set that is gone are no sign of that: garbage collection is about to take them.
 */
function usedLikeIt(siblings: readonly ClaimFacts[], { mounts, uids }: Index): Judgement | undefined {
  for (const { namespace, name } of siblings) {
    const pod = mounts.get(`${namespace}/${name}`);
    if (!pod || (pod.setUid !== undefined && !uids.has(pod.setUid))) continue;
    return {
      state: "ambiguous",
      reason: `it is like ${name}, which pod ${pod.name} uses without such a set`,
    };
  }
  return undefined;
}

const notOurs = { state: "not-ours", reason: "no set could own it", sets: [] } as const;

function severalPlaces(places: readonly GoneSet[]): string {
  return `its name fits ${places.map(({ set, template }) => `template ${template} of ${set}`).join(" and ")}`;
}

/** What a person named as deleted counts only where no set of that name exists. */
function namedAsGone(
  namespace: string,
  base: string,
  sets: Index["sets"],
  gone: readonly GoneSet[],
): readonly GoneSet[] {
  return gone.filter(
    ({ set, template }) => `${template}-${set}` === base && !sets.has(`${namespace}/${set}`),
  );
}

function caseOf(claim: ClaimFacts, source: Source, { pods, autoscalers }: Index): Case {
  const { namespace, name } = source.set;
  return {
    claim,
    source,
    podExists: pods.has(`${namespace}/${podName(name, source.ordinal)}`),
    autoscalers: autoscalers && (autoscalers.get(`${namespace}/${name}`) ?? []),
  };
}
