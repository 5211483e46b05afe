import type { Unused } from "../core/claims/age.js";
import type { ClassifiedClaim } from "../core/claims/classify.js";
import type { SetFacts } from "../core/claims/facts.js";
import type { ChosenClaim } from "../core/claims/plan.js";
import { includable, statesOf } from "../core/claims/states.js";
import type { ReclaimPolicies } from "../core/claims/volumes.js";
import { describeFate, fateOf } from "../core/claims/volumes.js";
import { eventVersion, type ClaimEvent } from "../core/progress/events.js";
import { sumQuantities } from "../core/quantity.js";
import { printable } from "./claims.js";

/** The claims that are deleted together with their set, and what becomes of the data. */
export function doomedClaims(claims: readonly ClassifiedClaim[], policies: ReclaimPolicies): string {
  const rows = claims.map(({ claim, state }) => [
    claim.name,
    state,
    claim.size,
    claim.storageClass ?? "",
    describeFate(fateOf(claim, policies)).long,
  ]);
  const [first] = claims;
  return first ? `Claims of ${first.claim.namespace}/${first.set}:\n${align(rows)}` : "";
}

/** What is about to be deleted, set by set, and what becomes of the data. */
export function cleanupPlan(
  chosen: readonly ChosenClaim[],
  sets: readonly SetFacts[],
  { policies, now }: { policies: ReclaimPolicies; now: number },
): string {
  const titles = new Set(chosen.map((claim) => titleOf(claim, sets)));
  const blocks = [...titles].map((title) => {
    const rows = chosen
      .filter((claim) => titleOf(claim, sets) === title)
      .map((claim) => [
        claim.claim.name,
        claim.claim.deleting ? `${claim.state}, Terminating` : claim.state,
        unusedInWords(claim.unused, now),
        claim.claim.size,
        claim.claim.storageClass ?? "",
        describeFate(fateOf(claim.claim, policies)).long,
      ]);
    return `${title}\n${align(rows)}`;
  });
  return blocks.join("");
}

function titleOf({ claim, set }: ChosenClaim, sets: readonly SetFacts[]): string {
  const found = sets.find(({ namespace, name }) => namespace === claim.namespace && name === set);
  const about = found ? ` (replicas ${found.end - found.start}), in no pod's use:` : ", which is gone:";
  return `Left over from ${claim.namespace}/${set}${about}`;
}

function align(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
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

/** `2 claims, 2Gi`. */
function claimCount(claims: readonly ClassifiedClaim[]): string {
  const size = sumQuantities(claims.map(({ claim }) => claim.size));
  return `${claims.length} ${claims.length === 1 ? "claim" : "claims"}, ${size}`;
}

/** What clean-up does not touch though nobody uses it: a line a state, with why or how to include it. */
export function leftAlone(
  left: readonly ClassifiedClaim[],
  young: readonly ChosenClaim[],
  list: string,
): string {
  const lines: string[] = [];
  const count = (claims: readonly ClassifiedClaim[]) => claimCount(claims).replace(", ", " (") + ")";
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
