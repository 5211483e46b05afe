import { ordinalRange, parsePodName } from "../identity.js";
import type { Pod, StatefulSet } from "../model.js";
import { isTerminating } from "../pod-state.js";
import { nameOrdinals, ownCommand, type Naming } from "../progress/naming.js";
import { isObserved, podRevision, strategyOf } from "../revision.js";
import { partitionOf } from "../rollout/partition.js";
import { pauseOf } from "../rollout/pause.js";
import { stagingOf } from "../rollout/staging.js";

/**
 * Why a set may not be deleted and made anew around its pods now, and what comes first; undefined where it may. A new
 * set starts with an empty status, so that its current revision becomes the update revision: pods of an older one would
 * be replaced, or come back as others than they were.
 */
export function recreateRefusal(set: StatefulSet, pods: readonly Pod[], naming: Naming): string | undefined {
  const { name, deletionTimestamp } = set.metadata;
  const command = (words: string): string => ownCommand(naming, words);
  if (deletionTimestamp !== undefined) return `${name} is being deleted`;
  if (pauseOf(set)) return `${name} is paused: ${command(`rollout resume ${name}`)} comes first`;
  if (stagingOf(set)) {
    const [finish, back] = [command(`rollout promote ${name} --all`), command(`rollout abort ${name}`)];
    return `a staged rollout of ${name} is under way: ${finish} finishes it, ${back} takes it back`;
  }
  if (!isObserved(set)) {
    return `the StatefulSet controller has not taken the spec of ${name} up yet: try again in a moment`;
  }
  return rolloutRefusal(set, pods, command);
}

/** Decided by the pods: the counters of a status lie in the middle of a rollout (kubernetes/kubernetes#121397). */
function rolloutRefusal(
  set: StatefulSet,
  pods: readonly Pod[],
  command: (words: string) => string,
): string | undefined {
  const { name } = set.metadata;
  const strategy = strategyOf(set);
  // Nothing replaces them, and what is deleted comes back at the update revision anyway.
  if (strategy === "OnDelete") return undefined;
  const { currentRevision, updateRevision } = set.status ?? {};
  const stale = pods
    .filter((pod) => isOf(set, pod) && !isTerminating(pod) && podRevision(pod) !== updateRevision)
    .flatMap((pod) => parsePodName(pod.metadata.name)?.ordinal ?? []);
  const { start, firstUpdated } = ordinalRange(set);
  // An ordinal below the partition that is just absent comes back at the current revision.
  const isHeld = firstUpdated > start && currentRevision !== updateRevision;
  if (stale.length === 0 && !isHeld) return undefined;
  const which = nameOrdinals(name, stale);
  if (strategy === "RollingUpdate" && partitionOf(set) > 0) {
    const all = command(`rollout promote ${name} --all`);
    return `partition ${partitionOf(set)} holds ${which || "pods"} back at an older revision, and a set that is made anew would replace them: ${all} updates them first`;
  }
  const status = command(`rollout status ${name}`);
  return `a rollout of ${name} is under way, ${which} at an older revision: ${status} waits for its end`;
}

/** By its controller reference. */
function isOf({ metadata: { uid } }: StatefulSet, { metadata }: Pod): boolean {
  return metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid) ?? false;
}

/** The pods of a set that are there to stay: name → UID. */
export function podsToKeep(set: StatefulSet, pods: readonly Pod[]): Record<string, string> {
  const own = pods.filter((pod) => isOf(set, pod) && !isTerminating(pod));
  return Object.fromEntries(own.map(({ metadata: { name, uid } }) => [name, uid]));
}
