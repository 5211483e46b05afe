import type { ConnectionFlags } from "../cluster/kubeconfig/flags.js";
import { ClosedPipeError, describeError, ExitCode, ExitError, InterruptedError } from "../errors.js";
import { bundleFlags, readBundleOptions, type BundleOptions } from "./apply/options.js";
import { locateObjects } from "./bundle/locate.js";
import { objectsFromFiles } from "./bundle/plan.js";
import { diffBundle } from "./diff/run.js";
import { defineCommand } from "./shared/command.js";
import { readConnection } from "./shared/flags.js";
import { readManifests } from "./shared/manifests.js";
import { namingFor } from "./shared/naming.js";

interface Options extends BundleOptions {
  connection: ConnectionFlags;
}

/** Shows what `apply` would change, without changing it. */
export const diffCommand = defineCommand<Options>({
  args: "-f FILE",
  completes: "none",
  description: `The server makes the same apply as a dry run, so fields that it fills in do not show. Exit code 0: nothing would
change; 1: something would; 2: an error.`,
  examples: `
sts diff -f deploy/ -R`,
  flags: bundleFlags,
  options: (input) => ({ ...readBundleOptions(input), connection: readConnection(input) }),

  async run(options, context) {
    const { connection, files } = options;
    try {
      const objects = objectsFromFiles(await readManifests(context, files));
      const cluster = await context.cluster(connection);
      const located = await locateObjects(cluster, objects, connection.namespace);
      const naming = namingFor(context.program, cluster, connection);
      return (await diffBundle(context, cluster, located, options, naming)) ? 1 : 0;
    } catch (error) {
      if (error instanceof InterruptedError || error instanceof ClosedPipeError) throw error;
      // 1 says that something differs.
      throw new ExitError(ExitCode.Usage, describeError(error));
    }
  },
});
