import { describe, expect, it } from "vitest";
import { template, webSet } from "./fixtures.js";
import { cluster, restart, running, setImage } from "./fresh-cluster.js";

describe("semantics: rolling update (step 4)", () => {
  it("replaces from the top down, each waited for until it is available", async () => {
    await running();
    await setImage("nginx:2");
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1!"]);
    await cluster.end("web-2");
    await cluster.run("web-2", { ready: false });
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@2"]);
    expect(await cluster.status()).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
    await cluster.run("web-2");
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1!", "web-2@2"]);
    await cluster.play();
    expect(cluster.trace).toEqual(["-web-2", "+web-2", "-web-1", "+web-1", "-web-0", "+web-0"]);
  });

  it("makes the update revision current when updated = ready = total = replicas", async () => {
    await running();
    const before = await cluster.status();
    await setImage("nginx:2");
    const during = await cluster.status();
    expect(during.currentRevision).toBe(before.currentRevision);
    expect(during.updateRevision).not.toBe(before.updateRevision);
    await cluster.play();
    const after = await cluster.status();
    expect(after.currentRevision).toBe(during.updateRevision);
    expect(after.currentReplicas).toBe(3);
  });

  it("updates only after scaling is done", async () => {
    await running();
    await cluster.patch("statefulsets", "web", { spec: { replicas: 4, template: template("nginx:2") } });
    await cluster.play();
    expect(cluster.trace.slice(0, 2)).toEqual(["+web-3", "-web-2"]);
  });

  it("waits minReadySeconds between two pods", async () => {
    await running({ replicas: 2 });
    await cluster.patch("statefulsets", "web", {
      spec: { minReadySeconds: 30, template: template("nginx:2") },
    });
    await cluster.pass(30);
    await cluster.end("web-1");
    await cluster.run("web-1");
    await cluster.pass(29);
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@2"]);
    await cluster.pass(1);
    expect(await cluster.pods()).toEqual(["web-0@1!", "web-1@2"]);
  });

  it("OnDelete: deletes nothing; who deletes a pod gets it at the update revision", async () => {
    await running({ updateStrategy: { type: "OnDelete" } });
    await setImage("nginx:2");
    expect(cluster.trace).toEqual([]);
    await cluster.delete("pods", "web-1", { gracePeriodSeconds: 0 });
    await cluster.play();
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@2", "web-2@1"]);
  });

  it.each([
    ["1.36", "keeps"],
    ["1.37", "moves"],
  ])(
    "OnDelete in %s: the current revision %s once all pods are updated (#136833)",
    async (kubernetesVersion, verb) => {
      await restart({ kubernetesVersion });
      await running({ replicas: 1, updateStrategy: { type: "OnDelete" } });
      const { currentRevision } = await cluster.status();
      await setImage("nginx:2");
      await cluster.delete("pods", "web-0", { gracePeriodSeconds: 0 });
      await cluster.play();
      const after = await cluster.status();
      expect(after.currentRevision).toBe(verb === "keeps" ? currentRevision : after.updateRevision);
    },
  );
});

describe("semantics: the deadlock (#67250)", () => {
  it("OrderedReady: a broken revision stays after the template is reverted, until the pod is deleted", async () => {
    await running();
    await setImage("broken");
    await cluster.end("web-2");
    await cluster.run("web-2", { ready: false });
    await setImage("nginx:1");
    expect(await cluster.pods()).toEqual(["web-0@3", "web-1@3", "web-2@2"]);
    await cluster.delete("pods", "web-2", { gracePeriodSeconds: 0 });
    expect(await cluster.pods()).toEqual(["web-0@3", "web-1@3", "web-2@3"]);
  });

  it("deleting the pod before the template is mended recreates the bad revision", async () => {
    await running();
    await setImage("broken");
    await cluster.end("web-2");
    await cluster.run("web-2", { ready: false });
    await cluster.delete("pods", "web-2", { gracePeriodSeconds: 0 });
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@2"]);
  });

  it.each(["1.36", "1.37"])("Parallel recovers by itself (%s)", async (kubernetesVersion) => {
    await restart({ kubernetesVersion });
    await running({ podManagementPolicy: "Parallel" });
    await setImage("broken");
    await cluster.end("web-2");
    await cluster.run("web-2", { ready: false });
    await setImage("nginx:1");
    await cluster.play();
    expect(await cluster.pods()).toEqual(["web-0@3", "web-1@3", "web-2@3"]);
  });
});

describe("semantics: Recreate", () => {
  const recreate = { updateStrategy: { type: "Recreate" } };

  it("without its gate: does nothing but say so", async () => {
    await restart({ unvalidated: ["statefulsets"] });
    await cluster.create("statefulsets", webSet(recreate));
    const message =
      "statefulset default/web uses Recreate strategy but feature gate StatefulSetRecreateStrategy is disabled";
    expect((await cluster.events("web"))[0]).toContain(`UnknownStrategy: ${message}`);
    expect(await cluster.names("pods")).toEqual([]);
    cluster.failures.length = 0;
  });

  it("with its gate: deletes every old pod, and makes new ones when all are gone", async () => {
    await restart({ gates: { recreateStrategy: true }, unvalidated: ["statefulsets"] });
    await running({ ...recreate, podManagementPolicy: "Parallel" });
    await setImage("nginx:2");
    expect((await cluster.pods()).sort()).toEqual(["web-0@1!", "web-1@1!", "web-2@1!"]);
    const progressing = async () =>
      (await cluster.status()).conditions.map(({ reason }: { reason: string }) => reason);
    expect(await progressing()).toEqual(["RecreateInProgress"]);
    await cluster.end("web-0");
    expect(await cluster.names("pods")).toEqual(["web-1", "web-2"]);
    await cluster.play();
    expect((await cluster.pods()).sort()).toEqual(["web-0@2", "web-1@2", "web-2@2"]);
    expect(await progressing()).toEqual(["RecreateCompleted"]);
  });
});
