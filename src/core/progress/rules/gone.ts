import type { Goal } from "../goal.js";
import { nameOrdinals } from "../naming.js";
import { Reason } from "../reasons.js";
import type { Snapshot } from "../snapshot.js";
import type { Verdict } from "../verdict.js";

/** A set that is to go. Its pods go through garbage collection, in no order, and may outlive it. */
export function judgeGone({ set, pods, name }: Snapshot, goal: Extract<Goal, { type: "gone" }>): Verdict {
  const left = goal.keepPods ? [] : [...pods.keys()];
  if (!set && left.length === 0) {
    return { state: "Done", reason: Reason.Gone, message: "gone", next: [] };
  }
  const [ordinal] = left;
  const message =
    left.length > 0
      ? `waiting for ${nameOrdinals(name, left)} to go`
      : `waiting for the set itself to go${finalizers(set?.metadata.finalizers)}`;
  return {
    state: "InProgress",
    reason: Reason.WaitingForDeletion,
    message,
    ...(ordinal !== undefined && { ordinal }),
    next: [],
  };
}

function finalizers(names: readonly string[] | undefined): string {
  return names?.length ? ` (finalizers ${names.join(", ")})` : "";
}
