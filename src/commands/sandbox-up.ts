import type { Context } from "../context.js";
import { shellWord } from "../core/words.js";
import type { Spinner } from "../view/spinner.js";
import { defineCommand } from "./shared/command.js";
import {
  readSandboxName,
  readSandboxSettings,
  refuseArguments,
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

  options(input) {
    refuseArguments(input);
    return { name: readSandboxName(input), settings: readSandboxSettings(input) };
  },

  async run({ name, settings }, context) {
    const { up } = await import("../sandbox/process/background.js");
    const starting = up(sandboxHost(context), name, settings);
    const running = await whileSpinning(starting, `starting sandbox ${name}`, context);
    const { started, hadCrashed, server, formerServer, kubernetesVersion, kubeconfig } = running;
    if (hadCrashed) context.err.write(`sandbox ${name} had crashed; another one takes its place\n`);
    const state = started ? "is ready" : "runs already";
    context.err.write(`sandbox ${name} ${state}: Kubernetes ${kubernetesVersion} at ${server}\n`);
    if (formerServer !== undefined) {
      context.err.write(
        `it was at ${formerServer} before, which somebody else has now: copies of its kubeconfig need this one\n`,
      );
    }
    context.out.write(`export KUBECONFIG=${shellWord(kubeconfig)}\n`);
    return 0;
  },
});

/** By then most sandboxes are ready, and a spinner, which takes a while to load itself, would have kept them from it. */
const patienceMilliseconds = 400;

async function whileSpinning<T>(work: Promise<T>, text: string, { err, clock }: Context): Promise<T> {
  if (!err.isTerminal) return work;
  let over = false;
  let spinner: Spinner | undefined;
  const cancel = clock.after(patienceMilliseconds, () => {
    void import("../view/spinner.js").then(({ spin }) => {
      if (!over) spinner = spin(err, text);
    });
  });
  try {
    return await work;
  } finally {
    over = true;
    cancel();
    spinner?.stop();
  }
}
