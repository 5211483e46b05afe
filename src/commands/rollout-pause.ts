import type { ConnectionFlags } from "../cluster/index.js";
import { kinds } from "../core/kinds.js";
import { pauseSet } from "./rollout/pausing.js";
import { defineCommand } from "./shared/command.js";
import {
  dryRunFlag,
  dryRunSuffixes,
  readConnection,
  readDryRun,
  readOneSetName,
  readWait,
  waitFlags,
  type DryRun,
  type WaitOptions,
} from "./shared/flags.js";
import { namingFor } from "./shared/naming.js";

interface Options {
  connection: ConnectionFlags;
  name: string;
  dryRun: DryRun;
  wait: WaitOptions;
}

/** Holds a set where it is, through the partition, which kubectl does for Deployments only. */
export const rolloutPauseCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description: `The partition from before is remembered; rollout resume brings it back. With no rollout under way,
nothing is updated until then, whatever changes in the template. In the middle of one the
partition becomes the index above which all pods are updated, so that none of those falls back
to the old revision when it is drained.

Scaling works while it is paused. The command ends when the pause is in force; --timeout limits
the wait for that.`,
  examples: `
sts rollout pause web
sts rollout resume web`,
  flags: [...waitFlags.filter(({ name }) => ["timeout", "stall-timeout"].includes(name)), dryRunFlag],

  options: (input) => ({
    connection: readConnection(input),
    name: readOneSetName(input),
    dryRun: readDryRun(input),
    wait: readWait(input),
  }),

  async run({ connection, name, dryRun, wait }, context) {
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? "");
    const isChanged = await pauseSet(context, cluster, set, { dryRun, wait, naming });
    const result = isChanged ? `paused${dryRunSuffixes[dryRun]}` : "unchanged";
    context.out.write(`statefulset.apps/${name} ${result}\n`);
    return 0;
  },
});
