import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { webSet } from "./fixtures.js";
import { cluster } from "./fresh-cluster.js";

function reference({ apiVersion, kind, metadata: { name, uid } }: AnyObject, block = false): object {
  return { apiVersion, kind, name, uid, ...(block && { blockOwnerDeletion: true }) };
}

const config = (name: string, owners: object[] = [], finalizers: string[] = []) =>
  cluster.create("configmaps", {
    metadata: { name, namespace: "default", ownerReferences: owners, finalizers },
  });
const left = () => cluster.names("configmaps");

describe("garbage collector", () => {
  it("background: dependents go after their owner, and theirs after them", async () => {
    const owner = await config("owner");
    const child = await config("child", [reference(owner)]);
    await config("grandchild", [reference(child)]);
    await cluster.delete("configmaps", "owner", { propagation: "Background" });
    expect(await left()).toEqual([]);
  });

  it("keeps a dependent that has another owner, without the reference to the one that is gone", async () => {
    const [first, second] = [await config("first"), await config("second")];
    await config("child", [reference(first), reference(second)]);
    await cluster.delete("configmaps", "first", { propagation: "Background" });
    const owners = (await cluster.get("configmaps", "child")).metadata.ownerReferences;
    expect(owners?.map(({ name }) => name)).toEqual(["second"]);
  });

  it("deletes what refers to an owner of another UID under the same name", async () => {
    const owner = await config("owner");
    await config("child", [{ ...reference(owner), uid: "an-older-one" }]);
    expect(await left()).toEqual(["owner"]);
  });

  it("leaves alone what refers to a kind that is not served", async () => {
    await config("child", [{ apiVersion: "example.org/v1", kind: "Database", name: "db", uid: "x" }]);
    expect(await left()).toEqual(["child"]);
  });

  it("foreground: the owner waits for the dependents that block it", async () => {
    const owner = await config("owner");
    await config("blocking", [reference(owner, true)], ["example.org/hold"]);
    await config("other", [reference(owner)], ["example.org/hold"]);
    await cluster.delete("configmaps", "owner", { propagation: "Foreground" });
    expect(await left()).toEqual(["blocking", "other", "owner"]);
    await cluster.patch("configmaps", "blocking", { metadata: { finalizers: null } });
    expect(await left()).toEqual(["other"]);
    expect((await cluster.get("configmaps", "other")).metadata.deletionTimestamp).toBeDefined();
  });

  it("foreground: what comes while the owner waits stays until something that it has goes", async () => {
    const owner = await config("owner");
    await config("blocking", [reference(owner, true)], ["example.org/hold"]);
    await cluster.delete("configmaps", "owner", { propagation: "Foreground" });
    await config("late", [reference(owner, true)]);
    expect(await left()).toEqual(["blocking", "late", "owner"]);
    await cluster.patch("configmaps", "blocking", { metadata: { finalizers: null } });
    expect(await left()).toEqual([]);
  });

  it("orphan: dependents stay and forget their owner", async () => {
    const owner = await config("owner");
    await config("child", [reference(owner, true)]);
    await cluster.delete("configmaps", "owner", { propagation: "Orphan" });
    expect(await left()).toEqual(["child"]);
    expect((await cluster.get("configmaps", "child")).metadata.ownerReferences).toBeUndefined();
  });

  it("a second delete may ask for another policy: what waited in the foreground lets its dependents go", async () => {
    const owner = await config("owner");
    await config("child", [reference(owner, true)], ["example.org/hold"]);
    await cluster.delete("configmaps", "owner", { propagation: "Foreground" });
    expect(await left()).toEqual(["child", "owner"]);
    await cluster.delete("configmaps", "owner", { propagation: "Orphan" });
    expect(await left()).toEqual(["child"]);
    expect((await cluster.get("configmaps", "child")).metadata.ownerReferences).toBeUndefined();
  });

  it("foreground: two that own one another go both", async () => {
    const one = await config("one");
    const other = await config("other", [reference(one, true)]);
    await cluster.patch("configmaps", "one", { metadata: { ownerReferences: [reference(other, true)] } });
    await cluster.delete("configmaps", "one", { propagation: "Foreground" });
    expect(await left()).toEqual([]);
  });

  it("an owner of another namespace is none, and that is said", async () => {
    await cluster.port.create("namespaces", { metadata: { name: "shop" } });
    const owner = await cluster.create("configmaps", { metadata: { name: "owner", namespace: "shop" } });
    await config("child", [reference(owner)]);
    expect(await left()).toEqual(["owner"]);
    expect(await cluster.events("child")).toEqual([
      expect.stringMatching(
        /^OwnerRefInvalidNamespace: ownerRef \[v1\/ConfigMap, namespace: default, name: owner/,
      ),
    ]);
  });

  it("what has no namespace is not collected for an owner that has one", async () => {
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "x" };
    await cluster.create("storageclasses", {
      metadata: { name: "fast", ownerReferences: [owner] },
      provisioner: "example.org/disk",
    });
    expect(await cluster.names("storageclasses")).toEqual(["fast"]);
  });

  it("keeps what got another owner since it was judged", async () => {
    const [first, second] = [await config("first"), await config("second")];
    await config("child", [reference(first)]);
    const deletion = cluster.port.delete("configmaps", { namespace: "default", name: "first" });
    // Nothing of it was handed on yet: the collector is still to look.
    await cluster.port.patch(
      "configmaps",
      { namespace: "default", name: "child" },
      { metadata: { ownerReferences: [reference(first), reference(second)] } },
    );
    await deletion;
    await cluster.settle();
    expect(await left()).toEqual(["child", "second"]);
  });

  it("semantics: deleting a set does not terminate its pods in order, and takes its revisions along", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await cluster.delete("statefulsets", "web", { propagation: "Background" });
    expect((await cluster.pods()).every((pod) => pod.endsWith("!"))).toBe(true);
    await cluster.play();
    expect(await cluster.names("controllerrevisions")).toEqual([]);
  });

  it("a set that is deleted in the foreground stays until its pods are gone", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await cluster.delete("statefulsets", "web", { propagation: "Foreground" });
    expect(await cluster.names("statefulsets")).toEqual(["web"]);
    await cluster.play();
    expect(await cluster.names("statefulsets")).toEqual([]);
  });
});
