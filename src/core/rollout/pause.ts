import { UsageError } from "../errors.js";
import { inRange, ordinalRange } from "../identity.js";
import type { Pod, StatefulSet } from "../model.js";
import { isTerminating } from "../pod-state.js";
import { podRevision, strategyOf } from "../revision.js";
import { isPartition, partitionOf } from "./partition.js";

/** Where a paused set keeps the partition that `resume` brings back. */
export const pauseAnnotation = "sts/paused";

/** Above every index: no pod is updated, and none that is added later. The greatest partition that the API takes. */
export const heldWhole = 2_147_483_647;

/** Where managedFields has the partition. */
export const partitionField = ["f:spec", "f:updateStrategy", "f:rollingUpdate", "f:partition"] as const;

/** A pause: the partition from before it. */
export interface Pause {
  v: 1;
  partitionBefore: number;
  /** The one that the pause wrote; another one in force was written by somebody else. */
  partition?: number;
}

/** The pause in force, if there is one. An annotation that cannot be read counts as partition 0 before it. */
export function pauseOf(set: Pick<StatefulSet, "metadata">): Pause | undefined {
  const text = set.metadata.annotations?.[pauseAnnotation];
  if (text === undefined) return undefined;
  try {
    const { partitionBefore, partition } = (JSON.parse(text) ?? {}) as Partial<Pause>;
    return {
      v: 1,
      partitionBefore: isPartition(partitionBefore) ? partitionBefore : 0,
      ...(isPartition(partition) && { partition }),
    };
  } catch {
    return { v: 1, partitionBefore: 0 };
  }
}

/** Whether the partition in force is another than the pause wrote. A strategy without one overrides nothing. */
export function isOverridden(set: StatefulSet): boolean {
  if (strategyOf(set) !== "RollingUpdate") return false;
  const written = pauseOf(set)?.partition;
  return written !== undefined && written !== partitionOf(set);
}

/** Throws a UsageError for a set whose strategy replaces nothing one by one. */
export function checkCanPause(set: StatefulSet): void {
  const strategy = strategyOf(set);
  if (strategy === "RollingUpdate") return;
  const why =
    strategy === "OnDelete"
      ? "its pods are replaced only when somebody deletes them, so there is nothing to pause"
      : "only RollingUpdate can be held, through its partition";
  throw new UsageError(`${set.metadata.name} is updated by ${strategy}: ${why}`);
}

/** A partition that stops a rolling update where it is, and the ordinals that it leaves updated and held. */
export interface PausePlan {
  partition: number;
  updated: number[];
  held: number[];
  /** Updated, and below one that is held: drained, they come back at the old revision. */
  strays: number[];
}

/**
 * The partition that pauses a set whose controller has observed it, from its pods by ordinal:
 * - one revision for all (`currentRevision` is the update revision), or none updated yet: above every index;
 * - otherwise the index above which all are updated. With a higher one an updated pod that is drained would come back
 *   at the old revision. A pod that is absent or on its way out comes back updated where the partition in force, which
 *   is `paused` where we wrote it, lets it; so it counts as updated there, and as held below.
 *
 * A pause that is in force is never raised while two revisions are about.
 */
export function planPause(set: StatefulSet, pods: ReadonlyMap<number, Pod>): PausePlan {
  const { start, end } = ordinalRange(set);
  const { currentRevision, updateRevision } = set.status ?? {};
  const ordinals = range(start, Math.min(end, start + pods.size + listed));
  if (currentRevision === updateRevision) {
    return { partition: heldWhole, updated: [], held: ordinals, strays: [] };
  }
  const first = firstUpdated(set, pods);
  const found = first === end ? heldWhole : first - start;
  const inForce = pauseOf(set) !== undefined && !isOverridden(set);
  const held = ordinals.filter((ordinal) => ordinal < first);
  return {
    partition: inForce ? Math.min(partitionOf(set), found) : found,
    updated: range(first, Math.min(end, first + pods.size + listed)),
    held,
    strays: held.filter((ordinal) => revisionAt(pods, ordinal) === updateRevision),
  };
}

/** Ordinals without a pod are named up to this many: a set may ask for two thousand million. */
const listed = 1_000;

/** The lowest ordinal from which on all are updated, or will be when they come back; `end` where the highest is not. */
function firstUpdated(set: StatefulSet, pods: ReadonlyMap<number, Pod>): number {
  const bounds = ordinalRange(set);
  const updated = set.status?.updateRevision;
  let held = bounds.firstUpdated - 1;
  while (held >= bounds.start && revisionAt(pods, held) === updated) held -= 1;
  const stale = [...pods.keys()].filter((ordinal) => {
    const revision = inRange(bounds, ordinal) ? revisionAt(pods, ordinal) : undefined;
    return revision !== undefined && revision !== updated;
  });
  return stale.reduce((highest, ordinal) => Math.max(highest, ordinal), held) + 1;
}

/** The revision of the pod that is there to stay. */
function revisionAt(pods: ReadonlyMap<number, Pod>, ordinal: number): string | undefined {
  const pod = pods.get(ordinal);
  return pod && !isTerminating(pod) ? podRevision(pod) : undefined;
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_unused, index) => first + index);
}

/** `partition 0 → 3`, or that it stays. */
export function partitionMove(set: StatefulSet, partition: number): string {
  const before = partitionOf(set);
  return before === partition ? `partition ${partition} stays` : `partition ${before} → ${partition}`;
}

/** The merge patch of a pause: the partition, and the one from before it, which is remembered once. */
export function pausePatch(set: StatefulSet, partition: number): object {
  const partitionBefore = pauseOf(set)?.partitionBefore ?? partitionOf(set);
  return patch(set, partition, { v: 1, partitionBefore, partition });
}

/** The merge patch that ends a pause. A strategy that has no partition by now keeps none. */
export function resumePatch(set: StatefulSet): object {
  return patch(
    set,
    strategyOf(set) === "RollingUpdate" ? pauseOf(set)?.partitionBefore : undefined,
    undefined,
  );
}

function patch(set: StatefulSet, partition: number | undefined, pause: Pause | undefined): object {
  return {
    metadata: {
      resourceVersion: set.metadata.resourceVersion,
      annotations: { [pauseAnnotation]: pause ? JSON.stringify(pause) : null },
    },
    ...(partition !== undefined && {
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } },
    }),
  };
}
