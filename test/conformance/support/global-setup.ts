import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startSandbox } from "../../../src/sandbox/index.js";
import {
  findAssets,
  findProgram,
  missingAssets,
  startControlPlane,
} from "../../support/control-plane/index.js";
import { agreement } from "../engine/agreement.js";

/** What test files are told of the two clusters that are compared; all paths are of files. */
export interface ProvidedPair {
  /** `1.37`: the release of the real control plane, which the sandbox behaves as. */
  kubernetesVersion: string;
  sandbox: string;
  real: string;
  /** The kubectl of that release; undefined when there is none. */
  kubectl: string | undefined;
  /** For what a test writes. Removed after the run. */
  directory: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    /** Undefined where there is no real control plane to compare with. */
    pair: ProvidedPair | undefined;
  }
}

/** A limit within the patience of every scenario: the simulated world of both clusters runs so much faster than life. */
const speed = Number(process.env["STS_CONFORMANCE_SPEED"] ?? 20);

/** Starts a sandbox and a real control plane for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const assets = findAssets();
  if (!assets) {
    process.stdout.write(`conformance ${missingAssets}\n`);
    project.provide("pair", undefined);
    return async () => undefined;
  }
  const printed = execFileSync(assets["kube-apiserver"], ["--version"], { encoding: "utf8" });
  const kubernetesVersion = /v(\d+\.\d+)/.exec(printed)?.[1] ?? "1.37";
  const sandbox = await startSandbox({ speed, kubernetesVersion, storageClasses: false });
  const plane = await startControlPlane({ speed });
  const directory = mkdtempSync(path.join(tmpdir(), "sts-conformance-"));
  const write = (name: string, text: string): string => {
    const file = path.join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  project.provide("pair", {
    kubernetesVersion,
    sandbox: write("kubeconfig-sandbox", sandbox.kubeconfig()),
    real: write("kubeconfig-real", plane.kubeconfig()),
    kubectl: findProgram("kubectl"),
    directory,
  });
  process.stdout.write(`conformance: the sandbox against Kubernetes ${printed.trim().split(" ").pop()}\n`);
  return async () => {
    const summary = agreement(directory);
    if (summary) process.stdout.write(`${summary}\n`);
    await sandbox.stop();
    const logs = await plane.stop({ keepLogs: project.vitest.state.getCountOfFailedTests() > 0 });
    rmSync(directory, { recursive: true, force: true });
    if (logs) process.stderr.write(`logs of the control plane: ${logs}\n`);
  };
}
