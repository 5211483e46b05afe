import { readApplyOptions, applyFlags, type ApplyOptions } from "./apply/options.js";
import { applyBundle } from "./apply/run.js";
import { showOnly } from "./apply/show-only.js";
import { locateObjects } from "./bundle/locate.js";
import { objectsFromFiles } from "./bundle/plan.js";
import { defineCommand } from "./shared/command.js";
import { readManifests } from "./shared/manifests.js";
import { loadOutput } from "./shared/output.js";

/** Server-side apply of any bundle, with its sets followed to the end: what a pipeline calls on every commit. */
export const applyCommand = defineCommand<ApplyOptions>({
  args: "-f FILE",
  completes: "none",
  description: `Server-side apply: what the manifests leave out is left to its owner. Every object is sent as a server dry run first:
nothing is written when any of them is invalid or belongs to another field manager. Running it twice changes nothing.
While a rollout is staged or paused, its partition is kept.`,
  examples: `
# Whatever a repository says, and wait until it is so
sts apply -f deploy/ -R --timeout=15m

# A new template reaches the highest ordinal only, until it is promoted
sts apply -f web.yaml --stage=1
sts rollout promote web

# What would it change?
sts diff -f web.yaml`,
  flags: applyFlags,
  options: readApplyOptions,

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    const objects = objectsFromFiles(await readManifests(context, options.files));
    const cluster = await context.cluster(options.connection);
    const located = await locateObjects(cluster, objects, options.connection.namespace);
    if (options.dryRun === "client") return showOnly(context, cluster, located, options.output);
    return applyBundle(context, cluster, located, options);
  },
});
