import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { partitionOf, planStage } from "../core/rollout/partition.js";
import {
  atRest,
  partitionAfter,
  stagingFrom,
  stagingOf,
  stagingPatch,
  type StepPlan,
} from "../core/rollout/staging.js";
import { nextMove, type PlannedStep } from "../core/rollout/step-plan.js";
import { stepTitle } from "./rollout/drive-words.js";
import { sanitizeLine } from "../view/sanitize.js";
import { driveSteps } from "./rollout/drive.js";
import { askingFor, refuseUnlessFree, takeOverFlag } from "./rollout/holder.js";
import { readGate } from "./rollout/step-flags.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";

interface Options extends ChangeOptions {
  name: string;
  all: boolean;
  gate: string | undefined;
  takeOver: boolean;
}

/** Goes to the next step of a staging, or ends it: what it held is updated too. */
export const rolloutPromoteCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description: `A rollout in steps goes to its next step, is watched for its soak, and stops there. After the last one, and
where there are no steps, the partition from before the staging comes back (0 where none was), highest ordinal first.
A gate that was given when the rollout began is not run again: name one here where it is wanted.`,
  examples: `
sts rollout promote web

# The next step only counts when the command agrees
sts rollout promote web --gate=./smoke.sh

# All that is held, at once
sts rollout promote web --all`,
  flags: [
    { name: "all", help: "finish at once, whatever steps are left" },
    {
      name: "gate",
      value: "COMMAND",
      help: "run this after the step; unless it exits with 0, the step has failed",
    },
    takeOverFlag,
    ...changeFlags,
  ],

  options(input) {
    const name = readOneSetName(input);
    const gate = readGate(input);
    const [all, takeOver] = [input.boolean("all"), input.boolean("take-over")];
    const change = readChange(input);
    if (gate !== undefined && all) throw new UsageError("--gate belongs to a step, and --all has none");
    if (gate !== undefined && !change.wait.wait) {
      throw new UsageError("--gate is run once the pods are ready: it cannot be had with --wait=false");
    }
    return { ...change, name, all, gate, takeOver };
  },

  async run(options, context) {
    const { name, all, gate, takeOver } = options;
    const cluster = await context.cluster(options.connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const asking = askingFor(context, cluster, set, options);
    const check = (current: StatefulSet): void => refuseUnlessFree(asking, current, "stage");
    check(set);
    const { plan } = stagingOf(set) ?? {};
    const move = nextMove(set, all ? undefined : plan);
    if (move.type !== "step" || !plan) {
      if (gate !== undefined)
        throw new UsageError(`--gate: ${name} has no step left that it could decide on`);
      return changeSet(context, cluster, promotion(set, check), options);
    }
    const { step } = move;
    if (!options.wait.wait) {
      return changeSet(context, cluster, unwatched(set, { plan, step, check }), options);
    }
    const rollout = { set, plan, step, gate, takeOver, once: true, unstick: false };
    return driveSteps(
      context,
      cluster,
      {
        ...rollout,
        title: stepTitle(set, plan, step),
        notes: [...failureNotes(set), ...gateNotes(plan, gate)],
        template: () => undefined,
        result: `statefulset.apps/${name} promoted`,
      },
      options,
    );
  },
});

/** To go on after a failure is for the user to decide, who should know of it. */
function failureNotes(set: StatefulSet): string[] {
  const { step = 0, failed } = stagingOf(set) ?? {};
  return failed === undefined ? [] : [sanitizeLine(`step ${step + 1} failed: ${failed}`)];
}

/** Who may write annotations would otherwise run commands on the machines of whoever promotes. */
function gateNotes({ gate }: StepPlan, given: string | undefined): string[] {
  if (gate === undefined || given !== undefined) return [];
  return [sanitizeLine(`the gate that the rollout began with is not run (${gate}); --gate=COMMAND runs one`)];
}

/** A step that nobody watches: it soaks for nobody, and is held as soon as it is written. */
function unwatched(
  set: StatefulSet,
  { plan, step, check }: { plan: StepPlan; step: PlannedStep; check: (set: StatefulSet) => void },
): SetChange {
  const { soakMs, gate } = plan;
  const notes = failureNotes(set);
  if (soakMs || gate) notes.push("nobody waits for it, so it has no soak and no gate");
  return {
    set,
    title: stepTitle(set, plan, step),
    notes,
    patch: (current) => {
      check(current);
      const staging = { ...atRest(stagingFrom(current, false)), step: step.index };
      return { type: "merge", body: stagingPatch(current, step.partition, staging) };
    },
    result: `statefulset.apps/${set.metadata.name} promoted`,
  };
}

function promotion(set: StatefulSet, check: (set: StatefulSet) => void): SetChange {
  const [before, partition] = [partitionOf(set), partitionAfter(set)];
  const subject = `statefulset.apps/${set.metadata.name}`;
  if (!stagingOf(set) && before === partition) {
    const title = "nothing is staged; nothing to change";
    return { set, title, notes: [], patch: undefined, result: `${subject} unchanged` };
  }
  const { updated, held } = planStage(set, { partition });
  return {
    set,
    title: `partition ${before} → ${partition}: ${updated || "no pods"} updated`,
    notes: [
      ...failureNotes(set),
      ...(held ? [`the partition from before the staging still holds ${held}`] : []),
    ],
    patch: (current) => {
      check(current);
      return { type: "merge", body: stagingPatch(current, partitionAfter(current), undefined) };
    },
    result: `${subject} promoted`,
  };
}
