import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import {
  type ControlPlane,
  findAssets,
  missingAssets,
  startControlPlane,
} from "../../support/control-plane/index.js";
import { headlessService, statefulSet, storageClass } from "../../support/manifests.js";
import { isReady, watching } from "../../support/watching.js";

const assets = findAssets();
const title = "the simulator on a real control plane";

describe.skipIf(!assets)(assets ? title : `${title} (${missingAssets})`, () => {
  let plane: ControlPlane;
  let failed = false;

  beforeAll(async () => {
    plane = await startControlPlane({ speed: 20, users: ["stranger"] });
  }, 60_000);
  afterAll(async () => {
    const logs = await plane.stop({ keepLogs: failed });
    if (logs) console.error(`logs of the control plane are in ${logs}`);
  });

  it("lets the StatefulSet controller create, scale down and delete", { timeout: 60_000 }, async () => {
    onTestFailed(() => void (failed = true));
    const { port } = plane;
    const namespace = "ordered";
    await port.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await port.create("storageclasses", storageClass("fast"));
    const seen = await watching(port, ["pods", "persistentvolumeclaims", "persistentvolumes"], namespace);
    await port.create("services", headlessService(namespace));
    await port.create("statefulsets", statefulSet(namespace, { replicas: 3, storageClassName: "fast" }));

    const pods = () => [...seen.objects("pods").values()];
    await seen.until("three ready pods", () => pods().filter(isReady).length === 3);
    const firstReady = (name: string) =>
      seen.events.findIndex(({ object }) => object.metadata.name === name && isReady(object));
    const created = (name: string) =>
      seen.events.findIndex(({ type, object }) => object.metadata.name === name && type === "ADDED");
    expect(created("web-1")).toBeGreaterThan(firstReady("web-0"));
    expect(created("web-2")).toBeGreaterThan(firstReady("web-1"));

    await port.patch("statefulsets", { namespace, name: "web" }, { spec: { replicas: 1 } });
    await seen.until("one pod", () => pods().length === 1);
    const removed = seen.events.filter(({ type, resource }) => type === "DELETED" && resource === "pods");
    expect(removed.map(({ object }) => object.metadata.name)).toEqual(["web-2", "web-1"]);
    expect([...seen.objects("persistentvolumeclaims").keys()]).toHaveLength(3);

    await port.delete("statefulsets", { namespace, name: "web" });
    await seen.until("no pods", () => pods().length === 0);
    for (const name of seen.objects("persistentvolumeclaims").keys()) {
      await port.delete("persistentvolumeclaims", { namespace, name });
    }
    await seen.until("no volumes", () => seen.objects("persistentvolumes").size === 0);
    seen.stop();
  });
});
