import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { UsageError } from "../../core/errors.js";
import type { NextStep } from "../../core/progress/verdict.js";
import {
  checkHasPartition,
  partitionOf,
  planStage,
  type StageRequest,
} from "../../core/rollout/partition.js";
import {
  annotationPatch,
  atRest,
  stagingFrom,
  stagingOf,
  stagingPatch,
  type StepPlan,
} from "../../core/rollout/staging.js";
import { explicitPartition } from "../../core/rollout/unstick.js";
import { beginSteps } from "../../core/rollout/step-plan.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "../shared/change-set.js";
import type { Flag } from "../shared/command.js";
import type { Input } from "../shared/input.js";
import { beginningNotes } from "./drive-words.js";
import { driveSteps, type SteppedRollout } from "./drive.js";
import { askingFor, refuseUnlessFree, takeOverFlag } from "./holder.js";
import { preflight } from "./preflight.js";
import { readStepPlan, stepFlags } from "./step-flags.js";

/** How a change of the template reaches the pods, other than all at once: a stage that is then held, or by steps. */
export type StagingRequest = { request: StageRequest } | { plan: StepPlan };

/** Flags of every command that changes the pod template of one set. */
export const templateFlags: readonly Flag[] = [
  { name: "stage", value: "N", help: "only the N highest ordinals for now; rollout promote does the others" },
  {
    name: "unstick",
    help: "delete broken pods of an old revision, one at a time, where OrderedReady would wait for them for ever",
  },
  ...stepFlags,
  takeOverFlag,
  { name: "max-unready", value: "N", help: "refuse to start while more than N ordinals are not ready" },
  ...changeFlags,
];

export interface TemplateOptions extends ChangeOptions {
  /** Undefined: all that the partition in force allows. */
  staging: StagingRequest | undefined;
  unstick: boolean;
  maxUnready: number | undefined;
  takeOver: boolean;
}

export function readTemplateOptions(input: Input): TemplateOptions {
  const change = readChange(input);
  const unstick = input.boolean("unstick");
  if (unstick && !change.wait.wait) {
    throw new UsageError("--unstick deletes pods one at a time, so it has to wait: not with --wait=false");
  }
  return {
    ...change,
    staging: readStaging(input),
    unstick,
    maxUnready: input.integer("max-unready"),
    takeOver: input.boolean("take-over"),
  };
}

/** How `--stage` or `--steps` want a change to reach the pods; undefined without either. */
function readStaging(input: Input): StagingRequest | undefined {
  const canary = input.integer("stage", { min: 1 });
  const plan = readStepPlan(input);
  if (plan && canary !== undefined) throw new UsageError("--stage and --steps: one of them");
  if (plan) return { plan };
  return canary === undefined ? undefined : { request: { canary } };
}

/** A change of the pod template of one set. */
export interface TemplateChange {
  set: StatefulSet;
  /** What changes, in a few words: `nginx → nginx:1.29`. */
  title: string;
  notes: string[];
  /** What is said instead of `title` where the template is as asked already. */
  unchanged: string;
  /**
   * The part of a strategic merge patch that is below `spec.template`, made from the set as it is when it is sent;
   * undefined where its template is as asked already.
   */
  template(set: StatefulSet): object | undefined;
  /** The result's subject and verb, as on stdout: `statefulset.apps/web image` and `updated`. */
  subject: string;
  verb: string;
  /** In place of `verb` where nothing changes; `unchanged` when left out. */
  verbUnchanged?: string;
  /** How to take it back, offered when it fails. */
  back?: NextStep;
}

/**
 * Changes a template and, where it is staged, the partition in the same patch, so that no pod is touched before its
 * turn; then follows the rollout. Returns the exit code. Where the template is as asked already, only a staging under
 * way is gone on with: an earlier run may have been killed.
 */
export async function changeTemplate(
  context: Context,
  cluster: Cluster,
  change: TemplateChange,
  options: TemplateOptions,
): Promise<number> {
  const { set } = change;
  const { staging, unstick, takeOver } = options;
  const asking = askingFor(context, cluster, set, options);
  const free = (current: StatefulSet): void =>
    refuseUnlessFree(asking, current, staging ? "stage" : "change");
  free(set);
  const notes = [...change.notes, ...(await preflight(context, cluster, change, options))];
  const isStaged = stagingOf(set) !== undefined;
  const isChanged = change.template(set) !== undefined;
  if (staging && "plan" in staging && (isChanged || isStaged)) {
    const begun = beginChange({ ...change, notes }, staging.plan, isChanged);
    if (begun) return driveSteps(context, cluster, { ...begun, unstick, takeOver }, options);
    notes.push("no pod is held that these steps would let through");
  }
  const request = staging && "request" in staging && (isChanged || isStaged) ? staging.request : undefined;
  return changeSet(context, cluster, setChange({ ...change, notes }, request, { unstick, free }), options);
}

/** The rollout in steps that a change begins, or goes on with; undefined where there is nothing to hold. */
function beginChange(
  change: TemplateChange,
  plan: StepPlan,
  isChanged: boolean,
): Omit<SteppedRollout, "unstick" | "takeOver"> | undefined {
  const { set, title, subject, verb, template } = change;
  checkHasPartition(set);
  const { beginning, step } = beginSteps(set, plan, isChanged);
  if (!step) return undefined;
  const notes = [...change.notes, ...beginningNotes(set, beginning, isChanged)];
  return { set, plan, step, title, notes, template, gate: plan.gate, result: `${subject} ${verb}` };
}

interface Circumstances {
  unstick: boolean;
  /** Throws when another process drives the staging by now. */
  free(set: StatefulSet): void;
}

function setChange(
  change: TemplateChange,
  request: StageRequest | undefined,
  { unstick, free }: Circumstances,
): SetChange {
  const { set, title, notes, unchanged, subject, verb, verbUnchanged = "unchanged", back } = change;
  const plan = request && planStage(set, request);
  const isSame = !change.template(set) && (plan === undefined || plan.partition === partitionOf(set));
  const parts = plan ? [plan.updated && `${plan.updated} first`, plan.held && `${plan.held} held`] : [];
  const what = change.template(set) ? title : plan ? `partition ${plan.partition}` : unchanged;
  return {
    set,
    title: [what, !isSame && parts.filter(Boolean).join("; ")].filter(Boolean).join(": "),
    notes: [...notes, ...(plan?.warnings ?? [])],
    patch: isSame
      ? undefined
      : (current) => {
          free(current);
          const partition = plan?.partition;
          return { type: "strategic", body: templatePatch(current, change, { partition, unstick }) };
        },
    result: `${subject} ${isSame ? verbUnchanged : verb}`,
    unstick,
    ...(back && { back }),
  };
}

/** Template and partition in one patch: two would roll pods in between. */
function templatePatch(
  set: StatefulSet,
  change: TemplateChange,
  { partition, unstick }: { partition: number | undefined; unstick: boolean },
): object {
  const template = change.template(set);
  if (partition === undefined) {
    const { resourceVersion } = set.metadata;
    const staging = stagingOf(set);
    // Another template: what the one before failed with is past.
    return {
      ...(staging?.failed ? annotationPatch(set, atRest(staging)) : { metadata: { resourceVersion } }),
      spec: { template, ...(unstick && explicitPartition(set)) },
    };
  }
  const { metadata, spec } = stagingPatch(set, partition, atRest(stagingFrom(set, template !== undefined)));
  return { metadata, spec: { ...spec, ...(template && { template }) } };
}
