import type { Unused } from "./age.js";
import type { ClassifiedClaim } from "./classify.js";
import type { ClaimFacts } from "./facts.js";
import type { Includable } from "./states.js";
import { mayCleanUp } from "./states.js";

/** A claim that clean-up has chosen, as it was when it was shown. */
export interface ChosenClaim extends ClassifiedClaim {
  unused: Unused;
}

export interface CleanupRules {
  included: readonly Includable[];
  /** Milliseconds that a claim must have been unused for; 0 is any. */
  olderThan: number;
  now: number;
}

export interface CleanupPlan {
  chosen: ChosenClaim[];
  /** Not unused for long enough. */
  young: ChosenClaim[];
  /** Left alone because of their states. */
  left: ClassifiedClaim[];
}

/** What clean-up may delete, and what it leaves alone because of its state or because it is too young. */
export function planCleanup(
  claims: readonly ClassifiedClaim[],
  rules: CleanupRules,
  unusedOf: (claim: ClassifiedClaim) => Unused,
): CleanupPlan {
  const left = claims.filter((claim) => !mayCleanUp(claim, rules.included));
  const eligible = claims
    .filter((claim) => mayCleanUp(claim, rules.included))
    .map((claim) => ({ ...claim, unused: unusedOf(claim) }));
  const isOld = ({ unused }: ChosenClaim) => rules.now - unused.since >= rules.olderThan;
  return { chosen: eligible.filter(isOld), young: eligible.filter((claim) => !isOld(claim)), left };
}

/**
 * Why a chosen claim must not be deleted after all, judged again as it and all around it are now. Only what the choice
 * rested on counts: a status that was written meanwhile changes the resourceVersion and nothing else.
 */
export function changedSinceShown(chosen: ChosenClaim, now: ClassifiedClaim): string | undefined {
  if (now.claim.uid !== chosen.claim.uid) return "it was made anew under the same name";
  if (now.state !== chosen.state || (now.also !== undefined && now.also !== chosen.also))
    return `it is ${now.state} now (${now.reason})`;
  if (now.set !== chosen.set || now.template !== chosen.template)
    return `it is another set's now (${now.reason})`;
  if (now.claim.volume !== chosen.claim.volume) {
    return `it is bound to ${chosen.claim.volume === undefined ? "a" : "another"} volume now`;
  }
  if (wasUsed(chosen.claim, now.claim)) return "it was used meanwhile";
  return undefined;
}

function wasUsed(before: ClaimFacts, now: ClaimFacts): boolean {
  if (before.unusedSince === undefined) return false;
  return now.markedUsed || (now.unusedSince !== undefined && now.unusedSince !== before.unusedSince);
}

/** Whether a claim that was deleted, or is being deleted, has become wanted: then its volume must stay. */
export function isWanted({ state, wanted }: ClassifiedClaim): boolean {
  return state === "in-use" || state === "reserved" || wanted !== undefined;
}
