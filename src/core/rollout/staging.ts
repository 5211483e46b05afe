import type { StatefulSet } from "../model.js";
import { isObserved } from "../revision.js";
import { isPartition, partitionOf } from "./partition.js";
import { isStep, type Step } from "./steps.js";

/** Where a set keeps the state of its staging, so that any later `sts`, on any machine, can go on with it. */
export const stagingAnnotation = "sts/staging";

/** What happens when a step fails: the rollout stays where it is, or goes back. */
type OnFailure = "pause" | "undo";

/** How a staging goes on by itself. */
export interface StepPlan {
  steps: Step[];
  /** How long the pods of a step are watched before the next, in milliseconds. */
  soakMs?: number;
  /**
   * The command that decides after each step. Kept to be shown, and never run from here: who may write annotations
   * would run commands on other people's machines.
   */
  gate?: string;
  onFailure: OnFailure;
}

/** The process that drives a staging at the moment. */
export interface Holder {
  /** `alice@laptop`, for people. */
  who: string;
  host: string;
  pid: number;
  /** RFC 3339. */
  since: string;
}

/** A staging: what was there before it, and how far it is. */
export interface Staging {
  v: 1;
  /** The partition from before, which a finished or aborted staging brings back. */
  partitionBefore: number;
  /** The name of the ControllerRevision that was the newest before; `abort` goes back to it. */
  revisionBefore?: string;
  plan?: StepPlan;
  /** Index of the plan's step that is under way, or was reached last. */
  step?: number;
  /** Why that step failed, in plain words. */
  failed?: string;
  /** The template has gone back; the partition follows once the staged pods have. */
  aborting?: true;
  holder?: Holder;
}

/** The staging under way, if there is one. An annotation that cannot be read counts as partition 0 before it. */
export function stagingOf(set: Pick<StatefulSet, "metadata">): Staging | undefined {
  const text = set.metadata.annotations?.[stagingAnnotation];
  if (text === undefined) return undefined;
  try {
    return checked(JSON.parse(text) as Partial<Staging> | null);
  } catch {
    return { v: 1, partitionBefore: 0 };
  }
}

/** Annotations are anybody's to write: what is not of its type counts as absent. */
function checked(found: Partial<Staging> | null): Staging {
  const { partitionBefore, revisionBefore, step, failed, aborting, holder } = found ?? {};
  const plan = checkedPlan(found?.plan);
  return {
    v: 1,
    partitionBefore: isPartition(partitionBefore) ? partitionBefore : 0,
    ...(typeof revisionBefore === "string" && { revisionBefore }),
    ...(plan && { plan, step: isIndex(step) ? step : 0 }),
    ...(typeof failed === "string" && { failed }),
    ...(aborting === true && { aborting }),
    ...(typeof holder?.host === "string" && Number.isInteger(holder.pid) && { holder: named(holder) }),
  };
}

/** Who cannot be read drives it all the same. */
function named({ who, host, pid, since }: Holder): Holder {
  const words = (value: unknown, other: string): string => (typeof value === "string" ? value : other);
  return { who: words(who, "somebody"), host, pid, since: words(since, "some time") };
}

function checkedPlan(plan: Partial<StepPlan> | undefined): StepPlan | undefined {
  const { steps, soakMs, gate, onFailure } = plan ?? {};
  if (!Array.isArray(steps) || steps.length === 0 || !steps.every(isStep)) return undefined;
  return {
    steps,
    ...(isIndex(soakMs) && { soakMs }),
    ...(typeof gate === "string" && { gate }),
    onFailure: onFailure === "undo" ? "undo" : "pause",
  };
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/**
 * A staging that begins at this set, or the one that is under way already: what was before is remembered once. With a
 * new template the newest revision is the one before; without, an update that is under way is what is staged.
 */
export function stagingFrom(set: StatefulSet, isChanged = true): Staging {
  const { currentRevision, updateRevision } = set.status ?? {};
  const before = isChanged ? updateRevision : currentRevision;
  const revisionBefore = isObserved(set) ? before : undefined;
  const begun: Staging = {
    v: 1,
    partitionBefore: partitionOf(set),
    ...(revisionBefore && { revisionBefore }),
  };
  return stagingOf(set) ?? begun;
}

/**
 * The merge patch that puts a partition in force and writes the staging down in the same request; `undefined` ends the
 * staging. It carries the resourceVersion that the decision was made on.
 */
export function stagingPatch(
  set: StatefulSet,
  partition: number,
  staging: Staging | undefined,
): StagingPatch {
  return {
    metadata: {
      resourceVersion: set.metadata.resourceVersion,
      annotations: { [stagingAnnotation]: staging ? JSON.stringify(staging) : null },
    },
    spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } },
  };
}

/** The merge patch that only writes the staging down. */
export function annotationPatch(set: StatefulSet, staging: Staging): Pick<StagingPatch, "metadata"> {
  const { metadata } = stagingPatch(set, partitionOf(set), staging);
  return { metadata };
}

/** A staging that nobody drives, and none of whose steps has failed. */
export function atRest(staging: Staging): Staging {
  const { holder: _gone, failed: _past, ...rest } = staging;
  return rest;
}

/** A patch of partition and staging; a template can be added to its `spec`, so that both change at once. */
export interface StagingPatch {
  metadata: { resourceVersion: string; annotations: Record<string, string | null> };
  spec: { updateStrategy: object; template?: object };
}

/** The partition after the end of a staging. Without a staging of ours it is 0: everything is updated. */
export function partitionAfter(set: StatefulSet): number {
  return stagingOf(set)?.partitionBefore ?? 0;
}
