import { describe, expect, it } from "vitest";
import { canonical, hashOf } from "../../../src/sandbox/controllers/statefulset/revisions.js";
import { claimTemplate, webSet } from "./fixtures.js";
import { cluster, setImage } from "./fresh-cluster.js";

const numbers = async () =>
  (await cluster.port.list("controllerrevisions")).map(({ revision }) => revision).sort();

describe("semantics: revisions", () => {
  it("holds the template as a patch, under a name of set and hash", async () => {
    await cluster.create(
      "statefulsets",
      webSet({}, { annotations: { "kubernetes.io/change-cause": "first" } }),
    );
    const set = await cluster.get("statefulsets", "web");
    const [revision] = await cluster.port.list("controllerrevisions");
    expect(revision?.data).toEqual({ spec: { template: { ...set.spec.template, $patch: "replace" } } });
    const hash = hashOf(`${canonical(revision?.data)}0`);
    expect(revision?.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: "web", "controller.kubernetes.io/hash": hash },
      annotations: { "kubernetes.io/change-cause": "first" },
      ownerReferences: [{ kind: "StatefulSet", uid: set.metadata.uid, controller: true }],
    });
    expect(revision?.revision).toBe(1);
  });

  it("hashes with FNV-1 of 32 bits in the letters of names", () => {
    // 2166136261 is the offset basis: the hash of nothing.
    expect(hashOf("")).toBe([..."2166136261"].map((digit) => "456789bcdf"[Number(digit)]).join(""));
    expect(hashOf("a")).not.toBe(hashOf("b"));
    expect(canonical({ b: 1, a: "<&>" })).toBe('{"a":"\\u003c\\u0026\\u003e","b":1}');
  });

  it("renumbers an older, equal revision instead of making a second one", async () => {
    await cluster.create("statefulsets", webSet());
    const first = (await cluster.status()).updateRevision;
    await setImage("nginx:2");
    expect(await numbers()).toEqual([1, 2]);
    await setImage("nginx:1");
    expect((await cluster.status()).updateRevision).toBe(first);
    expect(await numbers()).toEqual([2, 3]);
  });

  it("keeps revisionHistoryLimit revisions that are not live, the newest ones", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 1, revisionHistoryLimit: 1 }));
    await cluster.play();
    for (const version of [2, 3, 4]) {
      await setImage(`nginx:${version}`);
      await cluster.play();
    }
    expect(await numbers()).toEqual([3, 4]);
  });

  it("never trims a revision that a pod still has", async () => {
    await cluster.create(
      "statefulsets",
      webSet({ replicas: 2, revisionHistoryLimit: 0, updateStrategy: { type: "OnDelete" } }),
    );
    await cluster.play();
    for (const version of [2, 3]) await setImage(`nginx:${version}`);
    expect(await numbers()).toEqual([1, 3]);
  });

  it("counts a collision of names and takes another hash", async () => {
    await cluster.create("statefulsets", webSet());
    const [{ metadata } = { metadata: { name: "" } }] = await cluster.port.list("controllerrevisions");
    await cluster.delete("statefulsets", "web");
    await cluster.create("controllerrevisions", {
      metadata: { name: metadata.name, namespace: "default" },
      data: { spec: {} },
      revision: 7,
    });
    await cluster.create("statefulsets", webSet());
    const { collisionCount, updateRevision } = await cluster.status();
    expect(collisionCount).toBe(1);
    expect(updateRevision).not.toBe(metadata.name);
  });
});

describe("semantics: adoption and release", () => {
  it("adopts the pods and revisions of an orphan delete, and replaces none", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    const before = await cluster.port.list("pods");
    await cluster.delete("statefulsets", "web", { propagation: "Orphan" });
    expect(await cluster.find("statefulsets", "web")).toBeUndefined();
    const orphans = [
      ...(await cluster.port.list("pods")),
      ...(await cluster.port.list("controllerrevisions")),
    ];
    expect(orphans.map(({ metadata }) => metadata.ownerReferences)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await cluster.create("statefulsets", webSet());
    const { uid } = (await cluster.get("statefulsets", "web")).metadata;
    const adopted = await cluster.port.list("pods");
    expect(adopted.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
    expect(adopted.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual([uid, uid, uid]);
    expect(await numbers()).toEqual([1]);
  });

  it("releases a pod that its selector no longer finds, and cannot make it again while the name is taken", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 1 }));
    await cluster.play();
    await cluster.patch("pods", "web-0", { metadata: { labels: { app: "other" } } });
    expect((await cluster.get("pods", "web-0")).metadata.ownerReferences).toBeUndefined();
    expect(cluster.failures.splice(0)[0]).toContain('pods "web-0" already exists');
    await cluster.delete("pods", "web-0", { gracePeriodSeconds: 0 });
    await cluster.pass(60);
    expect((await cluster.get("pods", "web-0")).metadata.ownerReferences).toHaveLength(1);
    cluster.failures.length = 0;
  });

  it("leaves alone pods that match the selector but not the name, or that another controls", async () => {
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "other", uid: "x", controller: true };
    await cluster.create("statefulsets", webSet({ replicas: 0 }));
    const pod = (name: string, ownerReferences: object[]) => ({
      metadata: { name, namespace: "default", labels: { app: "web" }, ownerReferences },
      spec: { containers: [{ name: "nginx", image: "nginx" }] },
    });
    await cluster.create("pods", pod("web-x", []));
    expect((await cluster.get("pods", "web-x")).metadata.ownerReferences ?? []).toEqual([]);
    await cluster.create("pods", pod("web-5", [owner]));
    expect(cluster.trace).toContain("-web-5");
    expect(await cluster.events("web")).toEqual([]);
  });

  it("says FailedUpdate for an adopted pod that lacks a volume of the set (#141876)", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 1 }));
    await cluster.play();
    await cluster.delete("statefulsets", "web", { propagation: "Orphan" });
    const invalid = 'Pod "web-0" is invalid: spec: Forbidden: pod updates may not change fields other than …';
    cluster.refuse = (verb, resource) =>
      verb === "update" && resource === "pods" ? new Error(invalid) : undefined;
    await cluster.create(
      "statefulsets",
      webSet({ replicas: 1, volumeClaimTemplates: [claimTemplate("www")] }),
    );
    const failed = (await cluster.events("web")).find((event) => event.startsWith("FailedUpdate"));
    expect(failed).toContain(`FailedUpdate: Update Pod web-0 in StatefulSet web failed error: ${invalid}`);
    expect(await cluster.names("persistentvolumeclaims")).toEqual(["www-web-0"]);
    cluster.failures.length = 0;
  });
});

describe("semantics: events", () => {
  it("says FailedCreate with the server's words, and tries again", async () => {
    const message = 'pods "web-0" is forbidden: exceeded quota';
    cluster.refuse = (verb, resource) =>
      verb === "create" && resource === "pods" ? new Error(message) : undefined;
    await cluster.create("statefulsets", webSet());
    const [event] = await cluster.events("web");
    expect(event).toContain(`FailedCreate: Create Pod web-0 in StatefulSet web failed error: ${message}`);
    cluster.refuse = () => undefined;
    await cluster.pass(60);
    expect(await cluster.names("pods")).toEqual(["web-0"]);
    cluster.failures.length = 0;
  });
});
