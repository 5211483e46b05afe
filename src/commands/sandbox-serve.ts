import { defineCommand } from "./shared/command.js";

/** What `sandbox up` starts in the background: a sandbox in this process. Not for people. */
export const sandboxServeCommand = defineCommand<readonly string[]>({
  connects: false,
  flags: [],
  options: (input) => input.args,

  async run(args) {
    const { serve } = await import("../sandbox/process/serve.js");
    await serve(args);
    return 0;
  },
});
