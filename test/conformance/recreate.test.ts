import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { startSandbox } from "../../src/sandbox/index.js";
import { missingAssets, startControlPlane } from "../support/control-plane/index.js";
import type { Clusters } from "./engine/run.js";
import { readyFor, testScenarios } from "./engine/suite.js";
import { openSides } from "./support/side.js";

const pair = inject("pair");
const isThere = pair !== undefined && pair.kubernetesVersion !== "1.36";
const without = pair ? "Kubernetes 1.36 knows no Recreate" : missingAssets;

// The gate is off by default, so two clusters of its own have it on.
describe.skipIf(!isThere)(`the strategy Recreate on both clusters (${isThere ? "found" : without})`, () => {
  if (!pair || !isThere) return;
  const { kubernetesVersion, directory } = pair;
  const speed = 20;
  const ends: (() => Promise<unknown>)[] = [];
  let clusters: Clusters;

  beforeAll(async () => {
    const file = (name: string, kubeconfig: string): string => {
      const where = path.join(directory, `kubeconfig-recreate-${name}`);
      writeFileSync(where, kubeconfig, { mode: 0o600 });
      return where;
    };
    const sandbox = await startSandbox({ speed, kubernetesVersion, gates: { recreateStrategy: true } });
    ends.push(() => sandbox.stop());
    const plane = await startControlPlane({ speed, featureGates: { StatefulSetRecreateStrategy: true } });
    ends.push(() => plane.stop());
    const files = { sandbox: file("sandbox", sandbox.kubeconfig()), real: file("real", plane.kubeconfig()) };
    clusters = await readyFor(openSides({ ...pair, ...files }));
  });

  afterAll(async () => {
    for (const observer of clusters.observers) observer.stop();
    for (const side of clusters.sides) side.close();
    for (const end of ends) await end();
  });

  testScenarios(path.join(import.meta.dirname, "recreate"), pair, () => clusters);
});
