import { withStaging } from "../../core/apply/held.js";
import type { Manifest, StatefulSet } from "../../core/model.js";
import {
  checkHasPartition,
  partitionOf,
  planStage,
  type PlannedStage,
} from "../../core/rollout/partition.js";
import { atRest, stagingFrom, stagingOf, type StepPlan } from "../../core/rollout/staging.js";
import { beginSteps, type Beginning, type PlannedStep } from "../../core/rollout/step-plan.js";
import type { StagingRequest } from "../rollout/template-change.js";

/** How far a change goes for now: a stage that is then held, or the first of several steps. */
export type Stage = { stage: PlannedStage } | StepsBegun;

/** A rollout in steps that begins with the apply, or goes on after it. */
export interface StepsBegun {
  plan: StepPlan;
  step: PlannedStep;
  beginning: Beginning;
  isChanged: boolean;
}

/**
 * What a staging adds to a set's manifest, so that template, partition and annotation are one write. `set` is the set as
 * it would be without. Undefined where there is nothing to stage: the template is as asked for and no staging under way.
 * Throws a UsageError for a set whose update strategy has no partition.
 */
export function addStage(
  set: StatefulSet,
  body: Manifest,
  staging: StagingRequest,
  isChanged: boolean,
): { stage: Stage; body: Manifest } | undefined {
  if (!isChanged && !stagingOf(set)) return undefined;
  const under = atRest(stagingFrom(set, isChanged));
  if ("request" in staging) {
    const stage = planStage(set, staging.request);
    if (!isChanged && stage.partition === partitionOf(set)) return undefined;
    return { stage: { stage }, body: withStaging(body, stage.partition, under) };
  }
  checkHasPartition(set);
  const { plan } = staging;
  const { beginning, step } = beginSteps(set, plan, isChanged);
  if (!step) return undefined;
  const stage = { plan, step, beginning, isChanged };
  // Without a new template there is nothing to write at once: the driver writes down what it does.
  if (!isChanged) return { stage, body };
  return { stage, body: withStaging(body, step.partition, { ...under, plan, step: step.index }) };
}
