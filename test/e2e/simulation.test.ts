import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Pod } from "../../src/core/model.js";
import { headlessService, statefulSet } from "../support/manifests.js";
import { it } from "./support/cluster.js";

/** What all other scenarios stand on: the cluster of the run does what a cluster does, with nothing of `sts` in it. */
describe("the cluster of the run", () => {
  it("brings up a set with claims, in order", async ({ scenario }) => {
    const { namespace } = scenario;
    const storageClassName = await scenario.storageClass();
    await scenario.create(
      headlessService(namespace),
      statefulSet(namespace, { replicas: 3, storageClassName }),
    );
    const pods = await scenario.until("three ready pods", kinds.pod, (all) => {
      return [...all.values()].filter(isReady).length === 3 && all;
    });
    const startTimes = ["web-0", "web-1", "web-2"].map((name) => pods.get(name)?.status?.startTime);
    expect(startTimes).toEqual(startTimes.toSorted());
    const claims = await scenario.cluster.list(kinds.claim, { namespace });
    expect(claims.items.map(({ status }) => status?.phase)).toEqual(["Bound", "Bound", "Bound"]);
  });

  it("lets a container crash, and shows its logs", async ({ scenario, skip }) => {
    skip(scenario.target === "kubeconfig", "only simulated pods have faults on purpose");
    const { namespace, cluster } = scenario;
    await scenario.create(statefulSet(namespace, { image: "nginx:crash-loop" }));
    await scenario.until("a second restart", kinds.pod, (pods) => {
      const [container] = pods.get("web-0")?.status?.containerStatuses ?? [];
      return (container?.restartCount ?? 0) >= 2 && container?.state?.waiting?.reason === "CrashLoopBackOff";
    });
    const pod = { namespace, name: "web-0" };
    expect(await cluster.logs(pod)).toMatch(/ starting nginx:crash-loop\n.* FATAL: /);
    expect(await cluster.logs(pod, { tailLines: 1 })).toMatch(/^\S+ FATAL: .*\n$/);
  });

  it("refuses a user without rights", async ({ scenario, skip }) => {
    skip(scenario.target === "kubeconfig", "this cluster's users are not ours");
    const kubeconfig = scenario.kubeconfigOf("stranger");
    const { code, stderr } = await scenario.sts(["get", "web"], { env: { KUBECONFIG: kubeconfig } });
    expect([code, stderr]).toEqual([1, expect.stringContaining("(Forbidden)")]);
  });
});

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === "Ready" && state === "True") ?? false;
}
