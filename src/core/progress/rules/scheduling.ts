import { claimName, claimTemplateNames } from "../../identity.js";
import type { Claim } from "../../model.js";
import { conditionOf } from "../../pod-state.js";
import { Reason } from "../reasons.js";
import type { Snapshot } from "../snapshot.js";
import { shorten, type Rule, type Trouble } from "../trouble.js";

/** How long a pod may be without a node: autoscaled nodes and fresh claims take their time. */
const unschedulablePatience = 120_000;
/** How long a claim may be without a volume when its events say that there is none to come. */
const claimPatience = 15_000;

/** A pod without a node. A passing FailedScheduling event is normal; the condition's time counts. */
export const schedulingRule: Rule = (pod) => {
  const condition = conditionOf(pod, "PodScheduled");
  if (condition?.status !== "False" || condition.reason !== "Unschedulable") return undefined;
  const since = Date.parse(condition.lastTransitionTime ?? pod.metadata.creationTimestamp);
  const words = `finds no node: ${shorten(condition.message ?? "unschedulable")}`;
  return { reason: Reason.Unschedulable, words, fatalFrom: since + unschedulablePatience };
};

/** A claim of the pod that cannot be bound, which is why the pod has no node. */
export const claimRule: Rule = (_pod, snapshot, { phase, ordinal }) => {
  if (phase !== "scheduling" || !snapshot.set) return undefined;
  for (const template of claimTemplateNames(snapshot.set)) {
    const name = claimName(template, snapshot.name, ordinal);
    const trouble = lostOrLeaving(name, snapshot.claims.get(name)) ?? neverBound(name, snapshot);
    if (trouble) return trouble;
  }
  return undefined;
};

function lostOrLeaving(name: string, claim: Claim | undefined): Trouble | undefined {
  if (claim?.status?.phase === "Lost") {
    return {
      reason: Reason.ClaimPending,
      words: `needs claim ${name}, whose volume is lost`,
      fatalFrom: -Infinity,
    };
  }
  if (claim?.metadata.deletionTimestamp === undefined) return undefined;
  const words = `waits until claim ${name} has been deleted and made anew`;
  return { reason: Reason.ClaimPending, words, fatalFrom: Infinity };
}

const hopeless =
  /storageclass[^ ]* "?[^"]*"? ?not found|no persistent volumes available for this claim and no storage class/i;

/** The volume controller says in events that it has nothing for a claim; provisioners that fail may succeed later. */
function neverBound(name: string, { claims, events, now }: Snapshot): Trouble | undefined {
  const claim = claims.get(name);
  if (claim && claim.status?.phase !== "Pending") return undefined;
  const about = events.filter(
    ({ involvedObject, reason }) =>
      involvedObject.kind === "PersistentVolumeClaim" &&
      involvedObject.name === name &&
      (!claim || involvedObject.uid === claim.metadata.uid) &&
      (reason === "ProvisioningFailed" || reason === "FailedBinding"),
  );
  const last = about.at(-1);
  if (!last) return undefined;
  const message = last.message ?? "";
  const since = Date.parse(claim?.metadata.creationTimestamp ?? about[0]?.metadata.creationTimestamp ?? "");
  const fatalFrom = hopeless.test(message) ? (Number.isNaN(since) ? now : since) + claimPatience : Infinity;
  return { reason: Reason.ClaimPending, words: `waits for claim ${name}: ${shorten(message)}`, fatalFrom };
}
