import { UsageError } from "../core/errors.js";
import { defineCommand } from "./shared/command.js";
import { readSandboxSettings, sandboxFlags, type SandboxSettings } from "./shared/sandbox.js";

interface Options {
  command: readonly string[];
  settings: SandboxSettings;
}

/** Gives one command a sandbox of its own, by KUBECONFIG, and throws it away afterwards. */
export const sandboxRunCommand = defineCommand<Options>({
  args: "-- COMMAND [ARG…]",
  connects: false,
  outlastsSignals: true,
  description: "KUBECONFIG is set for the command; its exit code is that of sts.",
  examples: `
sts sandbox run --speed=20 -- ./test-my-rollout.sh`,
  flags: sandboxFlags,

  options(input) {
    const [surplus] = input.args;
    if (surplus !== undefined && input.rest.length > 0)
      throw new UsageError(`unexpected "${surplus}": the command is what is behind --`);
    if (input.rest.length === 0)
      throw new UsageError("a command is needed behind --: sts sandbox run -- COMMAND");
    return { command: input.rest, settings: readSandboxSettings(input) };
  },

  async run({ command, settings }, { env, signal, stdin }) {
    const { runWith } = await import("../sandbox/process/run-with.js");
    return runWith({ env, signal, sharesTerminal: stdin.isTerminal }, command, settings);
  },
});
