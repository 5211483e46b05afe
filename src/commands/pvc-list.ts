import { listClaims } from "./claims/list/run.js";
import { listFlags, readListOptions, type ListOptions } from "./claims/list/options.js";
import { defineCommand } from "./shared/command.js";
import { loadOutput } from "./shared/output.js";

/** Every claim of the sets, with what it is to them and what deleting it would do. */
export const pvcListCommand = defineCommand<ListOptions>({
  args: "[NAME…]",
  completes: "statefulset",
  examples: `
# The claims of one set
sts pvc list web

# The same as a map: in use, kept, left over, missing
sts pvc list web --graph

# What was left over by scaling down, in all namespaces, with reasons
sts pvc list -A --state=scaled-down -o wide

# What nobody has used for a month
sts pvc list --older-than=30d`,
  flags: listFlags,
  options: readListOptions,

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    await listClaims(options, context, await context.cluster(options.connection));
    return 0;
  },
});
