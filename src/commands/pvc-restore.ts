import { readClaimName } from "../core/claims/restore/names.js";
import { UsageError } from "../core/errors.js";
import { restoreOutputs, type RestoreOptions } from "./claims/restore/options.js";
import { readBackup } from "./claims/restore/read-backup.js";
import { restore } from "./claims/restore/run.js";
import { defineCommand } from "./shared/command.js";
import { dryRunFlag, readConnection, readDryRun } from "./shared/flags.js";

/** Gives claims of a backup back, bound to the volumes that they had. */
export const pvcRestoreCommand = defineCommand<RestoreOptions>({
  args: "DIR [CLAIM…]",
  completes: "file",
  description: `DIR is what pvc cleanup --backup=DIR wrote, or one file of it. It holds claims and volumes as objects; the data is in the
volumes, which must still be there: pvc cleanup --keep-data sees to that. When one of the claims cannot be given back,
nothing is done, and every reason is told. The claims go to the namespaces they came from; -n gives back only those of one.`,
  examples: `
# Look what would be done, and whether the server would take it
sts pvc restore backup --dry-run=server

# Give everything back that a clean-up took away
sts pvc restore backup

# One claim of it
sts pvc restore backup www-web-2`,
  flags: [
    dryRunFlag,
    { name: "wait", value: "BOOL", bare: "true", help: "wait until the claims are bound (default true)" },
    { name: "timeout", value: "DURATION", help: "give up waiting after this long; 0 is never (default)" },
    {
      name: "output",
      short: "o",
      value: "FORMAT",
      choices: restoreOutputs,
      help: "how to print what was given back",
    },
  ],

  options(input) {
    const [path, ...names] = input.args;
    if (!path)
      throw new UsageError("the folder of a backup is needed, as pvc cleanup --backup=DIR writes it");
    return {
      connection: readConnection(input),
      path,
      names: names.map(readClaimName),
      dryRun: readDryRun(input),
      wait: input.boolean("wait", true),
      timeout: input.duration("timeout") || undefined,
      output: input.oneOf("output", restoreOutputs),
    };
  },

  async run(options, context) {
    const backup = await readBackup(context, options.path);
    return await restore(context, await context.cluster(options.connection), backup, options);
  },
});
