import { cleanUp } from "./claims/cleanup/run.js";
import { cleanupFlags, readCleanupOptions, type CleanupOptions } from "./claims/cleanup/options.js";
import { scopeOf } from "./claims/choose.js";
import { LiveClaims } from "./claims/live.js";
import { defineCommand } from "./shared/command.js";

/** Deletes the claims that scaling down left behind, and others only when asked by their state. */
export const pvcCleanupCommand = defineCommand<CleanupOptions>({
  args: "[NAME…]",
  completes: "statefulset",
  examples: `
# Show what is left over from one set, and ask
sts pvc cleanup web

# What nobody used for a week, in all namespaces, from a script
sts pvc cleanup -A --older-than=7d --yes

# The claims of a set that is gone
sts pvc cleanup --set=old-db --template=data

# With a way back: keep the volumes, and save the claims for sts pvc restore
sts pvc cleanup web --keep-data --backup=backup-of-web`,
  flags: cleanupFlags,
  options: readCleanupOptions,

  async run(options, context) {
    const cluster = await context.cluster(options.connection);
    const live = new LiveClaims(cluster, scopeOf(options.scope, cluster), options.gone, context.signal);
    try {
      return await cleanUp(options, context, cluster, live);
    } finally {
      live.stop();
    }
  },
});
