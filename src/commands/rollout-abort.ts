import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import { abortStaging, type AbortOptions } from "./rollout/abort.js";
import { takeOverFlag } from "./rollout/holder.js";
import { changeFlags, readChange } from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";

interface Options extends AbortOptions {
  name: string;
}

/** Takes a staged rollout back. */
export const rolloutAbortCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description: `The template from before the staging comes back and the staged pods go back to it, broken ones too; then the
partition from before is restored. No other pod is touched on the way. It has to wait for the staged pods: when it is
interrupted, the same command goes on where it stopped.`,
  examples: `
# The canary is bad
sts rollout abort web`,
  flags: [takeOverFlag, ...changeFlags],

  options(input) {
    const name = readOneSetName(input);
    const options = { ...readChange(input), name, takeOver: input.boolean("take-over") };
    if (!options.wait.wait) {
      throw new UsageError(
        "--wait=false: the partition may come back only after the staged pods have, so abort has to wait",
      );
    }
    return options;
  },

  async run(options, context) {
    const { name } = options;
    const cluster = await context.cluster(options.connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    return abortStaging(context, cluster, set, options);
  },
});
