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

/** Whether clean-up may choose claims of this state at all, given what was included by name. */
export function mayCleanUp(state: ClaimState, included: readonly Includable[]): boolean {
  return state === "scaled-down" || included.some((name) => name === state);
}
