import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { startSandbox } from "../src/sandbox/index.js";
import { findAssets, findProgram, startControlPlane } from "../test/support/control-plane/index.js";
import { openKubeconfig } from "../test/support/gateway.js";
import { acceptedRows, goneRows } from "./deletion-rows.js";
import { listRows } from "./list-rows.js";
import { memoryRows } from "./memory-rows.js";
import { describe, holds, type Row } from "./row.js";
import type { Rig } from "./rig.js";
import { startRows } from "./start-rows.js";

/**
 * Measures and prints every row; `rounds` is the first word. Returns 1 when a goal is missed. Figures are ratios of
 * commands that took turns where there is another to compare with: absolute times say little elsewhere.
 */
export async function main(args: readonly string[]): Promise<number> {
  const rounds = Number(args[0] ?? 9);
  const cluster = findAssets() ? await startControlPlane({ speed: 20 }) : await startSandbox({ speed: 20 });
  const folder = mkdtempSync(path.join(os.tmpdir(), "sts-bench-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig(), { mode: 0o600 });
  const gateway = openKubeconfig(kubeconfig);
  const env = environment(folder, kubeconfig);
  const rig: Rig = { cluster: gateway, env, folder, rounds, sts, kubectl: findProgram("kubectl") };
  const failed: Row[] = [];
  try {
    // In this order: the cluster grows under them, and the memory rows bring their own.
    for (const measure of [startRows, goneRows, listRows, acceptedRows, memoryRows]) {
      for await (const row of measure(rig)) {
        process.stdout.write(`${describe(row)}\n`);
        if (!holds(row)) failed.push(row);
      }
    }
    return failed.length === 0 ? 0 : 1;
  } finally {
    gateway.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function sts(...words: string[]): string[] {
  return [process.execPath, path.resolve("bin/sts.js"), ...words];
}

/** Reading extra authorities costs every Node process 30 ms and kubectl nothing. */
function environment(home: string, kubeconfig: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _unused, ...rest } = process.env;
  return { ...rest, KUBECONFIG: kubeconfig, HOME: home };
}
