import path from "node:path";
import { KubeconfigError } from "../errors.js";
import type { ConnectionIo } from "./connection.js";
import { type Kubeconfig, parseKubeconfig } from "./file.js";

/**
 * Reads and merges kubeconfigs by kubectl's rules (client-go, `ClientConfigLoadingRules.Load`): `explicit` names one
 * file; else KUBECONFIG is a list in which empty names and missing files are skipped; else `~/.kube/config`. The first
 * file to have an entry or a current context wins. Throws a `KubeconfigError`.
 */
export function loadKubeconfig(explicit: string | undefined, io: ConnectionIo): Kubeconfig {
  const merged: Kubeconfig = {
    clusters: new Map(),
    users: new Map(),
    contexts: new Map(),
    currentContext: "",
  };
  for (const name of files(explicit, io)) {
    const file = path.resolve(io.cwd, name);
    const text = readText(file, name, explicit !== undefined, io);
    if (text === undefined) continue;
    const config = parseKubeconfig(text, file);
    merged.currentContext ||= config.currentContext;
    mergeEntries(merged.clusters, config.clusters);
    mergeEntries(merged.users, config.users);
    mergeEntries(merged.contexts, config.contexts);
  }
  return merged;
}

function files(explicit: string | undefined, { env, home }: ConnectionIo): string[] {
  if (explicit) return [explicit];
  const list = env.KUBECONFIG;
  if (list) return [...new Set(list.split(path.delimiter))].filter((name) => name !== "");
  return [path.join(home, ".kube", "config")];
}

function readText(file: string, name: string, explicit: boolean, io: ConnectionIo): string | undefined {
  try {
    return io.readFile(file).toString("utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" && !explicit) return undefined;
    if (code === "ENOENT") throw new KubeconfigError(`error: stat ${name}: no such file or directory`);
    throw new KubeconfigError(
      `error: error loading config file "${name}": ${reasons[String(code)] ?? String(error)}`,
    );
  }
}

const reasons: Record<string, string> = {
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
};

function mergeEntries<T>(into: Map<string, T>, from: Map<string, T>): void {
  for (const [name, entry] of from) if (!into.has(name)) into.set(name, entry);
}
