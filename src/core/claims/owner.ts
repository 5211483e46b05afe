import { podName } from "../identity.js";
import type { ClaimFacts } from "./facts.js";
import type { Judgement } from "./judge.js";

type Owner = ClaimFacts["owners"][number];

/** Ours are the sets of `apps`: other groups (OpenKruise) serve a kind of the same name. */
export function isSet({ apiVersion, kind, name }: Owner, set: string): boolean {
  return kind === "StatefulSet" && apiVersion.startsWith("apps/") && name === set;
}

export function isPodOf({ apiVersion, kind, name }: Owner, set: string, ordinal: number): boolean {
  return kind === "Pod" && apiVersion === "v1" && name === podName(set, ordinal);
}

/**
 * A claim with a controller other than its set and the set's pod of its ordinal is that one's business. So is one that
 * another set or pod owns without being its controller: older releases write their references so.
 */
export function foreignOwner(claim: ClaimFacts, set: string, ordinal: number): Judgement | undefined {
  const foreign = claim.owners.filter((owner) => !isSet(owner, set) && !isPodOf(owner, set, ordinal));
  const controller = foreign.find((owner) => owner.controller);
  if (controller)
    return { state: "ambiguous", reason: `its controller is ${controller.kind} ${controller.name}` };
  const owner = foreign.find(
    (one) => isSet(one, one.name) || (one.kind === "Pod" && one.apiVersion === "v1"),
  );
  return owner && { state: "ambiguous", reason: `its owner is ${owner.kind} ${owner.name}` };
}

/**
 * The garbage collector will take it: its owner is the condemned pod (whenScaled: Delete), or a set that is going or
 * gone (whenDeleted: Delete). Owned by a set that stays it only goes with the set, and may be an ordinary leftover.
 */
export function condemnedByPolicy(
  { owners }: ClaimFacts,
  { set, ordinal }: { set: string; ordinal: number },
  existing: { uid: string; deleting: boolean } | undefined,
): Judgement | undefined {
  if (owners.some((owner) => isPodOf(owner, set, ordinal))) {
    const pod = podName(set, ordinal);
    return { state: "policy", reason: `the retention policy deletes it with ${pod} (whenScaled: Delete)` };
  }
  const stays = (owner: Owner) => owner.uid === existing?.uid && !existing.deleting;
  if (owners.some((owner) => isSet(owner, set) && !stays(owner))) {
    return { state: "policy", reason: `the retention policy deletes it with ${set} (whenDeleted: Delete)` };
  }
  return undefined;
}
