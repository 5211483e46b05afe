import { beforeEach, describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { webSet } from "./fixtures.js";
import { cluster } from "./fresh-cluster.js";

const shop = { name: "shop" };
const find = () => cluster.port.get("namespaces", shop);

async function condition(wanted: string): Promise<AnyObject | undefined> {
  const conditions: AnyObject[] = (await find())?.status.conditions ?? [];
  return conditions.find(({ type }) => String(type) === wanted);
}

beforeEach(async () => {
  await cluster.port.create("namespaces", { metadata: shop });
});

async function remove(): Promise<void> {
  await cluster.port.delete("namespaces", shop);
  await cluster.settle();
}

describe("namespace deletion", () => {
  it("deletes pods first, and nothing else before they are gone", async () => {
    const pod = { namespace: "shop", name: "db-0" };
    const spec = { containers: [{ name: "db", image: "db" }] };
    await cluster.create("pods", { metadata: { ...pod, finalizers: ["example.org/hold"] }, spec });
    await cluster.create("statefulsets", webSet({ replicas: 0 }, { namespace: "shop" }));
    await remove();
    expect((await find())?.status.phase).toBe("Terminating");
    expect((await cluster.port.get("pods", pod))?.metadata.deletionTimestamp).toBeDefined();
    expect(await cluster.names("statefulsets")).toEqual(["web"]);
    expect(await condition("NamespaceContentRemaining")).toMatchObject({ status: "False" });
    await cluster.port.patch("pods", pod, { metadata: { finalizers: null } });
    await cluster.settle();
    expect(await find()).toBeUndefined();
    expect(await cluster.names("statefulsets")).toEqual([]);
  });

  it("says what is left and what holds it", async () => {
    const finalizers = ["example.org/hold"];
    const selector = { matchLabels: { app: "web" } };
    await cluster.create("poddisruptionbudgets", {
      metadata: { name: "web", namespace: "shop", finalizers },
      spec: { selector, maxUnavailable: 1 },
    });
    await cluster.create("configmaps", { metadata: { name: "a", namespace: "shop", finalizers } });
    await remove();
    expect(await condition("NamespaceContentRemaining")).toMatchObject({
      status: "True",
      reason: "SomeResourcesRemain",
      message:
        "Some resources are remaining: configmaps. has 1 resource instances, poddisruptionbudgets.policy has 1 resource instances",
    });
    expect(await condition("NamespaceFinalizersRemaining")).toMatchObject({
      message:
        "Some content in the namespace has finalizers remaining: example.org/hold in 2 resource instances",
    });
    for (const [resource, name] of [
      ["poddisruptionbudgets", "web"],
      ["configmaps", "a"],
    ] as const)
      await cluster.port.patch(resource, { namespace: "shop", name }, { metadata: { finalizers: null } });
    await cluster.settle();
    expect(await find()).toBeUndefined();
  });

  it("looks again after a while for what nobody tells of", async () => {
    const event = { name: "web.1", namespace: "shop" };
    await cluster.create("events", {
      metadata: { ...event, finalizers: ["example.org/hold"] },
      involvedObject: { kind: "Pod", name: "web-0", namespace: "shop" },
    });
    await remove();
    await cluster.port.patch("events", event, { metadata: { finalizers: null } });
    await cluster.settle();
    expect(await find()).toBeDefined();
    await cluster.pass(15);
    expect(await find()).toBeUndefined();
  });
});
