import { shellWord } from "../core/words.js";
import { defineCommand } from "./shared/command.js";
import {
  readSandboxName,
  readSandboxSettings,
  sandboxFlags,
  sandboxHost,
  sandboxNameFlag,
  type SandboxSettings,
} from "./shared/sandbox.js";

interface Options {
  name: string;
  settings: SandboxSettings;
}

/** Starts a sandbox in the background; what it prints is for `eval`. */
export const sandboxUpCommand = defineCommand<Options>({
  connects: false,
  description: `It needs nothing installed, listens on this machine only, and goes on after the terminal is closed, until
sts sandbox down. Your own kubeconfig is not touched.`,
  examples: `
eval "$(sts sandbox up)"
sts create web --image=nginx --replicas=3 --port=80

# A second one, ten times faster than life
eval "$(sts sandbox up --name=fast --speed=10)"

# One that is still there, with all in it, after sts sandbox down or a restart of the machine
eval "$(sts sandbox up --data=./cluster)"`,
  flags: [sandboxNameFlag, ...sandboxFlags],

  options: (input) => ({ name: readSandboxName(input), settings: readSandboxSettings(input) }),

  async run({ name, settings }, context) {
    const { up } = await import("../sandbox/process/index.js");
    const { spin } = await import("../view/spinner.js");
    const spinner = spin(context.err, `starting sandbox ${name}`);
    const running = await up(sandboxHost(context), name, settings).finally(() => spinner.stop());
    const { started, server, kubernetesVersion, kubeconfig } = running;
    const state = started ? "is ready" : "runs already";
    context.err.write(`sandbox ${name} ${state}: Kubernetes ${kubernetesVersion} at ${server}\n`);
    context.out.write(`export KUBECONFIG=${shellWord(kubeconfig)}\n`);
    return 0;
  },
});
