import type { Context } from "../../context.js";
import { UsageError } from "../../core/errors.js";
import { labelProblem } from "../../core/manifest/names.js";
import { checkName } from "../../core/manifest/parse.js";
import type { Host } from "../../sandbox/process/background.js";
import type { Flag } from "./command.js";
import type { Input } from "./input.js";

const versions = ["1.37", "1.36"] as const;

export const sandboxNameFlag: Flag = {
  name: "name",
  value: "NAME",
  help: "which sandbox, where there are several (default: default)",
};

/** Throws for words that are no flags: who means a name by them must not end another sandbox. */
export function refuseArguments({ args: [surplus] }: Input): void {
  if (surplus !== undefined) throw new UsageError(`unexpected "${surplus}": the sandbox is named by --name`);
}

export function readSandboxName(input: Input): string {
  return checkName("name", input.text("name") ?? "default", labelProblem);
}

/** The sandbox that was named; undefined means that of KUBECONFIG, or else `default`. */
export function readNamedSandbox(input: Input): string | undefined {
  return input.given("name") ? readSandboxName(input) : undefined;
}

/** For commands that speak to a sandbox which runs. */
export const reachedNameFlag: Flag = {
  name: "name",
  value: "NAME",
  help: "which sandbox (default: that of KUBECONFIG, else default)",
};

/** Flags of the commands that start a sandbox. */
export const sandboxFlags: readonly Flag[] = [
  {
    name: "speed",
    value: "N",
    help: "how many times faster than life its nodes and volumes are (default 1)",
  },
  { name: "nodes", value: "N", help: "how many nodes it has (default 3)" },
  { name: "kubernetes-version", value: "VERSION", choices: versions, help: "release to behave as" },
  { name: "storage-class", help: "bring a default StorageClass along (default true)" },
  {
    name: "data",
    value: "DIR",
    help: "keep it in this folder, to go on from there the next time (default: nothing is kept)",
  },
];

/** What was asked for; undefined is what the sandbox makes of it. */
export interface SandboxSettings {
  speed: number | undefined;
  nodes: number | undefined;
  kubernetesVersion: (typeof versions)[number] | undefined;
  storageClasses: boolean | undefined;
  data: string | undefined;
}

export function readSandboxSettings(input: Input): SandboxSettings {
  return {
    speed: input.integer("speed", { min: 1, max: 1_000 }),
    nodes: input.integer("nodes", { min: 1, max: 1_000 }),
    kubernetesVersion: input.oneOf("kubernetes-version", versions),
    storageClasses: input.given("storage-class") ? input.boolean("storage-class") : undefined,
    data: readFolder(input.text("data")),
  };
}

function readFolder(folder: string | undefined): string | undefined {
  if (folder === "") throw new UsageError("--data needs a folder: --data=DIR");
  return folder;
}

/** The sandbox's own view of the world. */
export function sandboxHost({ env, entry, clock }: Context): Host {
  return { env, entry, now: () => clock.now() };
}
