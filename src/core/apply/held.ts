import type { KubeObject, Manifest, StatefulSet } from "../model.js";
import { isMapping } from "../manifest/shape.js";
import { partitionOf } from "../rollout/partition.js";
import { pauseAnnotation, pauseOf } from "../rollout/pause.js";
import { stagingAnnotation, stagingOf, type Staging } from "../rollout/staging.js";
import { strategyOf } from "../revision.js";

/** Annotations in which `sts` keeps how far a rollout is. They are state: never what a manifest asks for. */
const stateAnnotations = [stagingAnnotation, pauseAnnotation];

/** What holds a set's rollout back on purpose, so that its partition must not be let go of. */
export function holdOf(set: StatefulSet): "staging" | "pause" | undefined {
  if (pauseOf(set)) return "pause";
  return stagingOf(set) ? "staging" : undefined;
}

/**
 * A set's manifest as it may be applied: without the state of a rollout that was exported with it, and with the
 * partition that is in force where it names another one and the rollout is held.
 */
export function withoutState(manifest: Manifest, live: StatefulSet | undefined): Manifest {
  const { annotations, ...metadata } = manifest.metadata;
  const kept = Object.entries(isMapping(annotations) ? annotations : {}).filter(
    ([name]) => !stateAnnotations.includes(name),
  );
  const clean = {
    ...manifest,
    metadata: { ...metadata, ...(kept.length > 0 && { annotations: fromEntries(kept) }) },
  };
  const isNamed = live && holdOf(live) && partitionIn(manifest) !== undefined;
  return isNamed ? withPartition(clean, partitionOf(live)) : clean;
}

const fromEntries = (entries: [string, unknown][]): Record<string, unknown> => Object.fromEntries(entries);

/** What holds a rollout back, and would be gone after an apply. */
export interface LostHold {
  partition: boolean;
  annotations: string[];
}

/** An apply takes away what it named before and does not any more. Undefined: nothing that matters would be lost. */
export function lostHold(live: StatefulSet, answer: StatefulSet): LostHold | undefined {
  if (!holdOf(live)) return undefined;
  const isRolling = strategyOf(answer) === "RollingUpdate";
  const partition = isRolling && partitionOf(answer) !== partitionOf(live);
  const value = ({ metadata }: StatefulSet, name: string) => metadata.annotations?.[name];
  const annotations = stateAnnotations.filter((name) => value(live, name) !== value(answer, name));
  return partition || annotations.length > 0 ? { partition, annotations } : undefined;
}

/** A manifest that names what would be lost, so that it stays; no more, as that would be owned from then on. */
export function withHold(manifest: Manifest, live: StatefulSet, lost: LostHold): Manifest {
  const kept = lost.annotations.map((name) => [name, live.metadata.annotations?.[name] ?? ""] as const);
  const annotated = kept.length > 0 ? withAnnotations(manifest, Object.fromEntries(kept)) : manifest;
  return lost.partition ? withPartition(annotated, partitionOf(live)) : annotated;
}

/**
 * Whether a manifest gives the number of pods up: one that names no replicas any more leaves them to nobody, and the API
 * falls back to 1, where an autoscaler or a person was to go on from what there is.
 */
export function losesReplicas(manifest: Manifest, live: StatefulSet, answer: StatefulSet): boolean {
  const { replicas } = manifest["spec"] as { replicas?: number | null };
  return (replicas ?? undefined) === undefined && answer.spec.replicas !== live.spec.replicas;
}

/** A manifest with the number of pods that there is. */
export function withReplicas(manifest: Manifest, { spec: { replicas } }: StatefulSet): Manifest {
  return { ...manifest, spec: { ...(manifest["spec"] as object), replicas } };
}

/** A manifest with the partition and the annotation of a staging, so that all is applied in one write. */
export function withStaging(manifest: Manifest, partition: number, staging: Staging): Manifest {
  return withPartition(
    withAnnotations(manifest, { [stagingAnnotation]: JSON.stringify(staging) }),
    partition,
  );
}

function withAnnotations(manifest: Manifest, more: Record<string, string>): Manifest {
  const annotations = manifest.metadata["annotations"];
  const all = { ...(isMapping(annotations) ? annotations : {}), ...more };
  return { ...manifest, metadata: { ...manifest.metadata, annotations: all } };
}

function withPartition(manifest: Manifest, partition: number): Manifest {
  const strategy = strategyIn(manifest);
  const rollingUpdate = isMapping(strategy["rollingUpdate"]) ? strategy["rollingUpdate"] : {};
  const updateStrategy = { ...strategy, rollingUpdate: { ...rollingUpdate, partition } };
  return { ...manifest, spec: { ...(manifest["spec"] as object), updateStrategy } };
}

function partitionIn(manifest: Manifest): unknown {
  const { rollingUpdate } = strategyIn(manifest);
  return isMapping(rollingUpdate) ? (rollingUpdate["partition"] ?? undefined) : undefined;
}

function strategyIn(manifest: Manifest): Record<string, unknown> {
  const spec = manifest["spec"];
  const strategy = isMapping(spec) ? spec["updateStrategy"] : undefined;
  return isMapping(strategy) ? strategy : {};
}

/** A set as it will be, with what the controller has said of it so far: what a staging is planned on. */
export function asAnswered(live: KubeObject, answer: KubeObject): StatefulSet {
  return { ...live, spec: answer["spec"] } as unknown as StatefulSet;
}
