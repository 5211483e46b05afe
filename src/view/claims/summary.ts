import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { ClaimFacts } from "../../core/claims/facts.js";
import { groupBy } from "../../core/group.js";
import { includable, mayCleanUp, statesOf, type ClaimState } from "../../core/claims/states.js";
import { fateOf, type ReclaimPolicies } from "../../core/claims/volumes.js";
import { sumQuantities } from "../../core/quantity.js";

/** The commands that a summary points to. */
export interface ClaimCommands {
  cleanup(include: readonly ClaimState[]): string;
  /** Shows the claims of a state, each with its reason. */
  why(state: ClaimState): string;
}

type Sized = { claim: Pick<ClaimFacts, "size"> };

/** `2 claims, 2Gi`. */
export function claimAmount(claims: readonly Sized[], what?: string): string {
  const words = what ?? (claims.length === 1 ? "claim" : "claims");
  return `${claims.length} ${words}, ${totalSize(claims)}`;
}

/** `5 claims, 5Gi · 2 left over, 2Gi: sts pvc cleanup web`, and a line for each other state that is nobody's now. */
export function claimsSummary(
  claims: readonly ClassifiedClaim[],
  policies: ReclaimPolicies,
  commands: ClaimCommands,
): string[] {
  const [leftOver, ...others] = leftOverLines(claims, policies, commands);
  const first = claimAmount(claims);
  if (leftOver === undefined) return [first];
  return hasLeftOver(claims) ? [`${first} · ${leftOver}`, ...others] : [first, leftOver, ...others];
}

function hasLeftOver(claims: readonly ClassifiedClaim[]): boolean {
  return claims.some(({ state }) => state === "scaled-down");
}

/** What clean-up would take, then what it takes only when it is included, then what it never takes though no pod has it. */
export function leftOverLines(
  claims: readonly ClassifiedClaim[],
  policies: ReclaimPolicies,
  commands: ClaimCommands,
): string[] {
  const groups = groupBy(claims, (claim) => statesOf(claim).join(" and "));
  const lines = [...groups].flatMap(([words, held]) => {
    const [first] = held;
    const command = commandFor(first, commands);
    if (command === undefined) return [];
    const what = first.state === "scaled-down" ? "left over" : words;
    return { state: first.state, line: `${claimAmount(held, what)}${freedText(held, policies)}: ${command}` };
  });
  return order.flatMap((state) => lines.filter((one) => one.state === state).map(({ line }) => line));
}

const order: readonly ClaimState[] = ["scaled-down", ...includable, "policy", "ambiguous"];

function commandFor(claim: ClassifiedClaim, commands: ClaimCommands): string | undefined {
  const include = statesOf(claim).filter((state) => state !== "scaled-down");
  if (mayCleanUp(claim, includable)) return commands.cleanup(include);
  return order.includes(claim.state) ? commands.why(claim.state) : undefined;
}

/** Said where deleting the claims would not free all of their sizes: volumes may stay, or not be there yet. */
function freedText(claims: readonly ClassifiedClaim[], policies: ReclaimPolicies): string {
  const fates = claims.map((claim) => ({ claim, fate: fateOf(claim.claim, policies) }));
  if (fates.some(({ fate }) => fate === "unknown")) return "";
  const freed = fates.filter(({ fate }) => fate === "Delete" || fate === "Recycle");
  if (freed.length === claims.length) return "";
  return ` (${freed.length === 0 ? "nothing" : totalSize(freed.map(({ claim }) => claim))} would be freed)`;
}

function totalSize(claims: readonly Sized[]): string {
  return sumQuantities(claims.map(({ claim }) => claim.size));
}
