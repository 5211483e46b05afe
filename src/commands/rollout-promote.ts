import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { partitionOf, planStage } from "../core/rollout/partition.js";
import { partitionAfter, stagingOf, stagingPatch } from "../core/rollout/staging.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readSetNames } from "./shared/flags.js";

interface Options extends ChangeOptions {
  name: string;
}

/** Ends a staging: what it held is updated too. */
export const rolloutPromoteCommand = defineCommand<Options>({
  path: "rollout promote",
  group: "rollout",
  summary: "Let a staged update reach all pods",
  args: "NAME",
  completes: "statefulset",
  description: "The partition from before the staging comes back (0 where none was), highest ordinal first.",
  examples: `
sts rollout promote web`,
  flags: [{ name: "all", help: "finish at once, whatever steps are left" }, ...changeFlags],

  options: (input) => ({ ...readChange(input), name: readSetNames(input, "one")[0] ?? "" }),

  async run(options, context) {
    const { name } = options;
    const cluster = await context.cluster(options.connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    return changeSet(context, cluster, promotion(set), options);
  },
});

function promotion(set: StatefulSet): SetChange {
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
    notes: held ? [`the partition from before the staging still holds ${held}`] : [],
    patch: (current) => ({ type: "merge", body: stagingPatch(current, partitionAfter(current), undefined) }),
    result: `${subject} promoted`,
  };
}
