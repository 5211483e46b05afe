import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { isReady, isTerminating } from "../../src/core/pod-state.js";
import { it, type Scenario } from "./support/cluster.js";
import { createWeb } from "./support/sets.js";
import { ends, images, order, podsOf } from "./support/walk.js";

/** How many of the set's `replicas` pods were not ready at once, at the worst, while `during` went on. */
async function mostUnready(
  scenario: Scenario,
  replicas: number,
  during: () => Promise<unknown>,
): Promise<number> {
  const stop = new AbortController();
  let most = 0;
  const mirror = scenario.cluster.mirror(
    kinds.pod,
    { namespace: scenario.namespace },
    {
      signal: stop.signal,
      onChange: () => {
        const ready = [...mirror.items.values()].filter((pod) => isReady(pod) && !isTerminating(pod));
        most = Math.max(most, replicas - ready.length);
      },
    },
  );
  try {
    await mirror.ready;
    await during();
    return most;
  } finally {
    stop.abort();
  }
}

const setOf = (scenario: Scenario) => scenario.read(kinds.statefulSet, "web");
const toTag = (tag: string): string[] => ["set", "image", "web", `nginx=nginx:${tag}`];

describe("a rollout, by the fields of the set", () => {
  it("Parallel makes pods at once, and replaces them from the top", async ({ scenario }) => {
    await createWeb(scenario, { replicas: 4, podManagementPolicy: "Parallel" }, { "sandbox/slow": "5s" });
    const rolled = await ends(scenario, 0, ...toTag("2"));
    expect(rolled.stdout).toBe("statefulset.apps/web image updated\n");
    expect(order(rolled, "created")).toEqual(["web-3", "web-2", "web-1", "web-0"]);
    expect(await images(scenario)).toBe("2 2 2 2");
  });

  it("start ordinal 5 and partition 2: the partition is an index (#128529)", async ({ scenario }) => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 2 } };
    await createWeb(scenario, { replicas: 4, ordinals: { start: 5 }, updateStrategy });
    const rolled = await ends(scenario, 0, ...toTag("2"));
    expect(order(rolled, "created")).toEqual(["web-8", "web-7"]);
    expect(await images(scenario)).toBe("1 1 2 2");
    const held = await ends(scenario, 0, "rollout", "status", "web");
    expect(held.stdout).toContain("4 of 4 ready; web-5 and web-6 held at an older revision (partition 2)");
    // A pod that comes back below the partition is as it was.
    await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name: "web-5" });
    await scenario.until("another web-5", kinds.pod, (pods) => {
      const pod = pods.get("web-5");
      return pod && isReady(pod) && !isTerminating(pod);
    });
    await ends(scenario, 0, "rollout", "status", "web");
    expect(await images(scenario)).toBe("1 1 2 2");
    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("2 2 2 2");
  });

  it("maxUnavailable 2: two at once where the server knows the field, else one", async ({ scenario }) => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } };
    await createWeb(scenario, { replicas: 5, updateStrategy }, { "sandbox/slow": "5s" });
    const kept = (await setOf(scenario))?.spec.updateStrategy?.rollingUpdate?.maxUnavailable;
    const most = await mostUnready(scenario, 5, () => ends(scenario, 0, ...toTag("2")));
    expect(most).toBe(kept ?? 1);
    expect(await images(scenario)).toBe("2 2 2 2 2");
  });

  it("minReadySeconds 10: is not done before the last pod has been ready for so long", async ({
    scenario,
  }) => {
    await createWeb(scenario, { replicas: 1, minReadySeconds: 10 });
    const begun = Date.now();
    const rolled = await ends(scenario, 0, ...toTag("2"));
    expect(Date.now() - begun).toBeGreaterThan(9_000); // the server's times are whole seconds
    expect(order(rolled, "available")).toEqual(["web-0"]);
    expect((await setOf(scenario))?.status?.availableReplicas).toBe(1);
  });
});

describe("a staged rollout, and a scale in its middle", () => {
  it("new pods get the revision of their ordinal: old below the partition, new above", async ({
    scenario,
  }) => {
    await createWeb(scenario, { replicas: 4 });
    await ends(scenario, 0, ...toTag("2"), "--stage=1");
    expect(await images(scenario)).toBe("1 1 1 2");
    await ends(scenario, 0, "scale", "web", "--replicas=6");
    expect(await images(scenario)).toBe("1 1 1 2 2 2");
    await ends(scenario, 0, "scale", "web", "--replicas=2");
    expect(await images(scenario)).toBe("1 1");
    await ends(scenario, 0, "scale", "web", "--replicas=5");
    expect(await images(scenario)).toBe("1 1 1 2 2");
    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("2 2 2 2 2");
  });

  it("to 0 warns that the old revision is lost, as it then is (#121534)", async ({ scenario }) => {
    await createWeb(scenario, { replicas: 3 });
    await ends(scenario, 0, ...toTag("2"), "--stage=1");
    const down = await ends(scenario, 0, "scale", "web", "--replicas=0");
    expect(down.stderr).toContain("at 0 replicas the old revision is lost (#121534)");
    await ends(scenario, 0, "scale", "web", "--replicas=3");
    expect(await images(scenario)).toBe("2 2 2");
  });
});

describe("a change in the middle of a rollout", () => {
  it("by sts itself: the first command ends with 6, the second is done", async ({ scenario }) => {
    await createWeb(scenario, { replicas: 3 }, { "sandbox/slow": "20s" });
    const first = scenario.start(toTag("2"));
    await first.untilWritten(/web-2: created/);
    await ends(scenario, 0, ...toTag("3"));
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(6);
    expect(stderr).toMatch(/^✗ \S+\/web: sts changed the pod template meanwhile$/m);
    expect(await images(scenario)).toBe("3 3 3");
  });

  it("by kubectl set image: 6, and whose it was; what there is goes on", async ({ scenario }) => {
    await createWeb(scenario, { replicas: 3 }, { "sandbox/slow": "20s" });
    const first = scenario.start(toTag("2"));
    await first.untilWritten(/web-2: created/);
    const containers = [{ name: "nginx", image: "nginx:3" }];
    await scenario.cluster.patch(
      kinds.statefulSet,
      { namespace: scenario.namespace, name: "web" },
      { type: "strategic", body: { spec: { template: { spec: { containers } } } } },
      { fieldManager: "kubectl-set" },
    );
    const { code, stdout, stderr } = await first.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 6, stdout: "" });
    expect(stderr).toMatch(/^✗ \S+\/web: kubectl-set changed the pod template meanwhile$/m);
    await ends(scenario, 0, "rollout", "status", "web");
    expect(await images(scenario)).toBe("3 3 3");
  });
});

describe("a crash loop", () => {
  it("under Parallel is 4 with its cause, and the fix that is deployed over it heals it", async ({
    scenario,
  }) => {
    await createWeb(scenario, { replicas: 3, podManagementPolicy: "Parallel" });
    const crashed = await ends(scenario, 4, ...toTag("crash-loop"));
    expect(crashed.stderr).toMatch(/✗ \S+\/web: web-2 crashes on start \(exit code 1, \d+ restarts\)/);
    expect(crashed.stderr).toMatch(/^ {4}log {4}.*FATAL/m);
    // However a look falls between two crashes, it says the same.
    for (let look = 0; look < 5; look += 1) {
      const { stdout } = await ends(scenario, 4, "rollout", "status", "web", "--watch=false");
      expect(stdout).toMatch(/^statefulset\.apps\/web: web-2 crashes on start/);
    }
    const fixed = await ends(scenario, 0, ...toTag("2"));
    expect(order(fixed, "created").toSorted()).toEqual(["web-0", "web-1", "web-2"]);
    await ends(scenario, 0, "rollout", "status", "web", "--watch=false");
    expect(await images(scenario)).toBe("2 2 2");
  });

  it("of two surplus pods blocks a scale down under OrderedReady, and says what frees it", async ({
    scenario,
  }) => {
    await ends(scenario, 4, "create", "web", "--image=nginx:crash-loop", "--replicas=1", "--start-ordinal=1");
    const ref = { namespace: scenario.namespace, name: "web" };
    const body = { spec: { ordinals: { start: 0 } } };
    await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body });
    await ends(scenario, 4, "rollout", "status", "web");
    const scaled = await ends(scenario, 4, "scale", "web", "--replicas=0");
    expect(scaled.stderr).toMatch(
      /web-1 crashes .* surplus, but OrderedReady deletes it only when web-0 is ready/,
    );
    expect(scaled.stderr).toMatch(/^ {2}un-stick +kubectl delete pod web-1$/m);
    expect((await podsOf(scenario)).size).toBe(2);
    await scenario.cluster.delete(kinds.pod, { ...ref, name: "web-1" });
    await ends(scenario, 0, "rollout", "status", "web");
    expect((await podsOf(scenario)).size).toBe(0);
  });

  it("is made anew at the new revision though the set names no partition: it gets the default by name", async ({
    scenario,
  }) => {
    const labels = { app: "web" };
    const container = { name: "nginx", image: "nginx:1", envFrom: [{ configMapRef: { name: "env" } }] };
    const spec = { serviceName: "web", replicas: 3, updateStrategy: { type: "RollingUpdate" } };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    await scenario.create(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "env" } },
      {
        ...{ apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "web" } },
        spec: { ...spec, selector: { matchLabels: labels }, template },
      },
    );
    await ends(scenario, 0, "rollout", "status", "web");
    const { namespace } = scenario;
    await scenario.cluster.delete(kinds.configMap, { namespace, name: "env" });
    await scenario.cluster.delete(kinds.pod, { namespace, name: "web-0" });
    await ends(scenario, 4, "rollout", "status", "web");
    const containers = [{ name: "nginx", image: "nginx:2", envFrom: [] }];
    const body = { spec: { template: { spec: { containers } } } };
    await scenario.cluster.patch(kinds.statefulSet, { namespace, name: "web" }, { type: "merge", body });
    const unstuck = await ends(scenario, 0, "rollout", "unstick", "web");
    expect(unstuck.stderr).toContain("the set gets its default partition 0 by name");
    expect(unstuck.stderr.match(/^warning: web-0: deleted/gm)).toHaveLength(1);
    expect(await images(scenario)).toBe("2 2 2");
  });
});
