import { describe, expect, it } from "vitest";
import { cluster, restart, running, setImage } from "./fresh-cluster.js";

const setPartition = (partition: number) =>
  cluster.patch("statefulsets", "web", {
    spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } },
  });

describe("semantics: partition", () => {
  it("is an index counted from ordinals.start, not an ordinal (#128529)", async () => {
    await running({
      replicas: 9,
      ordinals: { start: 2 },
      updateStrategy: { rollingUpdate: { partition: 5 } },
    });
    await setImage("nginx:2");
    await cluster.play();
    const old = (await cluster.pods()).filter((pod) => pod.endsWith("@1")).sort();
    expect(old).toEqual(["web-2@1", "web-3@1", "web-4@1", "web-5@1", "web-6@1"]);
    const { currentRevision, updateRevision, updatedReplicas } = await cluster.status();
    expect(currentRevision).not.toBe(updateRevision);
    expect(updatedReplicas).toBe(4);
  });

  it("freezes updates when it is not below replicas", async () => {
    await running({ updateStrategy: { rollingUpdate: { partition: 3 } } });
    await setImage("nginx:2");
    expect(cluster.trace).toEqual([]);
  });

  it("brings a pod below it back at the current revision, one above at the update revision", async () => {
    await running({ updateStrategy: { rollingUpdate: { partition: 2 } } });
    await setImage("nginx:2");
    await cluster.play();
    await cluster.delete("pods", "web-0", { gracePeriodSeconds: 0 });
    await cluster.delete("pods", "web-2", { gracePeriodSeconds: 0 });
    await cluster.play();
    expect((await cluster.pods()).sort()).toEqual(["web-0@1", "web-1@1", "web-2@2"]);
  });

  it("rolls nothing back when it is raised, and goes on when it is lowered", async () => {
    await running();
    await setPartition(2);
    await setImage("nginx:2");
    await cluster.play();
    await setPartition(3);
    expect((await cluster.pods()).sort()).toEqual(["web-0@1", "web-1@1", "web-2@2"]);
    await setPartition(0);
    await cluster.play();
    expect((await cluster.pods()).sort()).toEqual(["web-0@2", "web-1@2", "web-2@2"]);
  });

  it("scaling to 0 in the middle of a canary makes the update revision current (#121534)", async () => {
    await running({ updateStrategy: { rollingUpdate: { partition: 2 } } });
    await setImage("nginx:2");
    await cluster.play();
    await cluster.patch("statefulsets", "web", { spec: { replicas: 0 } });
    await cluster.play();
    const { currentRevision, updateRevision } = await cluster.status();
    expect(currentRevision).toBe(updateRevision);
    await cluster.patch("statefulsets", "web", { spec: { replicas: 1 } });
    expect(await cluster.pods()).toEqual(["web-0@2"]);
  });
});

describe("semantics: maxUnavailable", () => {
  const two = { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } };
  const terminating = async () => (await cluster.pods()).filter((pod) => pod.endsWith("!")).sort();

  it("on in 1.37: that many pods are replaced at a time", async () => {
    await running({ ...two, replicas: 5 });
    await setImage("nginx:2");
    expect(await terminating()).toEqual(["web-3@1!", "web-4@1!"]);
    // The walk of step 2 stops at web-3, so web-4 is not made again before it.
    await cluster.end("web-4");
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1", "web-3@1!"]);
    await cluster.end("web-3");
    await cluster.run("web-3");
    await cluster.run("web-4");
    expect(await terminating()).toEqual(["web-1@1!", "web-2@1!"]);
  });

  it("off in 1.36: one at a time", async () => {
    await restart({ kubernetesVersion: "1.36" });
    await running({ ...two, replicas: 5 });
    await setImage("nginx:2");
    expect(await terminating()).toEqual(["web-4@1!"]);
  });

  it("rounds percentages down, to one at least", async () => {
    await running({ replicas: 5, updateStrategy: { rollingUpdate: { maxUnavailable: "59%" } } });
    await setImage("nginx:2");
    expect(await terminating()).toEqual(["web-3@1!", "web-4@1!"]);
  });

  it("counts what is unavailable below the partition", async () => {
    await running({
      replicas: 4,
      podManagementPolicy: "Parallel",
      updateStrategy: { rollingUpdate: { maxUnavailable: 2, partition: 1 } },
    });
    await cluster.run("web-0", { ready: false });
    await setImage("nginx:2");
    expect(await terminating()).toEqual(["web-3@1!"]);
  });

  it("Parallel: unavailable old pods go outside the budget", async () => {
    await running({ replicas: 5, podManagementPolicy: "Parallel" });
    for (const name of ["web-0", "web-1", "web-2"]) await cluster.run(name, { ready: false });
    await setImage("nginx:2");
    expect(await terminating()).toEqual(["web-0@1!", "web-1@1!", "web-2@1!"]);
  });
});
