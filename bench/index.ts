import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { startSandbox } from "../src/sandbox/index.js";
import { findAssets, findProgram, startControlPlane } from "../test/support/control-plane/index.js";
import { startServer } from "../test/support/control-plane/server.js";
import { openKubeconfig } from "../test/support/gateway.js";
import { churnRows } from "./churn-rows.js";
import { acceptedRows, goneRows } from "./deletion-rows.js";
import { bareTenThousand, tenThousand } from "./fleet.js";
import { listRows } from "./list-rows.js";
import { memoryRows } from "./memory-rows.js";
import { describe, holds, type Row } from "./row.js";
import type { Rig } from "./rig.js";
import { sandboxRows } from "./sandbox-rows.js";
import { startRows } from "./start-rows.js";

/** What rows are measured on, in the order in which they are. */
interface Stage {
  name: string;
  start(): Promise<{ kubeconfig(): string; stop(): Promise<unknown> }>;
  rows(rig: Rig): AsyncGenerator<Row>;
}

/** As the goals were set: nothing but an API server, which takes no processor time for anything else. */
const alone: Stage = {
  name: "an API server alone, claims as they were asked for",
  start: () => startServer({ flags: ["--disable-admission-plugins=StorageObjectInUseProtection"] }),
  async *rows(rig) {
    yield* listRows(rig, bareTenThousand);
    yield* acceptedRows(rig, bareTenThousand);
  },
};

/** As clusters are: the cluster grows under the rows, which therefore have this order. */
const whole = (start: Stage["start"], name: string): Stage => ({
  name,
  start,
  async *rows(rig) {
    yield* startRows(rig);
    yield* goneRows(rig);
    yield* listRows(rig, tenThousand);
    yield* acceptedRows(rig, tenThousand);
    yield* memoryRows(rig);
  },
});

/** The sandbox as what is measured, not as what is measured on; the rows start their own. */
const itself: Stage = {
  name: "nothing but the sandbox itself",
  start: () => startSandbox(),
  rows: sandboxRows,
};

/** So long that it is measured when it is named only; the rounds are minutes. */
const churn: Stage = { name: "churn", start: () => startSandbox(), rows: churnRows };

function stages(only: string): Stage[] {
  if (only === churn.name) return [churn];
  if (!findAssets()) return [itself, whole(() => startSandbox({ speed: 20 }), "the sandbox")];
  return [
    itself,
    alone,
    whole(() => startControlPlane({ speed: 20 }), "a whole control plane, bound claims"),
  ];
}

/**
 * Measures and prints every row; `rounds` is the first word, and a second one chooses stages whose names contain it.
 * Returns 1 when a goal is missed. Figures are ratios of commands that took turns where there is another to compare
 * with: absolute times say little elsewhere.
 */
export async function main([rounds = "9", only = ""]: readonly string[]): Promise<number> {
  let failed = 0;
  for (const stage of stages(only).filter(({ name }) => name.includes(only))) {
    process.stdout.write(`on ${stage.name}:\n`);
    failed += await measure(stage, Number(rounds));
  }
  return failed === 0 ? 0 : 1;
}

/** Returns how many goals were missed. */
async function measure(stage: Stage, rounds: number): Promise<number> {
  const cluster = await stage.start();
  const folder = mkdtempSync(path.join(os.tmpdir(), "sts-bench-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig(), { mode: 0o600 });
  const gateway = openKubeconfig(kubeconfig);
  const env = environment(folder, kubeconfig);
  const rig: Rig = {
    cluster: gateway,
    env,
    folder,
    rounds,
    sts,
    script,
    bareLoop,
    kubectl: findProgram("kubectl"),
  };
  let failed = 0;
  try {
    for await (const row of stage.rows(rig)) {
      process.stdout.write(`${describe(row)}\n`);
      if (!holds(row)) failed += 1;
    }
    return failed;
  } finally {
    gateway.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function bareLoop(...words: string[]): string[] {
  return [process.execPath, path.resolve("bench/bare-loop.cjs"), ...words];
}

function sts(...words: string[]): string[] {
  return [path.resolve("build/sts"), ...words];
}

function script(...words: string[]): string[] {
  return [process.execPath, path.resolve("bin/sts.js"), ...words];
}

/** Reading extra authorities costs every Node process 30 ms and kubectl nothing. */
function environment(home: string, kubeconfig: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _unused, ...rest } = process.env;
  return { ...rest, KUBECONFIG: kubeconfig, HOME: home };
}
