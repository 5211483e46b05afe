import { readResizeOptions, resizeFlags, type ResizeOptions } from "./claims/resize/options.js";
import { resize } from "./claims/resize/run.js";
import { defineCommand } from "./shared/command.js";

/** Grows the claims of a set end to end: the claims, their file systems, and the templates of those to come. */
export const pvcResizeCommand = defineCommand<ResizeOptions>({
  args: "NAME TEMPLATE=SIZE…",
  completes: "statefulset",
  description: `First every claim in range is asked for the new size and waited for, then the set is deleted and made
anew around its pods with the size in its claim template, which the API changes in no other way. Nothing
is written before all of it has been checked, shown and confirmed.

Where a file system does not grow while its pod runs, --restart-if-needed restarts such pods one at a time.
Volumes never shrink: claims that are larger already stay so. What was interrupted goes on with the same command.`,
  examples: `
# 20Gi for every replica, and for replicas to come
sts pvc resize db data=20Gi

# Two templates; pods are restarted where their file systems grow in no other way
sts pvc resize db data=20Gi logs=5Gi --restart-if-needed --yes

# What would happen, checked by the API server
sts pvc resize db data=20Gi --dry-run=server

# One replica only; the template stays
sts pvc resize db data=50Gi --ordinals=2`,
  flags: resizeFlags,
  options: readResizeOptions,

  async run(options, context) {
    return resize(options, context, await context.cluster(options.connection));
  },
});
