import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startTarget, type TargetName, type User } from "./target.js";

/** What every test file is told of the cluster of the run; all paths are of files. */
export interface ProvidedCluster {
  target: TargetName;
  kubeconfig: string;
  users: Partial<Record<User, string>>;
  /** For what a test writes. Removed after the run. */
  directory: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    cluster: ProvidedCluster;
  }
}

/** Starts one cluster for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(path.resolve("dist/cli.cjs"))) throw new Error("there is no dist/cli.cjs: npm run build");
  const target = await startTarget(process.env);
  const directory = mkdtempSync(path.join(tmpdir(), "sts-e2e-"));
  const write = (name: string, text: string) => {
    const file = path.join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const users = Object.entries(target.users).map(([name, text]) => [name, write(`kubeconfig-${name}`, text)]);
  mkdirSync(path.join(directory, "scenarios"));
  project.provide("cluster", {
    target: target.name,
    kubeconfig: write("kubeconfig", target.kubeconfig),
    users: Object.fromEntries(users) as Partial<Record<User, string>>,
    directory,
  });
  process.stdout.write(`end-to-end tests run on: ${target.name}\n`);
  return async () => {
    const logs = await target.stop(project.vitest.state.getCountOfFailedTests() > 0);
    rmSync(directory, { recursive: true, force: true });
    if (logs) process.stderr.write(`logs of the control plane: ${logs}\n`);
  };
}
