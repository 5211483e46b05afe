import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { anyPartition, applierNotes } from "../core/rollout/appliers.js";
import { checkHasPartition, partitionOf, planStage, type StageRequest } from "../core/rollout/partition.js";
import { atRest, stagingFrom, stagingPatch, type StepPlan } from "../core/rollout/staging.js";
import { beginSteps } from "../core/rollout/step-plan.js";
import { beginningNotes } from "./rollout/drive-words.js";
import { driveSteps } from "./rollout/drive.js";
import { askingFor, refuseUnlessFree, takeOverFlag } from "./rollout/holder.js";
import { readStepPlan, stepFlags } from "./rollout/step-flags.js";
import type { StagingRequest } from "./rollout/template-change.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";
import type { Input } from "./shared/input.js";

interface Options extends ChangeOptions {
  name: string;
  staging: StagingRequest;
  takeOver: boolean;
}

/** Lets an update reach the highest ordinals only, through the partition; or all of them, step by step. */
export const rolloutStageCommand = defineCommand<Options>({
  args: "NAME --partition=N|--canary=N|--percent=P|--steps=N,P%,…",
  completes: "statefulset",
  description: `The partition that was there before is remembered; rollout promote brings it back.
A stage that is wider than the last one updates further pods; a narrower one rolls nothing back.
With --steps the update that is held goes on by itself, each step after the one before has passed.`,
  examples: `
# The highest ordinal only
sts rollout stage web --canary=1

# Half of the pods, rounded up
sts rollout stage web --percent=50

# As the API has it: an index counted from spec.ordinals.start; from there on up pods are updated
sts rollout stage web --partition=2

# One pod, then half of them, then all, each step watched for a minute and tried by a command
sts rollout stage web --steps=1,50%,100% --soak=60s --gate=./smoke.sh`,
  flags: [
    { name: "partition", value: "N", help: "index from which on pods are updated, as in the API" },
    { name: "canary", value: "N", help: "how many of the highest ordinals are updated" },
    { name: "percent", value: "P", help: "how many percent of the pods are updated, highest ordinals first" },
    ...stepFlags,
    takeOverFlag,
    ...changeFlags,
  ],

  options: (input) => ({
    ...readChange(input),
    name: readOneSetName(input),
    staging: readRequest(input),
    takeOver: input.boolean("take-over"),
  }),

  async run(options, context) {
    const { name, staging, takeOver } = options;
    const cluster = await context.cluster(options.connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const asking = askingFor(context, cluster, set, options);
    const check = (current: StatefulSet): void => refuseUnlessFree(asking, current, "stage");
    check(set);
    if ("request" in staging) return changeSet(context, cluster, stage(set, staging.request, check), options);
    const { plan } = staging;
    checkHasPartition(set);
    const { beginning, step } = beginSteps(set, plan, false);
    const result = `statefulset.apps/${name}`;
    if (!step) return changeSet(context, cluster, nothingHeld(set, `${result} unchanged`), options);
    const notes = [...beginningNotes(set, beginning, false), ...applierNotes(set, { spec: anyPartition })];
    const rollout = { set, plan, step, notes, gate: plan.gate, takeOver, unstick: false };
    const title = "the update that is held";
    return driveSteps(
      context,
      cluster,
      { ...rollout, title, template: () => undefined, result: `${result} staged` },
      options,
    );
  },
});

function stage(set: StatefulSet, request: StageRequest, check: (set: StatefulSet) => void): SetChange {
  const { partition, updated, held, warnings } = planStage(set, request);
  const parts = [updated && `${updated} updated`, held && `${held} held`].filter(Boolean).join("; ");
  const same = partitionOf(set) === partition ? ["this partition is in force already"] : [];
  return {
    set,
    title: `partition ${partition}: ${parts || "no pods"}`,
    notes: [...warnings, ...same],
    patch: (current) => {
      check(current);
      const staging = atRest(stagingFrom(current, false));
      return { type: "merge", body: stagingPatch(current, partition, staging) };
    },
    result: `statefulset.apps/${set.metadata.name} staged`,
  };
}

function nothingHeld(set: StatefulSet, result: string): SetChange {
  const title = `partition ${partitionOf(set)} holds nothing that the steps could let through; nothing to change`;
  return { set, title, notes: [], patch: undefined, result };
}

function readRequest(input: Input): StagingRequest {
  const partition = input.integer("partition");
  const canary = input.integer("canary");
  const percent = input.integer("percent", { min: 0, max: 100 });
  const plan: StepPlan | undefined = readStepPlan(input);
  const requests: StagingRequest[] = [
    ...(partition === undefined ? [] : [{ request: { partition } }]),
    ...(canary === undefined ? [] : [{ request: { canary } }]),
    ...(percent === undefined ? [] : [{ request: { percent } }]),
    ...(plan === undefined ? [] : [{ plan }]),
  ];
  const [request, ...more] = requests;
  if (!request || more.length > 0)
    throw new UsageError("one of --partition, --canary, --percent and --steps is needed");
  return request;
}
