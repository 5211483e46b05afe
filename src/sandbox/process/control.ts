import { request } from "node:https";
import { homedir } from "node:os";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { ConnectionError, KubeconfigError } from "../../cluster/errors.js";
import { apiError } from "../../cluster/http/status.js";
import type { ClusterEntry, Kubeconfig } from "../../cluster/kubeconfig/file.js";
import { loadKubeconfig } from "../../cluster/kubeconfig/load.js";
import type { FaultReport, FaultSpec } from "../faults/types.js";
import { sandboxExtension } from "../kubeconfig.js";
import { peek, type Host } from "./background.js";
import { nameFlag, requestLogPath, sandboxNameOf, stateDir, whyNotReached } from "./state.js";

/** A sandbox that runs, as somebody reaches it who has its kubeconfig. */
export interface Reached {
  /** How people call it: `sandbox default`, or `the sandbox of KUBECONFIG`. */
  title: string;
  /** Where it writes what it is asked. */
  log: string;
  /** `https://127.0.0.1:41236`: where faults are put on. */
  control: string;
  token: string;
  ca: Buffer;
}

// Its answers need no waiting, but for a server that comes back.
const patienceMilliseconds = 30_000;

/**
 * Finds the sandbox of that name; without one that of the current context, and when that is none the one called
 * `default`. Throws for one that does not run, saying what to do.
 */
export async function reach(host: Pick<Host, "env">, name?: string): Promise<Reached> {
  const chosen = choose(host.env, name);
  if (typeof chosen !== "string") return chosen;
  const found = await peek(host, chosen);
  const flag = nameFlag(chosen);
  if (found.state === "stopped") throw new Error(whyNotReached(chosen));
  if (found.state === "crashed") {
    throw new Error(
      `sandbox ${chosen} has crashed: see sts sandbox logs${flag}, start it again: sts sandbox up${flag}`,
    );
  }
  const config = loadKubeconfig(found.kubeconfig, kubeconfigIo(host.env));
  const reached = reachedBy(config, `sandbox ${chosen}`);
  if (reached) return reached;
  throw new Error(`sandbox ${chosen} is of another version of sts: sts sandbox down${flag}, then up again`);
}

/** The log of a sandbox, whether it runs or has crashed. */
export interface LocatedLog {
  title: string;
  file: string;
  /** Of one that has crashed. */
  lastWords: string | undefined;
  /** Whether more is to come. */
  goesOn(): Promise<boolean>;
}

/** Finds the log of the sandbox that `reach` would find. Throws when there is no such sandbox, and says what to do. */
export async function locateLog(host: Pick<Host, "env">, name?: string): Promise<LocatedLog> {
  const chosen = choose(host.env, name);
  if (typeof chosen !== "string") {
    const { title, log: file } = chosen;
    const goesOn = () => stat(path.dirname(file)).then(...isThere);
    if (!(await stat(file).then(...isThere))) {
      const how = "say which sandbox it is (sts sandbox status lists them): sts sandbox logs --name=NAME";
      throw new Error(`KUBECONFIG is a copy, and the log is beside the original; ${how}`);
    }
    return { title, file, lastWords: undefined, goesOn };
  }
  const found = await peek(host, chosen);
  if (found.state === "stopped") throw new Error(whyNotReached(chosen));
  return {
    title: `sandbox ${chosen}`,
    file: requestLogPath(stateDir(host.env, chosen)),
    lastWords: found.state === "crashed" ? found.log : undefined,
    goesOn: async () => (await peek(host, chosen)).state === "running",
  };
}

const isThere = [() => true, () => false] as const;

/** The name of a sandbox, or one without a name, by KUBECONFIG alone: that of `sts sandbox run`. */
function choose(env: Host["env"], name: string | undefined): string | Reached {
  if (name !== undefined) return name;
  const current = currentSandbox(env);
  if (!current) return "default";
  const dir = path.dirname(current.log);
  return sandboxNameOf(env, dir) ?? current;
}

/** The sandbox that kubectl would speak to; undefined when that is another cluster, or none. */
function currentSandbox(env: Host["env"]): Reached | undefined {
  try {
    return reachedBy(loadKubeconfig(undefined, kubeconfigIo(env)), "the sandbox of KUBECONFIG");
  } catch (error) {
    // A file that cannot be read names no sandbox.
    if (error instanceof KubeconfigError) return undefined;
    throw error;
  }
}

function kubeconfigIo(env: Host["env"]) {
  const home = env["HOME"] ?? homedir();
  return { env, home, cwd: process.cwd(), readFile: (file: string) => readFileSync(file) };
}

function reachedBy(config: Kubeconfig, title: string): Reached | undefined {
  const context = config.contexts.get(config.currentContext);
  const cluster = config.clusters.get(context?.cluster ?? "");
  const user = config.users.get(context?.user ?? "");
  const control = cluster && controlOf(cluster);
  const ca = cluster?.["certificate-authority-data"];
  if (!control || !ca || user?.token === undefined) return undefined;
  return { title, control, ca, token: user.token, log: requestLogPath(path.dirname(cluster.origin ?? "")) };
}

function controlOf({ extensions }: ClusterEntry): string | undefined {
  if (!Array.isArray(extensions)) return undefined;
  const own = extensions.find((item: { name?: unknown } | null) => item?.name === sandboxExtension) as
    | { extension?: { control?: unknown } }
    | undefined;
  const control = own?.extension?.control;
  return typeof control === "string" && URL.canParse(control) ? control : undefined;
}

/** The faults of a sandbox, over HTTP. Errors are the gateway's: `ApiError` and `ConnectionError`. */
export const remoteFaults = {
  async inject(reached: Reached, spec: FaultSpec): Promise<FaultReport> {
    return (await ask(reached, "POST", "", spec)) as FaultReport;
  },
  async list(reached: Reached): Promise<FaultReport[]> {
    return ((await ask(reached, "GET", "")) as { items: FaultReport[] }).items;
  },
  async clear(reached: Reached, which?: string): Promise<FaultReport[]> {
    const below = which === undefined ? "" : `/${encodeURIComponent(which)}`;
    return ((await ask(reached, "DELETE", below)) as { items: FaultReport[] }).items;
  },
};

function ask(reached: Reached, method: string, below: string, body?: object): Promise<unknown> {
  const { title, control, token, ca } = reached;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(patienceMilliseconds);
    const options = { method, headers, ca, agent: false, signal };
    const sent = request(`${control}/sandbox.sts/faults${below}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { statusCode = 0 } = response;
        if (statusCode >= 300) reject(apiError(statusCode, text));
        else resolve(JSON.parse(text));
      });
    });
    sent.on("error", (error) => {
      reject(new ConnectionError(`error: ${title} does not answer: ${error.message}`, { cause: error }));
    });
    sent.end(body && JSON.stringify(body));
  });
}
