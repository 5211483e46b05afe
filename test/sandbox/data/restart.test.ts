import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect } from "vitest";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../../src/sandbox/index.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { ask } from "../ask.js";
import { claimTemplate, webSet } from "../controllers/fixtures.js";
import { it as base } from "./support.js";

/** Starts sandboxes that keep what they have in `dir`, and ends them after the test. */
const it = base.extend<{ start: (options?: SandboxOptions) => Promise<Sandbox> }>({
  start: async ({ dir }, use) => {
    const running: Sandbox[] = [];
    await use(async (options) => {
      const sandbox = await startSandbox({ data: dir, speed: 100, ...options });
      running.push(sandbox);
      return sandbox;
    });
    for (const sandbox of running) await sandbox.stop().catch(() => undefined);
  },
});

const web = { namespace: "default", name: "web" };

const ready = (sandbox: Sandbox, replicas: number) =>
  expect
    .poll(async () => (await sandbox.port.get("statefulsets", web))?.["status"], { timeout: 20_000 })
    .toMatchObject({ readyReplicas: replicas, replicas });

const identities = (objects: AnyObject[]) => objects.map(({ metadata }) => [metadata.name, metadata.uid]);

describe("a sandbox with a folder", () => {
  it("is the same one after a restart: kubeconfig, uids, and pods that go on running", async ({ start }) => {
    const first = await start({ nodes: 2, storageClasses: false });
    await first.port.create("storageclasses", {
      metadata: { name: "own" },
      provisioner: "sandbox.local/simulated",
    });
    await first.port.create("statefulsets", webSet({ replicas: 2 }));
    await ready(first, 2);
    const before = await first.port.list("pods", "default");
    const kubeconfig = first.kubeconfig();
    await first.stop();
    const second = await start({ nodes: 2 });
    expect(second.kubeconfig()).toBe(kubeconfig);
    expect(identities(await second.port.list("storageclasses"))).toHaveLength(1);
    await second.port.patch("statefulsets", web, { spec: { replicas: 3 } });
    await ready(second, 3);
    const after = await second.port.list("pods", "default");
    expect(identities(after)).toEqual(expect.arrayContaining(identities(before)));
    const restarts = after.map(({ status }) => status.containerStatuses[0].restartCount);
    expect(restarts).toEqual([0, 0, 0]);
    const newest = ({ metadata }: AnyObject) => Number(metadata.resourceVersion);
    expect(Math.max(...after.map(newest))).toBeGreaterThan(Math.max(...before.map(newest)));
  });

  it("goes on in the middle: of starting pods, of pods that end, of volumes that are made", async ({
    start,
  }) => {
    const first = await start({ speed: 1 });
    const set = {
      podManagementPolicy: "Parallel",
      replicas: 5,
      volumeClaimTemplates: [claimTemplate("www")],
    };
    await first.port.create("statefulsets", webSet(set));
    const bound = async () =>
      (await first.port.list("persistentvolumeclaims")).filter((claim) => claim["status"].phase === "Bound");
    await expect.poll(async () => (await bound()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    await first.stop();
    const second = await start();
    await ready(second, 5);
    await second.stop();
    const third = await start({ speed: 1 });
    await third.port.patch("statefulsets", web, { spec: { replicas: 1 } });
    const ending = async () =>
      (await third.port.list("pods")).some(({ metadata }) => metadata.deletionTimestamp);
    await expect.poll(ending, { timeout: 20_000 }).toBe(true);
    await third.stop();
    const fourth = await start();
    await ready(fourth, 1);
    expect(await fourth.port.list("pods")).toHaveLength(1);
    expect(await fourth.port.list("persistentvolumeclaims")).toHaveLength(5);
  });

  it("tells those who watched before that they must list again", async ({ start }) => {
    const first = await start();
    const { metadata } = JSON.parse((await ask(first, "/api/v1/pods")).text) as AnyObject;
    await first.stop();
    const second = await start();
    const from = `/api/v1/pods?watch=1&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`;
    const { text } = await ask(second, from);
    expect(JSON.parse(text.split("\n")[0] ?? "")).toMatchObject({
      type: "ERROR",
      object: { code: 410, reason: "Expired" },
    });
  });

  it("takes another port when its own has gone, and that one again afterwards", async ({ start }) => {
    const first = await start();
    await first.stop();
    const occupier = createServer().listen(Number(new URL(first.server).port), "127.0.0.1");
    await once(occupier, "listening");
    const second = await start();
    expect(second.server).not.toBe(first.server);
    expect([second.token, second.caPem]).toEqual([first.token, first.caPem]);
    expect((await ask(second, "/readyz")).text).toBe("ok");
    await second.stop();
    occupier.close();
    expect((await start()).server).toBe(second.server);
  });

  it("keeps its release, goes up to the next one, and not back", async ({ start }) => {
    await (await start({ kubernetesVersion: "1.36" })).stop();
    const same = await start();
    expect(same.kubernetesVersion).toBe("1.36");
    await same.stop();
    const upgraded = await start({ kubernetesVersion: "1.37" });
    expect(JSON.parse((await ask(upgraded, "/version")).text)).toMatchObject({ minor: "37" });
    await upgraded.stop();
    await expect(start({ kubernetesVersion: "1.36" })).rejects.toThrow(
      /is of Kubernetes 1\.37.*back to 1\.36/,
    );
    expect((await start()).kubernetesVersion).toBe("1.37");
  });

  it("is not shared, and gives its folder back when it does not come up", async ({ start }) => {
    const first = await start();
    await expect(start()).rejects.toThrow("is in use by another sandbox");
    const port = Number(new URL(first.server).port);
    await first.stop();
    const occupier = createServer().listen(port, "127.0.0.1");
    await once(occupier, "listening");
    await expect(start({ port })).rejects.toThrow("EADDRINUSE");
    occupier.close();
    await once(occupier, "close");
    expect((await start({ port })).server).toBe(first.server);
  });
});
