/** What a claim is to the StatefulSets of its namespace, the firmest hold first. */
export const claimStates = [
  "in-use",
  "reserved",
  "policy",
  "ambiguous",
  "autoscaled",
  "set-at-zero",
  "scaled-down",
  "template-gone",
  "set-deleted",
  "not-ours",
] as const;
export type ClaimState = (typeof claimStates)[number];

/** What each state means, in a line. */
export const stateMeanings: Readonly<Record<ClaimState, string>> = {
  "in-use": "mounted by a pod that exists",
  reserved: "its ordinal is in the range of its set",
  policy: "the retention policy will delete it",
  ambiguous: "more than one set could own it, or another controller does",
  autoscaled: "out of range now, but an autoscaler may bring it back",
  "set-at-zero": "its set is scaled to 0",
  "scaled-down": "its set exists, its ordinal is out of range, no pod has it",
  "template-gone": "its set exists, but no longer has its claim template",
  "set-deleted": "its set is gone",
  "not-ours": "no set could own it",
};

/** States that clean-up leaves alone unless they are named by `--include`. */
export const includable = ["autoscaled", "set-at-zero", "template-gone", "set-deleted"] as const;
export type Includable = (typeof includable)[number];

/** What is known of a claim's state. */
export interface StateOfClaim {
  state: ClaimState;
  /** Holds as well: a set that an autoscaler has at zero. Clean-up wants both of them included. */
  also?: ClaimState;
}

/** One, or two that hold at once. */
export function statesOf({ state, also }: StateOfClaim): ClaimState[] {
  return also === undefined ? [state] : [state, also];
}

/** Whether clean-up may choose a claim at all, given the states that were included by name. */
export function mayCleanUp(claim: StateOfClaim, included: readonly Includable[]): boolean {
  return statesOf(claim).every((state) => state === "scaled-down" || included.some((name) => name === state));
}
