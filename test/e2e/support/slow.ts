import type { Scenario } from "./cluster.js";
import { ends } from "./walk.js";

/** Three running pods of `web`, whose starts take so long in the simulated world that they can be looked at. */
export async function createSlow(scenario: Scenario, slow = "30s", image = "nginx:1.29"): Promise<void> {
  const labels = { app: "web" };
  const template = {
    metadata: { labels, annotations: { "sandbox/slow": slow } },
    spec: { containers: [{ name: "nginx", image }] },
  };
  await scenario.create({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web" },
    spec: {
      ...{ replicas: 3, serviceName: "web", podManagementPolicy: "OrderedReady" },
      ...{ selector: { matchLabels: labels }, template },
    },
  });
  await ends(scenario, 0, "rollout", "status", "web");
}
