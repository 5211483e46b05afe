import type { Context } from "../context.js";
import { formatAge } from "../core/duration.js";
import { UsageError } from "../core/errors.js";
import { ExitCode } from "../errors.js";
import type { Running } from "../sandbox/process/background.js";
import { formatDocument, type OutputFormat } from "../view/output.js";
import { formatTable } from "../view/table.js";
import { defineCommand } from "./shared/command.js";
import { outputFlag, readOutput } from "./shared/output.js";
import { readNamedSandbox, sandboxHost } from "./shared/sandbox.js";

interface Options {
  /** Undefined means all. */
  name: string | undefined;
  output: OutputFormat;
}

/**
 * Lists the sandboxes of this user, or says of one whether it runs; one that has crashed is said, with its last words,
 * and cleaned away.
 */
export const sandboxStatusCommand = defineCommand<Options>({
  connects: false,
  examples: `
sts sandbox status

# In a script: start it only if it does not run
sts sandbox status --name=ci || sts sandbox up --name=ci`,
  flags: [
    { name: "name", value: "NAME", help: "only this one; the exit code is 1 where it does not run" },
    outputFlag(["json", "yaml"]),
  ],
  options(input) {
    const [surplus] = input.args;
    if (surplus !== undefined)
      throw new UsageError(`unexpected "${surplus}": the sandbox is named by --name`);
    return { name: readNamedSandbox(input), output: readOutput(input, ["json", "yaml"]) };
  },

  async run({ name, output }, context) {
    const { sandboxNames, whyNotReached } = await import("../sandbox/process/state.js");
    const names = name === undefined ? await sandboxNames(context.env) : [name];
    const { running, crashed } = await look(names, context);
    if (output.type !== "table") context.out.write(formatDocument(output, { items: running }));
    else if (running.length > 0) context.out.write(table(running, context.clock.now()));
    else
      context.err.write(
        `${name === undefined ? "no sandbox runs; start one: sts sandbox up" : whyNotReached(name)}\n`,
      );
    const missing = name !== undefined && running.length === 0;
    return crashed || missing ? ExitCode.Error : ExitCode.Done;
  },
});

async function look(names: readonly string[], context: Context) {
  const { status } = await import("../sandbox/process/background.js");
  const running: Running[] = [];
  let crashed = false;
  for (const name of names) {
    const found = await status(sandboxHost(context), name);
    if (found.state === "running") running.push(found);
    if (found.state !== "crashed") continue;
    crashed = true;
    const words = found.log && `; its last words:\n${found.log}`;
    context.err.write(`sandbox ${name} has crashed and was cleaned away${words}\n`);
  }
  return { running, crashed };
}

function table(running: readonly Running[], now: number): string {
  const rows = running.map(({ name, kubernetesVersion, startedAt, server, kubeconfig, data = "<none>" }) => [
    name,
    kubernetesVersion,
    formatAge(now - Date.parse(startedAt)),
    server,
    kubeconfig,
    data,
  ]);
  return formatTable([["NAME", "KUBERNETES", "AGE", "SERVER", "KUBECONFIG", "DATA"], ...rows]);
}
