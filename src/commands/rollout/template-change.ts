import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { partitionOf, planStage, type StageRequest } from "../../core/rollout/partition.js";
import { stagingFrom, stagingOf, stagingPatch } from "../../core/rollout/staging.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "../shared/change-set.js";
import type { Flag } from "../shared/command.js";
import type { Input } from "../shared/input.js";
import { refuseUnlessFree } from "./holder.js";
import { preflight } from "./preflight.js";

/** How a change of the template reaches the pods, other than all at once. */
export interface StagingRequest {
  request: StageRequest;
}

/** Flags of every command that changes the pod template of one set. */
export const templateFlags: readonly Flag[] = [
  { name: "stage", value: "N", help: "only the N highest ordinals for now; rollout promote does the others" },
  {
    name: "unstick",
    help: "delete broken pods of an old revision, one at a time, where OrderedReady would wait for them for ever",
  },
  { name: "max-unready", value: "N", help: "refuse to start while more than N ordinals are not ready" },
  ...changeFlags,
];

export interface TemplateOptions extends ChangeOptions {
  /** Undefined: all that the partition in force allows. */
  staging: StagingRequest | undefined;
  unstick: boolean;
  maxUnready: number | undefined;
}

export function readTemplateOptions(input: Input): TemplateOptions {
  const stage = input.integer("stage", { min: 1 });
  return {
    ...readChange(input),
    staging: stage === undefined ? undefined : { request: { canary: stage } },
    unstick: input.boolean("unstick"),
    maxUnready: input.integer("max-unready"),
  };
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
  const { staging } = options;
  refuseUnlessFree(context.machine, set, staging !== undefined);
  const notes = [...change.notes, ...(await preflight(context, cluster, change, options))];
  const isStaged = stagingOf(set) !== undefined;
  const isChanged = change.template(set) !== undefined;
  const request = isChanged || isStaged ? staging?.request : undefined;
  return changeSet(context, cluster, setChange({ ...change, notes }, request, options.unstick), options);
}

function setChange(change: TemplateChange, request: StageRequest | undefined, unstick: boolean): SetChange {
  const { set, title, notes, unchanged, subject, verb, back } = change;
  const plan = request && planStage(set, request);
  const isSame = !change.template(set) && (plan === undefined || plan.partition === partitionOf(set));
  const parts = plan && [plan.updated && `${plan.updated} first`, plan.held && `${plan.held} held`];
  const what = change.template(set) ? title : plan ? `partition ${plan.partition}` : unchanged;
  return {
    set,
    title: parts && !isSame ? `${what}: ${parts.filter(Boolean).join("; ")}` : what,
    notes: [...notes, ...(plan?.warnings ?? [])],
    patch: isSame
      ? undefined
      : (current) => ({ type: "strategic", body: templatePatch(current, change, plan?.partition) }),
    result: `${subject} ${isSame ? "unchanged" : verb}`,
    unstick,
    ...(back && { back }),
  };
}

/** Template and partition in one patch: two would roll pods in between. */
function templatePatch(set: StatefulSet, change: TemplateChange, partition: number | undefined): object {
  const template = change.template(set);
  if (partition === undefined) {
    return { metadata: { resourceVersion: set.metadata.resourceVersion }, spec: { template } };
  }
  const { metadata, spec } = stagingPatch(set, partition, stagingFrom(set));
  return { metadata, spec: { ...spec, ...(template && { template }) } };
}
