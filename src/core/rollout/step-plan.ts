import { ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";
import { isObserved } from "../revision.js";
import { partitionFor } from "./partition.js";
import { stagingOf, type StepPlan } from "./staging.js";
import { stepRequest } from "./steps.js";

/** A step of a plan, counted out for a set as it is now. */
export interface PlannedStep {
  /** Its index in the plan. */
  index: number;
  /** The partition that it brings, as the API has it. */
  partition: number;
  /** The ordinals that it updates and no step before it did, from `first` to `last`; none where `last` is below. */
  first: number;
  last: number;
}

/** Whether a rollout in steps is begun, gone on with after its process ended, or changed in the middle. */
export type Beginning = "new" | "resumed" | "replanned";

/**
 * What a run of a plan begins with; `step` is undefined where the plan holds nothing back that is not through already.
 * `isChanged`: the template changes in the same patch. Without a staging under way every ordinal counts as held then.
 * With one the partition is never raised, and what it let through is one step: those pods are replaced again at once.
 */
export function beginSteps(
  set: StatefulSet,
  plan: StepPlan,
  isChanged: boolean,
): { beginning: Beginning; step: PlannedStep | undefined } {
  const staging = stagingOf(set);
  const { replicas } = ordinalRange(set);
  if (!staging || (isChanged && isOneRevision(set))) {
    return { beginning: "new", step: stepsBelow(set, plan, isChanged ? replicas : heldOf(set))[0] };
  }
  if (isChanged) return { beginning: "replanned", step: stepOver(set, plan) };
  if (staging.plan && sameSteps(staging.plan, plan)) {
    return { beginning: "resumed", step: stepInForce(set, plan, staging.step ?? 0) };
  }
  return { beginning: "replanned", step: stepsBelow(set, plan, heldOf(set))[0] };
}

/** What comes after a step that has passed: the next one, the end of the staging, or to hold what the plan leaves. */
export type NextMove = { type: "step"; step: PlannedStep } | { type: "finish" } | { type: "hold" };

export function nextMove(set: StatefulSet, plan: StepPlan | undefined): NextMove {
  const held = heldOf(set);
  if (held === 0) return { type: "finish" };
  const [step] = plan ? stepsBelow(set, plan, held) : [];
  return step ? { type: "step", step } : { type: "hold" };
}

/**
 * The steps that let further ordinals through while the lowest `held` are held, in order; those that do not are passed
 * over. Counted with the replicas of now: a set may be scaled in the middle. No step raises the partition.
 */
export function stepsBelow(set: StatefulSet, plan: StepPlan, held: number): PlannedStep[] {
  const { start } = ordinalRange(set);
  const planned: PlannedStep[] = [];
  let above = held;
  for (const [index, partition] of partitionsOf(set, plan).entries()) {
    if (partition >= above) continue;
    planned.push({ index, partition, first: start + partition, last: start + above - 1 });
    above = partition;
  }
  return planned;
}

/** How many of the lowest ordinals the partition in force holds. */
function heldOf(set: StatefulSet): number {
  const { partition, replicas } = ordinalRange(set);
  return Math.min(partition, replicas);
}

function partitionsOf(set: StatefulSet, { steps }: StepPlan): number[] {
  const { replicas } = ordinalRange(set);
  return steps.map((step) => partitionFor(stepRequest(step), replicas));
}

/** The step whose partition is in force: nobody knows whether it passed. */
function stepInForce(set: StatefulSet, plan: StepPlan, recorded: number): PlannedStep {
  const { start, end, replicas, partition, firstUpdated } = ordinalRange(set);
  const index = Math.max(0, Math.min(recorded, plan.steps.length - 1));
  const before = partitionsOf(set, plan).slice(0, index);
  const above = Math.min(replicas, ...before);
  const last = above > heldOf(set) ? start + above - 1 : end - 1;
  return { index, partition, first: firstUpdated, last };
}

/** The step that replaces what is through already, for another template. */
function stepOver(set: StatefulSet, plan: StepPlan): PlannedStep | undefined {
  const { end, replicas, partition, firstUpdated } = ordinalRange(set);
  const held = heldOf(set);
  if (held === replicas) return stepsBelow(set, plan, held)[0];
  const index = partitionsOf(set, plan).findLastIndex((planned) => planned >= held);
  if (index >= 0) return { index, partition, first: firstUpdated, last: end - 1 };
  const [step] = stepsBelow(set, plan, held);
  return step && { ...step, last: end - 1 };
}

function sameSteps(left: StepPlan, right: StepPlan): boolean {
  return left.steps.join() === right.steps.join();
}

/** No pod is at another revision than the others, as far as the status tells: a staging has nothing to keep. */
function isOneRevision(set: StatefulSet): boolean {
  return isObserved(set) && set.status?.currentRevision === set.status?.updateRevision;
}
