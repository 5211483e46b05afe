import { afterEach, expect, test } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import type { LogEntry } from "../../../src/sandbox/index.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";

const leftOver = 60;

let sandboxed: Sandboxed | undefined;
afterEach(() => sandboxed?.stop());

/** When each claim's deletion was answered, and how. */
interface Asked {
  name: string;
  at: number;
  refused: boolean;
}

/** A sandbox that turns every fifth deletion of a claim away, for a second. */
async function startBusy(): Promise<{ asked: Asked[]; cluster: Sandboxed }> {
  const asked: Asked[] = [];
  const log = (entry: LogEntry) => {
    const claim = entry.type === "request" && /\/persistentvolumeclaims\/([^?]+)/.exec(entry.url)?.[1];
    if (!claim || entry.verb !== "delete") return;
    asked.push({ name: claim, at: performance.now(), refused: entry.code === 429 });
  };
  const cluster = await startSandboxed({ log });
  await cluster.sandbox.faults.inject({
    type: "throttle",
    verbs: ["delete"],
    resources: ["persistentvolumeclaims"],
    every: 5,
    retryAfterSeconds: 1,
  });
  return { asked, cluster };
}

async function seed({ cluster }: Sandboxed): Promise<void> {
  const labels = { app: "web" };
  // No class binds them, so that nobody else changes them meanwhile.
  const spec = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "none",
    resources: { requests: { storage: "1Gi" } },
  };
  const volumeClaimTemplates = [{ metadata: { name: "www" }, spec }];
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", spec };
  for (let ordinal = 1; ordinal <= leftOver; ordinal += 1)
    await cluster.create(kinds.claim, { ...claim, metadata: { name: `www-web-${ordinal}`, labels } });
  await cluster.create(kinds.statefulSet, {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web" },
    spec: {
      replicas: 1,
      serviceName: "web",
      selector: { matchLabels: labels },
      template,
      volumeClaimTemplates,
    },
  });
}

test("a server that is too busy is obeyed: nothing is lost, and nobody comes back early or twice", async () => {
  const { asked, cluster } = await startBusy();
  sandboxed = cluster;
  await seed(cluster);
  const { code, out } = await cluster.run(["pvc", "cleanup", "web", "--yes"]);
  expect(code).toBe(0);
  expect(out.match(/" deleted$/gm)).toHaveLength(leftOver);
  const left = await cluster.cluster.list(kinds.claim);
  expect(left.items.map(({ metadata }) => metadata.name).filter((name) => name !== "www-web-0")).toEqual([]);
  const refused = asked.filter((one) => one.refused);
  expect(refused.length).toBeGreaterThan(leftOver / 10);
  expect(asked).toHaveLength(leftOver + refused.length);
  for (const { name, at } of refused) {
    const next = asked.find((one) => one.name === name && one.at > at);
    expect(next && next.at - at >= 1000, name).toBe(true);
  }
});
