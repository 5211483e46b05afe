import { afterEach, expect, test } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import { StatusError } from "../../../src/sandbox/index.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";

const leftOver = 60;

let sandboxed: Sandboxed | undefined;
afterEach(() => sandboxed?.stop());

/** When each claim's deletion was asked for, and how it was answered. */
interface Asked {
  name: string;
  at: number;
  refused: boolean;
}

/** A sandbox that turns every fifth deletion of a claim away once, for a second. */
async function startBusy(): Promise<{ asked: Asked[]; cluster: Sandboxed }> {
  const asked: Asked[] = [];
  const turnedAway = new Set<string>();
  const cluster = await startSandboxed({
    intercept: ({ verb, resource }) => {
      if (verb !== "delete" || resource?.resource !== kinds.claim.resource) return;
      const name = resource.name ?? "";
      const refused = asked.length % 5 === 0 && !turnedAway.has(name);
      asked.push({ name, at: performance.now(), refused });
      if (!refused) return;
      turnedAway.add(name);
      throw new StatusError(429, "TooManyRequests", "slow down", { retryAfterSeconds: 1 });
    },
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
    const again = asked.filter((one) => one.name === name && one.at > at);
    expect(again.map((one) => one.at - at >= 1000)).toEqual([true]);
  }
});
