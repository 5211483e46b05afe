import type { Unused } from "../../core/claims/age.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { SetFacts } from "../../core/claims/facts.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { includable, statesOf } from "../../core/claims/states.js";
import type { ReclaimPolicies } from "../../core/claims/volumes.js";
import { describeFate, fateOf } from "../../core/claims/volumes.js";
import { eventVersion, type ClaimEvent } from "../../core/progress/events.js";
import { groupBy } from "../../core/group.js";
import { sumQuantities } from "../../core/quantity.js";
import { claimAmount } from "./summary.js";
import { sanitizeLine } from "../sanitize.js";

/**
 * The claims that are deleted together with their set, and what becomes of the data; in shorter words where `columns`
 * are too few for the long ones.
 */
export function doomedClaims(
  claims: readonly ClassifiedClaim[],
  policies: ReclaimPolicies,
  columns: number | undefined,
): string {
  const rows = (length: "short" | "long") =>
    align(
      claims.map(({ claim, state }) => [
        claim.name,
        state,
        claim.size,
        claim.storageClass ?? "",
        describeFate(fateOf(claim, policies))[length],
      ]),
    );
  const [first] = claims;
  if (!first) return "";
  const long = rows("long");
  return `Claims of ${first.claim.namespace}/${first.set}:\n${fits(long, columns) ? long : rows("short")}`;
}

export interface PlanOptions {
  policies: ReclaimPolicies;
  /** Milliseconds. */
  now: number;
  /** Volumes are set to Retain first. */
  keepData: boolean;
  /** Width to keep to, by shorter words for what becomes of the data; undefined is no limit. */
  columns: number | undefined;
}

/** What is about to be deleted, set by set, what becomes of the data, and how much it is in all. */
export function cleanupPlan(
  chosen: readonly ChosenClaim[],
  sets: readonly SetFacts[],
  options: PlanOptions,
): string {
  const byName = new Map(sets.map((set) => [`${set.namespace}/${set.name}`, set]));
  const groups = groupBy(chosen, ({ claim, set }) => `${claim.namespace}/${set}`);
  const blocks = [...groups].map(([name, claims]) => {
    const states = new Set(claims.map(stateOf));
    const [state] = states.size === 1 ? states : [undefined];
    const rows = (width: Width) =>
      align(claims.map((claim) => planRow(claim, { ...options, width, state: state === undefined })));
    const widest = widths.map(rows).find((text) => fits(text, options.columns)) ?? rows("narrow");
    return `${titleOf(name, byName.get(name), state)}\n${widest}`;
  });
  return blocks.join("") + (chosen.length > 1 ? total(chosen, options) : "");
}

function stateOf(classified: ChosenClaim): string {
  const words: string[] = statesOf(classified);
  return [...words, ...(classified.claim.deleting ? ["Terminating"] : [])].join(", ");
}

/** What a terminal has room for: `short` has shorter words for what becomes of the data, `narrow` no class, either. */
const widths = ["long", "short", "narrow"] as const;
type Width = (typeof widths)[number];

/** `state`: what all claims of the block have in common. */
function titleOf(name: string, set: SetFacts | undefined, state: string | undefined): string {
  const about = set
    ? ` (replicas ${set.end - set.start})${state === undefined ? "" : `, ${state}`}, in no pod's use:`
    : `, which is gone${state === undefined ? "" : ` (${state})`}:`;
  return sanitizeLine(`Left over from ${name}${about}`);
}

function planRow(
  chosen: ChosenClaim,
  options: PlanOptions & { state: boolean; width: Width },
): readonly string[] {
  const { claim, unused } = chosen;
  return [
    claim.name,
    ...(options.state ? [stateOf(chosen)] : []),
    unusedInWords(unused, options.now),
    claim.size,
    ...(options.width === "narrow" ? [] : [claim.storageClass ?? ""]),
    fateInWords(claim, options, options.width === "long" ? "long" : "short"),
  ];
}

/** `Delete: the volume and its data are destroyed`, or `Delete, set to Retain first: the volume stays, Released`. */
function fateInWords(
  claim: ChosenClaim["claim"],
  { policies, keepData }: Pick<PlanOptions, "policies" | "keepData">,
  form: "long" | "short",
): string {
  const fate = fateOf(claim, policies);
  if (fate === "none") return describeFate(fate)[form];
  const policy = fate === "unknown" ? "policy unknown" : fate;
  if (!keepData || fate === "Retain") {
    return `${fate === "unknown" ? "" : `${policy}: `}${describeFate(fate)[form]}`;
  }
  if (form === "short") return `${policy} to Retain: volume kept`;
  return `${policy}, set to Retain first: ${describeFate("Retain").long}`;
}

function fits(text: string, columns: number | undefined): boolean {
  return columns === undefined || text.split("\n").every((line) => line.length <= columns);
}

/** Of each fate, in the order of what is worst. */
const fatesInAll = [
  ["Delete", "destroyed"],
  ["Recycle", "wiped"],
  ["unknown", "perhaps destroyed"],
  ["Retain", "kept"],
  ["none", "without a volume"],
] as const;

/** `2 claims, 2Gi: 1Gi destroyed, 1Gi kept`. */
function total(chosen: readonly ChosenClaim[], { policies, keepData }: PlanOptions): string {
  const fateAtLast = ({ claim }: ChosenClaim) => {
    const fate = fateOf(claim, policies);
    return keepData && fate !== "none" ? "Retain" : fate;
  };
  const parts = fatesInAll.flatMap(([fate, word]) => {
    const sizes = chosen.filter((claim) => fateAtLast(claim) === fate).map(({ claim }) => claim.size);
    return sizes.length > 0 ? `${sumQuantities(sizes)} ${word}` : [];
  });
  return `In all ${claimAmount(chosen)}: ${parts.join(", ")}\n`;
}

function align(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(sanitizeLine));
  const widths = (clean[0] ?? []).map((_, column) =>
    clean.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const used = widths.flatMap((width, column) => (width > 0 ? column : []));
  const line = (row: readonly string[]) =>
    used.map((column) => (row[column] ?? "").padEnd(widths[column] ?? 0)).join("  ");
  return clean.map((row) => `  ${line(row).trimEnd()}\n`).join("");
}

/** `unused for 3 days`, or what else is known. */
export function unusedInWords({ since, by }: Unused, now: number): string {
  const time = inWords(now - since);
  if (by === "creation") return `created ${time} ago`;
  return `unused for ${time}`;
}

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

function inWords(milliseconds: number): string {
  const [unit, length] = units.find(([, size]) => milliseconds >= size) ?? ["second", 1_000];
  const count = Math.max(0, Math.floor(milliseconds / length));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** What clean-up does not touch though nobody uses it: a line a state, with why or how to include it. */
export function leftAlone(
  left: readonly ClassifiedClaim[],
  young: readonly ChosenClaim[],
  list: string,
): string {
  const lines: string[] = [];
  const count = (claims: readonly ClassifiedClaim[]) => claimAmount(claims).replace(", ", " (") + ")";
  if (young.length > 0) lines.push(`${count(young)} not unused for so long`);
  const includes = new Set(left.map((claim) => statesOf(claim).join(",")));
  for (const states of [...includable, "autoscaled,set-at-zero"].filter((one) => includes.has(one))) {
    const held = left.filter((claim) => statesOf(claim).join(",") === states);
    lines.push(`${count(held)} ${states.replace(",", ", ")}: --include=${states}`);
  }
  for (const state of ["policy", "ambiguous"] as const) {
    const held = left.filter((claim) => claim.state === state);
    if (held.length > 0) lines.push(`${count(held)} ${state}: ${list} --state=${state} -o wide says why`);
  }
  return lines.map((line) => `left alone: ${line}\n`).join("");
}

/** A claim's move as a line of `--progress=json`. */
export function claimEvent({ claim, set, ordinal }: ChosenClaim, to: string, now: number): string {
  const where = { namespace: claim.namespace, set: set ?? "", claim: claim.name, ordinal: ordinal ?? -1 };
  const event: ClaimEvent = {
    v: eventVersion,
    time: new Date(now).toISOString(),
    type: "claim",
    ...where,
    to,
  };
  return `${JSON.stringify(event)}\n`;
}
