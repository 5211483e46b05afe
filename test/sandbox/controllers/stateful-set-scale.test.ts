import { describe, expect, it } from "vitest";
import { claimTemplate, storageClass, webSet } from "./fixtures.js";
import { cluster, scale } from "./fresh-cluster.js";

describe("semantics: one sync, OrderedReady", () => {
  it("step 2: creates pods in ascending order, each once the one before is Running and Ready", async () => {
    await cluster.create("statefulsets", webSet());
    expect(await cluster.names("pods")).toEqual(["web-0"]);
    await cluster.run("web-0", { ready: false });
    expect(await cluster.names("pods")).toEqual(["web-0"]);
    await cluster.run("web-0");
    expect(await cluster.names("pods")).toEqual(["web-0", "web-1"]);
    await cluster.play();
    expect(cluster.trace).toEqual(["+web-0", "+web-1", "+web-2"]);
  });

  it("step 2: creates a pod's claims before the pod, and says so in the API's words", async () => {
    await cluster.create(
      "statefulsets",
      webSet({ replicas: 1, volumeClaimTemplates: [claimTemplate("www"), claimTemplate("log")] }),
    );
    expect(await cluster.events("web")).toEqual([
      "SuccessfulCreate: Create Claim www-web-0 Pod web-0 in StatefulSet web success",
      "SuccessfulCreate: Create Claim log-web-0 Pod web-0 in StatefulSet web success",
      "SuccessfulCreate: Create Pod web-0 in StatefulSet web successful",
    ]);
  });

  it("step 2: waits until the pod before is available, minReadySeconds after it became ready", async () => {
    await cluster.create("statefulsets", webSet({ minReadySeconds: 10 }));
    await cluster.run("web-0");
    expect(await cluster.status()).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    await cluster.pass(9);
    expect(await cluster.names("pods")).toEqual(["web-0"]);
    await cluster.pass(1);
    expect(await cluster.names("pods")).toEqual(["web-0", "web-1"]);
    expect(await cluster.status()).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  it.each(["Failed", "Succeeded"])(
    "step 2: deletes a %s pod and makes it again once it is gone",
    async (phase) => {
      await cluster.create("statefulsets", webSet({ replicas: 2 }));
      await cluster.play();
      const { uid } = (await cluster.get("pods", "web-0")).metadata;
      await cluster.run("web-0", { phase });
      expect((await cluster.get("pods", "web-0")).metadata.uid).not.toBe(uid);
      expect(cluster.trace).toEqual(["+web-0", "+web-1", "-web-0", "+web-0"]);
    },
  );

  it("step 2: waits for a pod that is terminating, then makes it again with its name and claim", async () => {
    await cluster.create("storageclasses", storageClass("disk", {}, true));
    await cluster.create(
      "statefulsets",
      webSet({ replicas: 2, volumeClaimTemplates: [claimTemplate("www")] }),
    );
    await cluster.play();
    const claim = await cluster.get("persistentvolumeclaims", "www-web-0");
    await cluster.delete("pods", "web-0");
    expect(await cluster.pods()).toEqual(["web-0@1!", "web-1@1"]);
    expect(await cluster.status()).toMatchObject({ replicas: 2, readyReplicas: 2, currentReplicas: 1 });
    await cluster.end("web-0");
    await cluster.play();
    expect((await cluster.get("persistentvolumeclaims", "www-web-0")).metadata.uid).toBe(claim.metadata.uid);
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1"]);
  });

  it("step 3: condemns from the highest ordinal, one at a time, each waited out", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 4 }));
    await cluster.play();
    await scale(1);
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1", "web-3@1!"]);
    await cluster.end("web-3");
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1!"]);
    await cluster.play();
    expect(cluster.trace.slice(4)).toEqual(["-web-3", "-web-2", "-web-1"]);
  });

  it("step 3: starts only once every kept replica is available", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await cluster.run("web-0", { ready: false });
    await scale(2);
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1"]);
    await cluster.run("web-0");
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1!"]);
  });

  it("step 3: an unhealthy condemned pod goes only if it is the first unavailable one", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 4 }));
    await cluster.play();
    await cluster.run("web-2", { ready: false });
    await cluster.run("web-3", { ready: false });
    await scale(1);
    // web-3 has its turn but web-2 is the first unavailable one: nothing moves.
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1", "web-3@1"]);
    await cluster.run("web-2");
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1", "web-3@1!"]);
  });

  it("counts ordinals beyond nine as numbers", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 12 }));
    await cluster.play();
    await scale(9);
    await cluster.play();
    expect(cluster.trace.slice(12)).toEqual(["-web-11", "-web-10", "-web-9"]);
  });

  it("moves its range with ordinals.start", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 2 }));
    await cluster.play();
    await cluster.patch("statefulsets", "web", { spec: { ordinals: { start: 2 } } });
    await cluster.play();
    expect(cluster.trace.slice(2)).toEqual(["+web-2", "+web-3", "-web-1", "-web-0"]);
  });

  it("only computes the status of a set that is being deleted", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 2 }, { finalizers: ["example.org/keep"] }));
    await cluster.play();
    await cluster.delete("statefulsets", "web");
    await cluster.delete("pods", "web-1", { gracePeriodSeconds: 0 });
    expect(await cluster.pods()).toEqual(["web-0@1"]);
    expect(await cluster.status()).toMatchObject({ replicas: 1, readyReplicas: 1 });
  });
});

describe("semantics: Parallel", () => {
  it("waits for nobody in steps 2 and 3", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 5, podManagementPolicy: "Parallel" }));
    expect(await cluster.names("pods")).toEqual(["web-0", "web-1", "web-2", "web-3", "web-4"]);
    await cluster.play();
    await scale(1);
    expect((await cluster.pods()).filter((pod) => pod.endsWith("!"))).toHaveLength(4);
    expect(cluster.trace.slice(5)).toEqual(["-web-4", "-web-3", "-web-2", "-web-1"]);
  });

  it("recreates a lost pod while another is not ready", async () => {
    await cluster.create("statefulsets", webSet({ podManagementPolicy: "Parallel" }));
    await cluster.play();
    await cluster.run("web-0", { ready: false });
    await cluster.delete("pods", "web-2", { gracePeriodSeconds: 0 });
    expect(await cluster.pods()).toEqual(["web-0@1", "web-1@1", "web-2@1"]);
  });
});

describe("semantics: status", () => {
  it("says how far it is, and that it has seen the generation", async () => {
    await cluster.create("statefulsets", webSet());
    const { generation } = (await cluster.get("statefulsets", "web")).metadata;
    expect(await cluster.status()).toMatchObject({
      observedGeneration: generation,
      replicas: 1,
      availableReplicas: 0,
      collisionCount: 0,
    });
    await cluster.play();
    const { currentRevision, updateRevision, ...counters } = await cluster.status();
    expect(counters).toEqual({
      observedGeneration: generation,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      collisionCount: 0,
    });
    expect(currentRevision).toBe(updateRevision);
    expect(currentRevision).toMatch(/^web-[0-9a-z]+$/);
    await scale(2);
    expect((await cluster.status()).observedGeneration).toBe((generation ?? 0) + 1);
  });
});

describe("semantics: events", () => {
  it("combines the tenth message of a reason and those after it, as the recorder of the real one does", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 12, podManagementPolicy: "Parallel" }));
    const events = await cluster.events("web");
    expect(events).toHaveLength(10);
    expect(events.at(-1)).toMatch(/^SuccessfulCreate: \(combined from similar events\): .* \(x3\)$/);
  });
});
