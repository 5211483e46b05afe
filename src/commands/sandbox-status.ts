import { formatAge } from "../core/duration.js";
import { UsageError } from "../core/errors.js";
import { ExitCode } from "../errors.js";
import { formatTable } from "../view/table.js";
import { defineCommand } from "./shared/command.js";
import { sandboxHost } from "./shared/sandbox.js";

/** Lists the sandboxes of this user; one that has crashed is said, with its last words, and cleaned away. */
export const sandboxStatusCommand = defineCommand<undefined>({
  connects: false,
  flags: [],
  options(input) {
    const [surplus] = input.args;
    if (surplus !== undefined) throw new UsageError(`unexpected "${surplus}": all sandboxes are listed`);
    return undefined;
  },

  async run(_options, context) {
    const { status } = await import("../sandbox/process/background.js");
    const { sandboxNames } = await import("../sandbox/process/state.js");
    const rows: string[][] = [];
    let code: number = ExitCode.Done;
    for (const name of await sandboxNames(context.env)) {
      const found = await status(sandboxHost(context), name);
      if (found.state === "running") {
        const age = formatAge(context.clock.now() - Date.parse(found.startedAt));
        const { kubernetesVersion, server, kubeconfig, data = "<none>" } = found;
        rows.push([name, kubernetesVersion, age, server, kubeconfig, data]);
      } else if (found.state === "crashed") {
        const words = found.log && `; its last words:\n${found.log}`;
        context.err.write(`sandbox ${name} has crashed and was cleaned away${words}\n`);
        code = ExitCode.Error;
      }
    }
    if (rows.length === 0) context.err.write("no sandbox runs; start one: sts sandbox up\n");
    else
      context.out.write(
        formatTable([["NAME", "KUBERNETES", "AGE", "SERVER", "KUBECONFIG", "DATA"], ...rows]),
      );
    return code;
  },
});
