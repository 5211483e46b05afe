import { readFileSync } from "node:fs";
import path from "node:path";
import type { Gateway } from "../src/cluster/index.js";
import { type Kind, kinds } from "../src/core/kinds.js";
import type { KubeObject, StatefulSet } from "../src/core/model.js";
import { openKubeconfig } from "../test/support/gateway.js";
import { residentMegabytes, run } from "./measure.js";
import type { Row } from "./row.js";
import type { Rig } from "./rig.js";

const lanes = 3;
/** A life takes no less: the machine is for others, too. */
const lifeMs = 2000;
const sampleMs = 15_000;
/** The heap is collected when the engine likes to: two medians of what stays the same differ by a few percent. */
const growth = 1.1;

/**
 * The memory of a sandbox in which sets are born, updated, scaled and deleted, one after another, for as many minutes
 * as the rig has rounds, while somebody watches it all. Two quarters are compared, the second with the last: the first
 * is warming up.
 */
export async function* churnRows(rig: Rig): AsyncGenerator<Row> {
  const env = { ...rig.env, XDG_STATE_HOME: path.join(rig.folder, "state") };
  const sandbox = (...words: string[]) => run(rig.script("sandbox", ...words, "--name=churn"), env);
  await sandbox("up", "--speed=100");
  const folder = path.join(env.XDG_STATE_HOME, "sts", "sandbox", "churn");
  const { pid } = JSON.parse(readFileSync(path.join(folder, "state.json"), "utf8")) as { pid: number };
  const gateway = openKubeconfig(path.join(folder, "kubeconfig"));
  const end = Date.now() + rig.rounds * 60_000;
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(residentMegabytes(pid)), sampleMs);
  const watching = new AbortController();
  try {
    for (const kind of [kinds.statefulSet, kinds.pod, kinds.claim, kinds.event] as Kind<KubeObject>[]) {
      const mirror = gateway.mirror(kind, { allNamespaces: true }, { signal: watching.signal });
      await mirror.ready;
    }
    const lived = await Promise.all(Array.from({ length: lanes }, (_, lane) => churn(gateway, lane, end)));
    yield grown(
      samples,
      rig.rounds,
      lived.reduce((sum, lives) => sum + lives, 0),
    );
  } finally {
    clearInterval(sampling);
    watching.abort(new Error("seen enough"));
    gateway.close();
    await sandbox("down");
  }
}

function grown(samples: readonly number[], minutes: number, lives: number): Row {
  const quarter = Math.floor(samples.length / 4);
  const [second, last] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)].map(medianOf);
  const unit = "× the memory";
  return {
    work: `${minutes} minutes of churn at speed 100`,
    measured: `${lives} lives of a set; ${second} MB in the second quarter, ${last} MB in the last, at most ${Math.round(Math.max(...samples))} MB`,
    checks: [{ value: (last ?? Number.NaN) / (second ?? Number.NaN), goal: growth, unit }],
  };
}

function medianOf(values: readonly number[]): number {
  return Math.round(values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN);
}

/** Lives, one after another, until the time is over. Returns how many there were. */
async function churn(cluster: Gateway, lane: number, end: number): Promise<number> {
  const namespace = `churn-${lane}`;
  await cluster.create(kinds.namespace, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  let lives = 0;
  for (; Date.now() < end; lives += 1) {
    const pause = new Promise((resolve) => setTimeout(resolve, lifeMs));
    await live(cluster, { namespace, name: `set-${lives}` });
    await pause;
  }
  return lives;
}

/** One set: ready, updated, larger, smaller, gone with its pods and claims. */
async function live(cluster: Gateway, ref: { namespace: string; name: string }): Promise<void> {
  const change = async (spec: object) => {
    await cluster.patch(kinds.statefulSet, ref, { type: "merge", body: { spec } });
    await until(cluster, kinds.statefulSet, ref, settled);
  };
  await cluster.create(kinds.statefulSet, setOf(ref));
  await until(cluster, kinds.statefulSet, ref, settled);
  await change({ template: { metadata: { annotations: { again: "yes" } } } });
  await change({ replicas: 5 });
  await change({ replicas: 1 });
  await cluster.delete(kinds.statefulSet, ref, { propagation: "Foreground" });
  await until(cluster, kinds.claim, { ...ref, name: `data-${ref.name}-0` }, (claim) => claim === undefined);
}

function settled(set: StatefulSet | undefined): boolean {
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, observedGeneration = 0 } = set?.status ?? {};
  const seen = observedGeneration === set?.metadata.generation;
  return seen && [replicas, readyReplicas, updatedReplicas].every((count) => count === set?.spec.replicas);
}

function setOf({ namespace, name }: { namespace: string; name: string }) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } };
  const resources = { requests: { storage: "1Gi" } };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace, name },
    spec: {
      replicas: 3,
      serviceName: name,
      selector: { matchLabels: labels },
      template,
      volumeClaimTemplates: [
        { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources } },
      ],
      persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete", whenDeleted: "Delete" },
    },
  };
}

/** Until what has this name, or has none, is as it should be. */
async function until<T>(
  cluster: Gateway,
  kind: Kind<T>,
  { namespace, name }: { namespace: string; name: string },
  wanted: (object: T | undefined) => boolean,
): Promise<void> {
  const ended = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const onChange = () => {
      if (wanted([...mirror.items.values()][0])) resolve();
    };
    const scope = { namespace, fieldSelector: `metadata.name=${name}` };
    const mirror = cluster.mirror(kind, scope, { signal: ended.signal, onChange });
    mirror.ready.catch(reject);
  });
  ended.abort(new Error("seen enough"));
}
