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
    const why = 'found no controllers for pod "web-0"';
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

  it("gives up on a pod that was to go and stayed", async () => {
    await budget("web", { minAvailable: 0 });
    await cluster.create("statefulsets", webSet({ replicas: 1 }));
    await cluster.play();
    const evicted = new Date(cluster.clock.now()).toISOString();
    await cluster.patch(
      "poddisruptionbudgets",
      "web",
      { status: { disruptedPods: { "web-0": evicted } } },
      "status",
    );
    expect(await status()).toMatchObject({ currentHealthy: 0, disruptedPods: { "web-0": evicted } });
    await cluster.pass(121);
    expect(await status()).toMatchObject({ currentHealthy: 1 });
    expect((await status()).disruptedPods).toBeUndefined();
    expect(await cluster.events("web-0")).toContainEqual(expect.stringContaining("NotDeleted: "));
  });
});
