import { readFileSync } from "node:fs";
import { startSandbox } from "../../../src/sandbox/index.js";
import { startControlPlane } from "../../support/control-plane/index.js";

/** What the end-to-end suite runs on, by STS_E2E_TARGET. */
const targetNames = ["sandbox", "control-plane", "kubeconfig"] as const;

export type TargetName = (typeof targetNames)[number];

/** Users besides the administrator, who may do nothing until a test gives them a role. */
const users = ["limited", "stranger"] as const;

export type User = (typeof users)[number];

export interface Target {
  name: TargetName;
  /** Text of the administrator's kubeconfig. */
  kubeconfig: string;
  /** Text of the kubeconfig of each user; empty on a cluster that is not ours. */
  users: Partial<Record<User, string>>;
  /** Ends it; the logs of a run that failed are kept, and their place is returned. */
  stop(failed: boolean): Promise<string | undefined>;
}

type Env = Readonly<Record<string, string | undefined>>;

const starters: Record<TargetName, (env: Env) => Promise<Target>> = {
  sandbox: startLocal,
  "control-plane": startReal,
  kubeconfig: useGiven,
};

export async function startTarget(env: Env): Promise<Target> {
  const wanted = env["STS_E2E_TARGET"] ?? "sandbox";
  const name = targetNames.find((known) => known === wanted);
  if (!name) throw new Error(`STS_E2E_TARGET is one of ${targetNames.join(", ")}, not ${wanted}`);
  return starters[name](env);
}

function speedOf(env: Env): number {
  return Number(env["STS_E2E_SPEED"] ?? 20);
}

async function startLocal(env: Env): Promise<Target> {
  const tokens = users.map((name) => ({ name, token: `token-of-${name}` }));
  const kubernetesVersion = env["STS_E2E_KUBERNETES_VERSION"];
  const sandbox = await startSandbox({
    speed: speedOf(env),
    users: tokens,
    storageClasses: false,
    kubernetesVersion,
  });
  return {
    name: "sandbox",
    kubeconfig: sandbox.kubeconfig(),
    users: Object.fromEntries(tokens.map(({ name, token }) => [name, sandbox.kubeconfig(token)])),
    async stop() {
      await sandbox.stop();
      return undefined;
    },
  };
}

async function startReal(env: Env): Promise<Target> {
  const plane = await startControlPlane({ speed: speedOf(env), users });
  return {
    name: "control-plane",
    kubeconfig: plane.kubeconfig(),
    users: Object.fromEntries(users.map((name) => [name, plane.kubeconfig(name)])),
    stop: (failed) => plane.stop({ keepLogs: failed }),
  };
}

async function useGiven(env: Env): Promise<Target> {
  const file = env["STS_E2E_KUBECONFIG"];
  if (!file) throw new Error("STS_E2E_TARGET=kubeconfig needs STS_E2E_KUBECONFIG");
  return {
    name: "kubeconfig",
    kubeconfig: readFileSync(file, "utf8"),
    users: {},
    stop: async () => undefined,
  };
}
