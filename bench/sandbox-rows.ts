import { readFileSync } from "node:fs";
import { request, Agent } from "node:https";
import path from "node:path";
import type { Gateway } from "../src/cluster/index.js";
import { kinds } from "../src/core/kinds.js";
import { openKubeconfig } from "../test/support/gateway.js";
import { bareTenThousand } from "./fleet.js";
import { middle, residentMegabytes, run, type Sample } from "./measure.js";
import type { Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";
import { seedFleet } from "./seed.js";

const pods = 1000;
const pageSize = 500;

/** What the sandbox itself costs: its figures are absolute, so they say something on a quiet machine only. */
export async function* sandboxRows(rig: Rig): AsyncGenerator<Row> {
  const env = { ...rig.env, XDG_STATE_HOME: path.join(rig.folder, "state") };
  const sandbox = (...words: string[]) => run(rig.script("sandbox", ...words, "--name=bench"), env);
  const samples: Sample[] = [];
  for (let round = 0; round <= rig.rounds; round += 1) {
    samples.push(await sandbox("up", "--speed=100"));
    if (round < rig.rounds) await sandbox("down");
  }
  const { ms } = middle(samples.slice(1));
  yield figure("sandbox up until it is ready", ms, 300, " ms");
  const folder = path.join(env.XDG_STATE_HOME, "sts", "sandbox", "bench");
  const { pid } = JSON.parse(readFileSync(path.join(folder, "state.json"), "utf8")) as { pid: number };
  const gateway = openKubeconfig(path.join(folder, "kubeconfig"));
  try {
    yield figure("memory of an idle sandbox", residentMegabytes(pid), 90, " MB");
    const became = await untilReady(gateway);
    yield figure(`${pods} pods of a Parallel set ready at speed 100`, became, 5000, " ms");
    await seedFleet(gateway, bareTenThousand);
    const list = await listAll(path.join(folder, "kubeconfig"), fewRounds(rig));
    yield figure("list 10,000 claims by pages of 500, each claim", list, 20, " µs");
  } finally {
    gateway.close();
    await sandbox("down");
  }
}

function figure(work: string, value: number, goal: number, unit: string): Row {
  return { work, measured: "", checks: [{ value, goal, unit }] };
}

/** Milliseconds from the request until a watch shows the last pod ready. */
async function untilReady(cluster: Gateway): Promise<number> {
  const ended = new AbortController();
  const start = process.hrtime.bigint();
  const metadata = { namespace: "default", name: "many" };
  const labels = { app: "many" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } };
  await new Promise<void>((resolve, reject) => {
    const onChange = () => {
      if ([...mirror.items.values()].includes(pods)) resolve();
    };
    const options = { signal: ended.signal, onChange };
    const project = (set: { status?: { readyReplicas?: number } }) => set.status?.readyReplicas ?? 0;
    const mirror = cluster.mirror(kinds.statefulSet, metadata, options, project);
    mirror.ready
      .then(() =>
        cluster.create(kinds.statefulSet, {
          apiVersion: "apps/v1",
          kind: "StatefulSet",
          metadata,
          spec: {
            replicas: pods,
            podManagementPolicy: "Parallel",
            serviceName: "many",
            selector: { matchLabels: labels },
            template,
          },
        }),
      )
      .catch(reject);
  });
  ended.abort(new Error("seen enough"));
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Microseconds for each object, over HTTP, by a client that only looks for the next page. */
async function listAll(kubeconfig: string, rounds: number): Promise<number> {
  const text = readFileSync(kubeconfig, "utf8");
  const field = (name: string) => new RegExp(`${name}: (.+)`).exec(text)?.[1] ?? "";
  const ca = Buffer.from(field("certificate-authority-data"), "base64");
  const agent = new Agent({ keepAlive: true, ca });
  const headers = { authorization: `Bearer ${field("token")}` };
  const page = (token: string) =>
    new Promise<string>((resolve, reject) => {
      const url = `${field("server")}/api/v1/namespaces/${bareTenThousand.namespace}/persistentvolumeclaims`;
      const query = `?limit=${pageSize}${token && `&continue=${token}`}`;
      request(url + query, { agent, headers }, (response) => {
        let head = "";
        response.on("data", (chunk: Buffer) => (head ||= chunk.toString("latin1")));
        response.on("end", () => resolve(/"continue":"([^"]+)"/.exec(head.slice(0, 1000))?.[1] ?? ""));
      })
        .on("error", reject)
        .end();
    });
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const start = process.hrtime.bigint();
    for (let token = await page(""); token !== ""; token = await page(token));
    times.push(Number(process.hrtime.bigint() - start) / 1e3 / bareTenThousand.claims);
  }
  agent.destroy();
  return Math.min(...times.slice(1));
}
