import { defineCommand } from "./shared/command.js";
import { readSandboxName, refuseArguments, sandboxHost, sandboxNameFlag } from "./shared/sandbox.js";

/** Ends a sandbox and removes all that it has left. */
export const sandboxDownCommand = defineCommand<string>({
  connects: false,
  examples: `
sts sandbox down`,
  flags: [sandboxNameFlag],
  options(input) {
    refuseArguments(input);
    return readSandboxName(input);
  },

  async run(name, context) {
    const { down } = await import("../sandbox/process/background.js");
    const { state } = await down(sandboxHost(context), name);
    const was =
      state === "stopped" ? "was not running" : state === "crashed" ? "had crashed; cleaned away" : "is down";
    context.out.write(`sandbox ${name} ${was}\n`);
    return 0;
  },
});
