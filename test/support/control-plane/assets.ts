import { accessSync, constants } from "node:fs";
import path from "node:path";

const programs = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/** The path of each program of a real control plane. */
export type Assets = Record<(typeof programs)[number], string>;

/** What a run says, loudly, where the real control plane is missing. */
export const missingAssets = "skipped: real control plane not found (KUBEBUILDER_ASSETS or PATH)";

/** Looks in KUBEBUILDER_ASSETS and then along PATH, as the test tools of Kubernetes do; undefined unless all are there. */
export function findAssets(env: NodeJS.ProcessEnv = process.env): Assets | undefined {
  const found = programs.map((program) => [program, findProgram(program, env)] as const);
  if (found.some(([, file]) => file === undefined)) return undefined;
  return Object.fromEntries(found) as Assets;
}

/** One program, such as `kubectl`, by the same rule. */
export function findProgram(program: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [env["KUBEBUILDER_ASSETS"], ...(env["PATH"] ?? "").split(path.delimiter)];
  return folders.flatMap((folder) => (folder ? path.join(folder, program) : [])).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
