import { retentionFlags, readRetentionOptions, type RetentionOptions } from "./claims/retention/options.js";
import { changeRetention } from "./claims/retention/run.js";
import { showRetention } from "./claims/retention/show.js";
import { defineCommand } from "./shared/command.js";

/** Shows or changes what scaling down and deleting a set do to its claims. */
export const pvcRetentionCommand = defineCommand<RetentionOptions>({
  args: "NAME [scaled=Retain|Delete] [deleted=Retain|Delete]",
  completes: "statefulset",
  description: `The policy works by owner references on the claims: none, the set (deleted with it), or a pod that is
being scaled away (deleted with it). What they become, and what would then be destroyed, is shown before
anything is written; a policy that will delete asks. A claim that is left over, without a pod, is not reached by
the controller: it is never given an owner, and one that the policy no longer means is taken off it.`,
  examples: `
# What happens to the claims of web now?
sts pvc retention web

# Delete the claims of every pod that is scaled away; keep them when the set is deleted
sts pvc retention web scaled=Delete deleted=Retain

# Keep everything, from a script
sts pvc retention web scaled=Retain deleted=Retain --timeout=2m`,
  flags: retentionFlags,
  options: readRetentionOptions,

  async run(options, context) {
    const cluster = await context.cluster(options.connection);
    const changes = Object.keys(options.changes).length > 0;
    return changes ? changeRetention(options, context, cluster) : showRetention(options, context, cluster);
  },
});
