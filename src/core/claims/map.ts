import { inRange } from "../identity.js";
import type { ClassifiedClaim } from "./classify.js";
import type { Resize, SetFacts } from "./facts.js";
import type { ClaimState } from "./states.js";

/** What a glance at a place of a map should tell: the state of its claim, unless there is something more urgent. */
export type Standing =
  | Exclude<ClaimState, "not-ours">
  | "missing"
  | "Pending"
  | "Lost"
  | "Terminating"
  | Resize;

/** A template of a map, and its claims by ordinal. */
export interface MapRow {
  template: string;
  claims: ReadonlyMap<number, ClassifiedClaim>;
  /** Whether the set has the template, so that every ordinal in its range should have a claim of it. */
  wanted: boolean;
}

/** The claims of one set, by template and ordinal. */
export interface ClaimMap {
  namespace: string;
  name: string;
  /** Undefined: the set is gone. */
  set: SetFacts | undefined;
  /** In the order of the manifest; templates that the set no longer has come last. */
  rows: readonly MapRow[];
}

/**
 * Maps of every set that has claims or should have some, by namespace and name. Each claim is in one place of one map,
 * or in `elsewhere`: claims that several sets could own.
 */
export function mapClaims(
  claims: readonly ClassifiedClaim[],
  sets: readonly SetFacts[],
): { maps: ClaimMap[]; elsewhere: ClassifiedClaim[] } {
  const drafts = new Map<string, Draft>();
  for (const set of sets) {
    const rows = new Map(set.templates.map((template) => [template, new Map<number, ClassifiedClaim>()]));
    drafts.set(`${set.namespace}/${set.name}`, { namespace: set.namespace, name: set.name, set, rows });
  }
  const elsewhere = claims.filter((claim) => !place(claim, drafts));
  const maps = [...drafts.values()].map(finish).filter(hasPlaces).sort(byName);
  return { maps, elsewhere };
}

interface Draft extends Pick<ClaimMap, "namespace" | "name" | "set"> {
  rows: Map<string, Map<number, ClassifiedClaim>>;
}

/** Whether the claim has a place at all. */
function place(classified: ClassifiedClaim, drafts: Map<string, Draft>): boolean {
  const { claim, set: name, template, ordinal } = classified;
  if (name === undefined || template === undefined || ordinal === undefined) return false;
  const key = `${claim.namespace}/${name}`;
  const draft = drafts.get(key) ?? { namespace: claim.namespace, name, set: undefined, rows: new Map() };
  drafts.set(key, draft);
  const row = draft.rows.get(template) ?? new Map<number, ClassifiedClaim>();
  draft.rows.set(template, row.set(ordinal, classified));
  return true;
}

function finish({ rows, ...draft }: Draft): ClaimMap {
  const { set } = draft;
  return {
    ...draft,
    rows: [...rows].map(([template, claims]) => ({
      template,
      claims,
      wanted: set !== undefined && !set.deleting && set.templates.includes(template),
    })),
  };
}

function hasPlaces({ set, rows }: ClaimMap): boolean {
  const inRangeOf = set && set.end > set.start && rows.some(({ wanted }) => wanted);
  return inRangeOf || rows.some(({ claims }) => claims.size > 0);
}

function byName(one: ClaimMap, other: ClaimMap): number {
  const [left, right] = [one, other].map(({ namespace, name }) => `${namespace}/${name}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

/** How it stands with an ordinal and a template; undefined where no claim is and none should be. */
export function standingAt({ set }: ClaimMap, row: MapRow, ordinal: number): Standing | undefined {
  const claim = row.claims.get(ordinal);
  if (claim) return standingOf(claim);
  return set && row.wanted && inRange(set, ordinal) ? "missing" : undefined;
}

/** What is left over stays that, bound or not: whether it can go is what counts of it. */
export function standingOf({ claim, state }: ClassifiedClaim): Standing {
  if (claim.deleting) return "Terminating";
  if (claim.phase === "Lost") return "Lost";
  const kept = state === "in-use" || state === "reserved";
  if (kept && claim.phase !== "Bound") return "Pending";
  if (kept && claim.resize) return claim.resize;
  return state === "not-ours" ? "ambiguous" : state;
}
