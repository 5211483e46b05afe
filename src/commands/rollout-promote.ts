import type { ConnectionFlags } from "../cluster/index.js";
import { kinds } from "../core/kinds.js";
import { partitionOf, planStage, promotePatch, promotedPartition, stagingOf } from "../core/staging.js";
import { changeSet } from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import {
  dryRunFlag,
  readConnection,
  readDryRun,
  readSetNames,
  readWait,
  waitFlags,
  type DryRun,
  type WaitOptions,
} from "./shared/flags.js";

interface Options {
  connection: ConnectionFlags;
  name: string;
  dryRun: DryRun;
  wait: WaitOptions;
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
  flags: [...waitFlags, dryRunFlag],

  options(input) {
    return {
      connection: readConnection(input),
      name: readSetNames(input, "one")[0] ?? "",
      dryRun: readDryRun(input),
      wait: readWait(input),
    };
  },

  async run({ connection, name, dryRun, wait }, context) {
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const partition = promotedPartition(set);
    if (!stagingOf(set) && partitionOf(set) === partition) {
      context.err.write(`${set.metadata.namespace}/${name}: nothing is staged; nothing to change\n`);
      context.out.write(`statefulset.apps/${name} unchanged\n`);
      return 0;
    }
    const { updated, held } = planStage(set, { partition });
    return changeSet(context, cluster, {
      connection,
      set,
      title: `partition ${partitionOf(set)} → ${partition}: ${updated || "no pods"} updated`,
      notes: held ? [`the partition from before the staging still holds ${held}`] : [],
      patch: (current) => ({ type: "merge", body: promotePatch(current) }),
      result: `statefulset.apps/${name} promoted`,
      dryRun,
      wait,
    });
  },
});
