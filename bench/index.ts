import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { kinds } from "../src/core/kinds.js";
import { findProgram, findAssets, startControlPlane } from "../test/support/control-plane/index.js";
import { openKubeconfig } from "../test/support/gateway.js";
import { startSandbox } from "../src/sandbox/index.js";
import { compare, run, type Sample } from "./measure.js";

// Every figure is a ratio of two commands that took turns on this machine: absolute times say little elsewhere.

interface Row {
  work: string;
  ours: Sample;
  /** What it is held against, and its name. */
  other: Sample | undefined;
  otherName: string;
  /** The ratio of times that must not be passed. */
  goal: number;
  memoryGoal?: number;
}

const claimCount = 10_000;
const deletedCount = 200;

/** Runs every row and prints the table. Returns 1 when a goal is missed. */
export async function main(args: readonly string[]): Promise<number> {
  const rounds = Number(args[0] ?? 9);
  const cluster = findAssets() ? await startControlPlane({ speed: 20 }) : await startSandbox({ speed: 20 });
  const folder = mkdtempSync(path.join(os.tmpdir(), "sts-bench-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig(), { mode: 0o600 });
  // Reading extra authorities costs every Node process 30 ms and kubectl nothing.
  const { NODE_EXTRA_CA_CERTS: _unused, ...rest } = process.env;
  const env = { ...rest, KUBECONFIG: kubeconfig, HOME: folder };
  try {
    const rows = await measureAll(kubeconfig, rounds, env);
    for (const row of rows) process.stdout.write(`${describe(row)}\n`);
    return rows.every(holds) ? 0 : 1;
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(kubeconfig: string, rounds: number, env: NodeJS.ProcessEnv): Promise<Row[]> {
  const node = process.execPath;
  const sts = (...words: string[]) => [node, path.resolve("bin/sts.js"), ...words];
  const kubectl = findProgram("kubectl");
  const against = async (work: string, ours: string[], theirs: string[] | undefined, goals: Partial<Row>) => {
    const other = theirs && kubectl ? [[kubectl, ...theirs]] : [];
    const [mine, others] = await compare(
      [ours, ...other],
      Math.min(rounds, goals.memoryGoal ? 3 : rounds),
      env,
    );
    if (!mine) throw new Error("nothing was measured");
    return { work, ours: mine, other: others, otherName: "kubectl", goal: Infinity, ...goals };
  };
  const [help, bare] = await compare([sts("--help"), [node, "-e", "0"]], rounds, env);
  if (!help || !bare) throw new Error("nothing was measured");
  await fill(kubeconfig, "web", claimCount);
  await fill(kubeconfig, "db", deletedCount);
  return [
    { work: "sts --help", ours: help, other: bare, otherName: "bare node", goal: 1.3 },
    await against("GET and print", sts("get", "web"), ["get", "sts", "web"], { goal: nodeGoal() }),
    await against(`list ${claimCount} claims`, sts("pvc", "list"), ["get", "pvc"], {
      goal: 0.15,
      memoryGoal: 0.6,
    }),
    await deletion(sts, env),
  ];
}

/** Node 22 and newer start faster than Node 20. */
function nodeGoal(): number {
  return Number(process.versions.node.split(".")[0]) >= 22 ? 1.3 : 1.6;
}

/** A set at zero with very many claims left over. */
async function fill(kubeconfig: string, name: string, count: number): Promise<void> {
  const cluster = openKubeconfig(kubeconfig);
  const labels = { app: name };
  const volumeClaimTemplates = [{ metadata: { name: "www" }, spec: claimSpec() }];
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
  const spec = {
    replicas: 0,
    serviceName: name,
    selector: { matchLabels: labels },
    template,
    volumeClaimTemplates,
  };
  await cluster.create(kinds.statefulSet, {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name },
    spec,
  });
  const ordinals = Array.from({ length: count }, (_unused, ordinal) => ordinal).values();
  const worker = async () => {
    for (const ordinal of ordinals) {
      const metadata = { name: `www-${name}-${ordinal}`, labels };
      await cluster.create(kinds.claim, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata,
        spec: claimSpec(),
      });
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  cluster.close();
}

const claimSpec = () => ({
  accessModes: ["ReadWriteOnce"],
  storageClassName: "none",
  resources: { requests: { storage: "1Gi" } },
});

/** kubectl's own throttle of 5 a second makes it 76 s (measured once): it is not run here. */
async function deletion(sts: (...words: string[]) => string[], env: NodeJS.ProcessEnv): Promise<Row> {
  const words = ["pvc", "cleanup", "db", "--include=set-at-zero", "--yes", "--progress=none"];
  const ours = await run(sts(...words), env);
  const other = { ms: 76_000, mb: undefined };
  return {
    work: `clean up ${deletedCount} claims`,
    ours,
    other,
    otherName: "kubectl (not run)",
    goal: 1 / 50,
  };
}

function holds({ ours, other, goal, memoryGoal = Infinity }: Row): boolean {
  if (!other) return true;
  const memory = ours.mb !== undefined && other.mb !== undefined ? ours.mb / other.mb : 0;
  return ours.ms / other.ms <= goal && memory <= memoryGoal;
}

function describe(row: Row): string {
  const { work, ours, other, otherName, goal, memoryGoal } = row;
  const amount = ({ ms, mb }: Sample) =>
    `${ms.toFixed(0)} ms${mb === undefined ? "" : `, ${mb.toFixed(0)} MB`}`;
  if (!other) return `${work}: ${amount(ours)} (no kubectl to compare with)`;
  const time = `${(ours.ms / other.ms).toFixed(2)}× the time (goal ${goal.toFixed(2)}×)`;
  const memory =
    memoryGoal !== undefined && ours.mb !== undefined && other.mb !== undefined
      ? `, ${(ours.mb / other.mb).toFixed(2)}× the memory (goal ${memoryGoal}×)`
      : "";
  return `${holds(row) ? "✓" : "✗"} ${work}: ${amount(ours)}; ${otherName} ${amount(other)}: ${time}${memory}`;
}
