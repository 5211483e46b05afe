import { beforeEach, describe, expect, it } from "vitest";
import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { AnyObject, ClusterPort } from "../../../src/sandbox/port.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";

let port: ClusterPort;
let resources: Resources;

beforeEach(async () => {
  let uid = 0;
  const now = () => Date.parse("2026-01-01T00:00:00Z");
  const env = { now, random: Math.random, newUid: () => `uid-${++uid}`, kubernetesVersion: "1.37" };
  resources = new Resources(sandboxKinds(), new Store(), env);
  port = inProcessPort(resources, "test");
  await port.create("namespaces", { metadata: { name: "default" } });
});

const target = { namespace: "default", name: "web-0" };
const containers = [{ name: "nginx", image: "nginx" }];

function createPod(metadata: object = {}): Promise<AnyObject> {
  return port.create("pods", {
    metadata: { name: "web-0", ...metadata },
    spec: { containers, terminationGracePeriodSeconds: 30 },
  });
}

describe("inProcessPort", () => {
  it("creates, reads, patches, replaces and deletes", async () => {
    const created = await createPod();
    expect(await port.get("pods", target)).toBe(created);
    const patched = await port.patch("pods", target, { metadata: { labels: { app: "web" } } });
    expect(patched.metadata.labels).toEqual({ app: "web" });
    await expect(port.update("pods", created)).rejects.toMatchObject({ code: 409, reason: "Conflict" });
    const ready = await port.update("pods", { ...patched, status: { phase: "Running" } }, "status");
    expect(ready.status.phase).toBe("Running");
    expect(await port.list("pods", "other")).toEqual([]);
    expect(await port.list("pods", "default")).toEqual([ready]);
    await expect(port.delete("pods", target, { uid: "other" })).rejects.toMatchObject({ code: 409 });
    await port.delete("pods", target, { uid: ready.metadata.uid });
    expect(await port.get("pods", target)).toBeUndefined();
    await expect(port.patch("pods", target, {})).rejects.toMatchObject({ code: 404, reason: "NotFound" });
  });

  it("tells of everything in order, outside of the writes", async () => {
    await createPod();
    const seen: string[] = [];
    const stop = await port.watch("pods", ({ type, object }) => {
      seen.push(`${type} ${object.metadata.name} ${object.metadata.labels?.["n"] ?? ""}`.trim());
    });
    expect(seen).toEqual(["ADDED web-0"]);
    const writes = [1, 2].map((n) => port.patch("pods", target, { metadata: { labels: { n: `${n}` } } }));
    await Promise.all([...writes, port.delete("pods", target)]);
    expect(seen).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["ADDED web-0", "MODIFIED web-0 1", "MODIFIED web-0 2", "DELETED web-0 2"]);
    stop();
    await createPod();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toHaveLength(4);
  });

  it("tells of different resources in the order of writes, too", async () => {
    const seen: string[] = [];
    for (const resource of ["pods", "configmaps"]) {
      await port.watch(resource, ({ object }) => seen.push(object.metadata.name));
    }
    await createPod();
    await port.create("configmaps", { metadata: { name: "conf" } });
    await createPod({ name: "web-1" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["web-0", "conf", "web-1"]);
  });

  it("binds a pod once", async () => {
    await createPod();
    await port.post("pods", target, "binding", { target: { kind: "Node", name: "node-1" } });
    expect((await port.get("pods", target))?.spec.nodeName).toBe("node-1");
    await expect(port.post("pods", target, "binding", { target: { name: "node-2" } })).rejects.toThrow(
      'Operation cannot be fulfilled on pods/binding "web-0": pod web-0 is already assigned to node "node-1"',
    );
  });

  it("evicts only what the budget allows", async () => {
    await createPod({ labels: { app: "web" } });
    await port.post("pods", target, "binding", { target: { name: "node-1" } });
    const conditions = [{ type: "Ready", status: "True" }];
    await port.patch("pods", target, { status: { phase: "Running", conditions } }, "status");
    const spec = { minAvailable: 1, selector: { matchLabels: { app: "web" } } };
    const budget = await port.create("poddisruptionbudgets", { metadata: { name: "web" }, spec });
    const status = (disruptionsAllowed: number) => ({
      observedGeneration: budget.metadata.generation,
      currentHealthy: 1,
      desiredHealthy: 1,
      disruptionsAllowed,
      expectedPods: 1,
    });
    await port.patch("poddisruptionbudgets", budget.metadata, { status: status(0) }, "status");
    await expect(port.post("pods", target, "eviction", {})).rejects.toMatchObject({
      code: 429,
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: "The disruption budget web needs 1 healthy pods and has 1 currently",
          },
        ],
      },
    });
    await port.patch("poddisruptionbudgets", budget.metadata, { status: status(1) }, "status");
    await port.post("pods", target, "eviction", {});
    expect((await port.get("pods", target))?.metadata.deletionTimestamp).toBeDefined();
    const after = await port.get("poddisruptionbudgets", budget.metadata);
    expect(after?.status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { "web-0": "2026-01-01T00:00:00Z" },
    });
  });

  it("scales through the subresource", async () => {
    const selector = { matchLabels: { app: "web" } };
    const template = { metadata: { labels: { app: "web" } }, spec: { containers } };
    const web = { namespace: "default", name: "web" };
    await port.create("statefulsets", {
      metadata: { name: "web" },
      spec: { replicas: 1, selector, template, serviceName: "web" },
    });
    const scale = await port.patch("statefulsets", web, { spec: { replicas: 3 } }, "scale");
    expect(scale).toMatchObject({
      kind: "Scale",
      spec: { replicas: 3 },
      status: { replicas: 0, selector: "app=web" },
    });
    expect((await port.get("statefulsets", web))?.spec.replicas).toBe(3);
    await expect(port.patch("statefulsets", web, { spec: { replicas: -1 } }, "scale")).rejects.toThrow(
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
  });
});
