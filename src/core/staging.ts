import { UsageError } from "./errors.js";
import type { StatefulSet } from "./model.js";
import { namePods } from "./progress/naming.js";

/** Where a set keeps the state of its staging, so that any later `sts` can go on with it. */
const stagingAnnotation = "sts/staging";

/** What `stage` remembers: the partition that was there before, which `promote` brings back. */
export interface Staging {
  v: 1;
  partitionBefore: number;
}

/** How much of a set is to be updated; `partition` is the API's index, counted from `ordinals.start`. */
export type StageRequest = { partition: number } | { canary: number } | { percent: number };

/** A partition and what it means for the pods. */
export interface StagePlan {
  partition: number;
  /** `web-3 and web-4`; empty when nothing is to be updated. */
  updated: string;
  held: string;
  /** Things a person should know before it happens. */
  warnings: string[];
}

/** Counts a request out for a set. Throws a UsageError where its strategy has no partition. */
export function planStage(set: StatefulSet, request: StageRequest): StagePlan {
  const { name } = set.metadata;
  const strategy = set.spec.updateStrategy?.type ?? "RollingUpdate";
  if (strategy !== "RollingUpdate") {
    throw new UsageError(
      `${name} is updated by ${strategy}, which has no partition; stage it with updateStrategy RollingUpdate`,
    );
  }
  const replicas = set.spec.replicas ?? 1;
  const start = set.spec.ordinals?.start ?? 0;
  const partition = partitionFor(request, replicas);
  const first = start + Math.min(partition, replicas);
  return {
    partition,
    updated: namePods(name, first, start + replicas - 1),
    held: namePods(name, start, first - 1),
    warnings: stageWarnings(set, partition, replicas),
  };
}

function partitionFor(request: StageRequest, replicas: number): number {
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

/** The staging under way, if there is one. An annotation that cannot be read counts as partition 0 before it. */
export function stagingOf(set: StatefulSet): Staging | undefined {
  const text = set.metadata.annotations?.[stagingAnnotation];
  if (text === undefined) return undefined;
  try {
    const { partitionBefore } = JSON.parse(text) as Partial<Staging>;
    return { v: 1, partitionBefore: Number.isInteger(partitionBefore) ? Number(partitionBefore) : 0 };
  } catch {
    return { v: 1, partitionBefore: 0 };
  }
}

/** The merge patch that puts a partition in force and remembers, once, what was there before. */
export function stagePatch(set: StatefulSet, partition: number): object {
  const staging = stagingOf(set) ?? { v: 1, partitionBefore: partitionOf(set) };
  return partitionPatch(set, partition, JSON.stringify(staging));
}

/** The merge patch that ends a staging: the partition from before it comes back, the annotation goes. */
export function promotePatch(set: StatefulSet): object {
  return partitionPatch(set, promotedPartition(set), null);
}

/** The partition after a promotion. Without a staging of ours it is 0: everything is updated. */
export function promotedPartition(set: StatefulSet): number {
  return stagingOf(set)?.partitionBefore ?? 0;
}

/** `resourceVersion` is the one the decision was made on. */
function partitionPatch(set: StatefulSet, partition: number, annotation: string | null): object {
  return {
    metadata: {
      resourceVersion: set.metadata.resourceVersion,
      annotations: { [stagingAnnotation]: annotation },
    },
    spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } },
  };
}
