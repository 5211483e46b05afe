import type { KubeObject, Manifest, StatefulSet } from "../model.js";
import { isMapping } from "../manifest/shape.js";
import { partitionOf } from "../rollout/partition.js";
import { pauseAnnotation, pauseOf } from "../rollout/pause.js";
import { stagingAnnotation, stagingOf, type Staging } from "../rollout/staging.js";

/** Annotations in which `sts` keeps how far a rollout is. They are state: never what a manifest asks for. */
const stateAnnotations = [stagingAnnotation, pauseAnnotation];

/** What holds a set's rollout back on purpose, so that its partition must not be let go of. */
export function heldBy(set: StatefulSet): "staging" | "pause" | undefined {
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
  const isNamed = live && heldBy(live) && partitionIn(manifest) !== undefined;
  return isNamed ? withPartition(clean, partitionOf(live)) : clean;
}

const fromEntries = (entries: [string, unknown][]): Record<string, unknown> => Object.fromEntries(entries);

/** Whether what holds a rollout back would be lost: a partition or annotation that an apply names no more goes. */
export function losesHold(live: StatefulSet, answer: StatefulSet): boolean {
  if (!heldBy(live)) return false;
  const isRolling = (answer.spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
  if (isRolling && partitionOf(answer) !== partitionOf(live)) return true;
  return stateAnnotations.some(
    (name) => live.metadata.annotations?.[name] !== answer.metadata.annotations?.[name],
  );
}

/** A manifest that names what holds the rollout of `live` back, so that it stays. */
export function withHold(manifest: Manifest, live: StatefulSet): Manifest {
  const kept = Object.entries(live.metadata.annotations ?? {}).filter(([name]) =>
    stateAnnotations.includes(name),
  );
  const strategy = strategyIn(manifest)["type"] ?? live.spec.updateStrategy?.type ?? "RollingUpdate";
  const annotated = withAnnotations(manifest, Object.fromEntries(kept));
  return strategy === "RollingUpdate" ? withPartition(annotated, partitionOf(live)) : annotated;
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
