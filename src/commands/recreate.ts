import { readRecreateOptions, recreateFlags, type RecreateOptions } from "./recreate/options.js";
import { recreate } from "./recreate/run.js";
import { defineCommand } from "./shared/command.js";

/** Changes an immutable field: the set is deleted around its pods and claims, and made anew. */
export const recreateCommand = defineCommand<RecreateOptions>({
  args: "NAME",
  completes: "statefulset",
  description: `The set is saved, deleted alone (its pods run on), made anew with the change, and checked: the new set has to take
over every pod, and none is restarted. spec.serviceName, spec.podManagementPolicy and the storageClassName of a claim
template can be set; a claim template that no pod uses can be taken away. Refused while a partition holds pods back, a
rollout, a staging or a pause is under way.

Interrupted, by whatever, it goes on with the same command, or with sts recreate NAME alone.`,
  examples: `
# Give the pods another headless Service
sts recreate web --set spec.serviceName=web-hs

# Start the pods all at once from now on
sts recreate web --set spec.podManagementPolicy=Parallel

# New claims from another StorageClass; those that are there stay
sts recreate web --set 'spec.volumeClaimTemplates[www].spec.storageClassName=fast'`,
  flags: recreateFlags,
  options: readRecreateOptions,
  run: recreate,
});
