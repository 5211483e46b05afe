import { describe, expect, it } from "vitest";
import { webSet } from "./fixtures.js";
import { cluster } from "./fresh-cluster.js";

const budget = (name: string, spec: object = { maxUnavailable: 1 }) =>
  cluster.create("poddisruptionbudgets", {
    metadata: { name, namespace: "default" },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
  });

const pod = (name: string, owner?: object) =>
  cluster.create("pods", {
    metadata: {
      name,
      namespace: "default",
      labels: { app: "web" },
      ...(owner && { ownerReferences: [owner] }),
    },
    spec: { containers: [{ name: "nginx", image: "nginx" }] },
  });

const status = async () => (await cluster.get("poddisruptionbudgets", "web")).status;

describe("disruption budgets", () => {
  it("without pods: nothing may go, and it says so", async () => {
    await budget("web");
    expect(await status()).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
    expect(await cluster.events("web")).toEqual([expect.stringMatching(/^NoPods: No matching pods found/)]);
  });

  it("a pod whose controller is unknown: nothing may go, and it says why", async () => {
    await budget("web");
    await pod("web-0", {
      apiVersion: "example.org/v1",
      kind: "Database",
      name: "db",
      uid: "x",
      controller: true,
    });
    const why = 'no matches for kind "Database" in version "example.org/v1"';
    expect(await cluster.events("web")).toContainEqual(
      expect.stringContaining(
        `CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${why}`,
      ),
    );
    const [condition] = (await status()).conditions;
    expect(condition).toMatchObject({ status: "False", reason: "SyncFailed", message: why });
    await cluster.delete("pods", "web-0", { gracePeriodSeconds: 0 });
    expect((await status()).conditions[0]).toMatchObject({ reason: "InsufficientPods", message: "" });
  });

  it("a pod without a controller is reported in Go's words", async () => {
    await budget("web", {
      maxUnavailable: 1,
      selector: {
        matchLabels: { app: "web" },
        matchExpressions: [{ key: "app", operator: "In", values: ["web", "db"] }],
      },
    });
    await pod("web-0");
    const said = (await cluster.events("web")).find((text) => text.startsWith("UnmanagedPods"));
    expect(said).toContain(
      "(selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:" +
        "[]LabelSelectorRequirement{LabelSelectorRequirement{Key:app,Operator:In,Values:[web db],},},})",
    );
  });

  it("tells a pod that several budgets cover it", async () => {
    await budget("web");
    await budget("web-too");
    await cluster.create("statefulsets", webSet({ replicas: 1 }));
    expect(await cluster.events("web-0")).toContainEqual(
      expect.stringContaining(
        'MultiplePodDisruptionBudgets: Pod "default"/"web-0" matches multiple PodDisruptionBudgets.  Chose "web" arbitrarily.',
      ),
    );
  });

  it.each([
    [{ maxUnavailable: 1 }, { desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ maxUnavailable: "40%" }, { desiredHealthy: 1, disruptionsAllowed: 2 }],
    [{ minAvailable: 3 }, { desiredHealthy: 3, disruptionsAllowed: 0 }],
    [{ minAvailable: "50%" }, { desiredHealthy: 2, disruptionsAllowed: 1 }],
  ])("says how many of three pods may be evicted under %o", async (spec, expected) => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await budget("web", spec);
    expect(await status()).toMatchObject({
      ...expected,
      currentHealthy: 3,
      expectedPods: 3,
      observedGeneration: 1,
    });
  });

  it("follows pods that become unready or leave", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await budget("web", { maxUnavailable: 1 });
    await cluster.run("web-1", { ready: false });
    const { currentHealthy, disruptionsAllowed, conditions } = await status();
    expect([currentHealthy, disruptionsAllowed]).toEqual([2, 0]);
    expect(conditions).toMatchObject([
      { type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" },
    ]);
    await cluster.run("web-1");
    expect((await status()).conditions).toMatchObject([{ status: "True", reason: "SufficientPods" }]);
  });

  it("hears nothing of a pod that leaves its selector, until another one changes", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await budget("web", { minAvailable: 1 });
    await cluster.delete("statefulsets", "web", { propagation: "Orphan" });
    await cluster.patch("pods", "web-2", { metadata: { labels: { app: "nobody" } } });
    expect(await status()).toMatchObject({ currentHealthy: 3, expectedPods: 3 });
    await cluster.patch("pods", "web-1", { metadata: { labels: { any: "other" } } });
    expect(await status()).toMatchObject({ currentHealthy: 2, expectedPods: 2 });
  });

  it("counts an evicted pod as gone for two minutes, although it is still there", async () => {
    await cluster.create("statefulsets", webSet());
    await cluster.play();
    await budget("web", { maxUnavailable: 1 });
    const disruptedPods = { "web-0": new Date(cluster.clock.now()).toISOString() };
    await cluster.patch("poddisruptionbudgets", "web", { status: { disruptedPods } }, "status");
    expect(await status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0, disruptedPods });
    await cluster.pass(121);
    expect(await status()).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    expect((await status()).disruptedPods).toBeUndefined();
    expect(await cluster.events("web-0")).toContainEqual(expect.stringContaining("NotDeleted: "));
  });
});
