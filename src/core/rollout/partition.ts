import { UsageError } from "../errors.js";
import { ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";
import { namePods } from "../progress/naming.js";
import { strategyOf } from "../revision.js";

/** How much of a set is to be updated; `partition` is the API's index, counted from `ordinals.start`. */
export type StageRequest = { partition: number } | { canary: number } | { percent: number };

/** A partition and what it means for the pods. */
export interface PlannedStage {
  partition: number;
  /** `web-3 and web-4`; empty when nothing is to be updated. */
  updated: string;
  held: string;
  /** Things a person should know before it happens. */
  warnings: string[];
}

/** Counts a request out for a set. Throws a UsageError where its strategy has no partition. */
export function planStage(set: StatefulSet, request: StageRequest): PlannedStage {
  const { name } = set.metadata;
  checkHasPartition(set);
  const { start, replicas } = ordinalRange(set);
  const partition = partitionFor(request, replicas);
  const first = start + Math.min(partition, replicas);
  return {
    partition,
    updated: namePods(name, first, start + replicas - 1),
    held: namePods(name, start, first - 1),
    warnings: stageWarnings(set, partition, replicas),
  };
}

/** Throws a UsageError for a set whose update strategy has no partition: OnDelete, Recreate, one not known to us. */
export function checkHasPartition(set: StatefulSet): void {
  const strategy = strategyOf(set);
  if (strategy === "RollingUpdate") return;
  throw new UsageError(
    `${set.metadata.name} is updated by ${strategy}, which has no partition; stage it with updateStrategy RollingUpdate`,
  );
}

/** A percentage is rounded up: at least one pod goes first. */
export function partitionFor(request: StageRequest, replicas: number): number {
  if ("partition" in request) return request.partition;
  const updated = "canary" in request ? request.canary : Math.ceil((replicas * request.percent) / 100);
  return Math.max(0, replicas - updated);
}

function stageWarnings(set: StatefulSet, partition: number, replicas: number): string[] {
  const before = partitionOf(set);
  const warnings: string[] = [];
  if (partition >= replicas) {
    warnings.push(`partition ${partition} is not below replicas ${replicas}: no pod will be updated`);
  }
  if (partition > before && set.status?.currentRevision !== set.status?.updateRevision) {
    warnings.push(`raising the partition from ${before} to ${partition} rolls no updated pod back`);
  }
  return warnings;
}

/** The partition in force; 0 where none is set (API doc of RollingUpdateStatefulSetStrategy). */
export function partitionOf(set: StatefulSet): number {
  return set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

/** Whether a value is one that the API takes as a partition; what is written in an annotation may be anything. */
export function isPartition(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31;
}

/** The pods that the partition in force holds back: `web-0 to web-2`; empty where there are none. */
export function heldPods(set: StatefulSet): string {
  const { start, firstUpdated } = ordinalRange(set);
  return namePods(set.metadata.name, start, firstUpdated - 1);
}

/** Those that it lets an update reach. */
export function updatedPods(set: StatefulSet): string {
  const { end, firstUpdated } = ordinalRange(set);
  return namePods(set.metadata.name, firstUpdated, end - 1);
}
