import { scaledObjectOf } from "./claims/facts.js";
import { describeReturning, type ReturningClaim } from "./claims/returning.js";
import { ordinalRange, podName } from "./identity.js";
import type { Autoscaler, Pod, StatefulSet } from "./model.js";
import { nameOrdinals, namePods } from "./progress/naming.js";
import { pauseOf } from "./rollout/pause.js";
import { unreadyOrdinals } from "./rollout/preflight.js";
import { stagingOf } from "./rollout/staging.js";

/** What a person should know before a set is scaled: facts read beside the set itself. */
export interface ScaleFacts {
  /** Those that come back when it is scaled up. */
  returning: readonly ReturningClaim[];
  /** How to do without them: `--fresh starts empty`. */
  way?: string;
  autoscalers: readonly Autoscaler[];
  /** Pods that could be the set's, where they may be read. */
  pods?: readonly Pod[];
  /** Milliseconds. */
  now: number;
}

/** `3 → 5 replicas, one after the other (OrderedReady)`. */
export function scaleTitle(set: StatefulSet, replicas: number): string {
  const parallel = set.spec.podManagementPolicy === "Parallel";
  const how = parallel ? "all at once (Parallel)" : "one after the other (OrderedReady)";
  const before = set.spec.replicas ?? 1;
  return before === replicas ? `already at ${count(replicas)}` : `${before} → ${count(replicas)}, ${how}`;
}

const count = (replicas: number): string => `${replicas} ${replicas === 1 ? "replica" : "replicas"}`;

/**
 * What is said under the title: claims that come back or are destroyed, what becomes of a staged update, and who would
 * scale the set back.
 */
export function scaleNotes(set: StatefulSet, replicas: number, facts: ScaleFacts): string[] {
  const before = set.spec.replicas ?? 1;
  if (before === replicas) return [];
  const data =
    replicas > before
      ? describeReturning(set.metadata.name, facts.returning, facts)
      : destroyedData(set, replicas);
  return [
    ...data,
    ...stagedNotes(set, replicas),
    ...(facts.pods ? blockedNotes(set, replicas, facts.pods, facts.now) : []),
    ...autoscalerNotes(set, facts.autoscalers),
  ];
}

/**
 * Under OrderedReady no pod comes or goes before every pod that stays is available; one that goes and is not available
 * itself has to be the first such pod of the set (`processCondemned`).
 */
function blockedNotes(set: StatefulSet, replicas: number, pods: readonly Pod[], now: number): string[] {
  if (set.spec.podManagementPolicy === "Parallel") return [];
  const { name } = set.metadata;
  const { start, end } = ordinalRange(set);
  const unready = unreadyOrdinals(set, pods, now);
  const staying = unready.filter((ordinal) => ordinal < start + replicas);
  const there = new Set(pods.map(({ metadata }) => metadata.name));
  const going = unready.filter((ordinal) => !staying.includes(ordinal) && there.has(podName(name, ordinal)));
  const first = [...staying, ...going.slice(0, -1)];
  if (first.length === 0) return [];
  const direction = start + replicas < end ? "down" : "up";
  const are = first.length > 1 ? "are" : "is";
  return [`scaling ${direction} waits until ${nameOrdinals(name, first)} ${are} ready (OrderedReady)`];
}

function destroyedData(set: StatefulSet, replicas: number): string[] {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return [];
  if (!set.spec.volumeClaimTemplates?.length) return [];
  const start = set.spec.ordinals?.start ?? 0;
  const pods = namePods(set.metadata.name, start + replicas, start + (set.spec.replicas ?? 1) - 1);
  return [`whenScaled is Delete: the claims of ${pods} are deleted with their pods`];
}

/** What becomes of an update that reaches only some ordinals: those above the partition. */
function stagedNotes(set: StatefulSet, replicas: number): string[] {
  if (!isPartlyUpdated(set)) return [];
  const { name } = set.metadata;
  const { start, end, firstUpdated, partition } = ordinalRange(set);
  if (replicas === 0) {
    // With no pod left the update counts as complete, and the old revision is forgotten (kubernetes/kubernetes#121534).
    return [`an update is staged (partition ${partition}): at 0 replicas the old revision is lost (#121534)`];
  }
  const newEnd = start + replicas;
  const gone = namePods(name, firstUpdated, end - 1);
  if (newEnd < end) {
    return gone && newEnd <= firstUpdated ? [`${gone} had the staged update: no pod has it after this`] : [];
  }
  const held = Math.min(newEnd, Math.max(end, start + partition));
  const by = pauseOf(set) ? "the pause" : `partition ${partition}`;
  return [
    ...arriving(name, end, held, `at the old revision, held back by ${by}`),
    ...arriving(name, held, newEnd, `at the staged update, let through by ${by}`),
  ];
}

/** `web-5 and web-6 come …`: pods from one ordinal up to before another. */
function arriving(name: string, first: number, end: number, how: string): string[] {
  if (end <= first) return [];
  return [`${namePods(name, first, end - 1)} ${end - first > 1 ? "come" : "comes"} ${how}`];
}

/** Whether two revisions are about because of a partition; what a staging has only just begun, no status tells yet. */
function isPartlyUpdated(set: StatefulSet): boolean {
  const { currentRevision, updateRevision, observedGeneration = 0 } = set.status ?? {};
  const { partition } = ordinalRange(set);
  const isAhead = observedGeneration < (set.metadata.generation ?? 0) && stagingOf(set) !== undefined;
  return partition > 0 && (isAhead || (Boolean(currentRevision) && currentRevision !== updateRevision));
}

/** Who would set the replicas of a set again: HorizontalPodAutoscalers that target it, KEDA's among them. */
export function autoscalerNotes(set: StatefulSet, autoscalers: readonly Autoscaler[]): string[] {
  return autoscalers
    .filter(
      ({ spec: { scaleTargetRef: target } }) =>
        target.kind === "StatefulSet" && target.name === set.metadata.name,
    )
    .map(({ metadata, spec }) => {
      const range = `${spec.minReplicas ?? 1} to ${spec.maxReplicas} replicas`;
      const scaled = scaledObjectOf(metadata);
      const maker = scaled ? `, made by the KEDA ScaledObject ${scaled}` : "";
      return `HorizontalPodAutoscaler ${metadata.name} (${range}${maker}) may scale it again`;
    });
}
