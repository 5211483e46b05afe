import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { eventually } from "../support/eventually.js";
import { onBoth, openSides, type Side } from "./support/side.js";
import { collectionOf, make, remove, resources, steady } from "./tables/rig.js";

const pair = inject("pair");
const table = "application/json;as=Table;v=v1;g=meta.k8s.io";

interface Row {
  cells: unknown[];
  conditions?: object[];
  object: { kind: string; metadata: { name: string } };
}

/** What pods come to by themselves, and claims and volumes. */
const states: [kind: string, name: string, status: string, ready?: string][] = [
  ["Pod", "web-0", "Running", "2/2"],
  ["Pod", "web-1", "Running", "2/2"],
  ["Pod", "crashes", "CrashLoopBackOff"],
  ["Pod", "pulls", "ImagePullBackOff"],
  ["Pod", "never-ready", "Running", "0/1"],
  ["Pod", "no-config", "CreateContainerConfigError"],
  ["Pod", "nowhere", "Pending"],
  ["Pod", "runs", "Running", "1/1"],
  ["Pod", "completes", "Completed"],
  ["Pod", "ends", "Completed"],
  ["Pod", "stranded", "Terminating"],
  ["PersistentVolumeClaim", "www-web-1", "Bound"],
  ["PersistentVolumeClaim", "waits-for-pod", "Pending"],
  ["PersistentVolumeClaim", "bound", "Bound"],
  ["PersistentVolumeClaim", "lost", "Lost"],
  ["PersistentVolumeClaim", "ends", "Terminating"],
  ["PersistentVolume", "$NS-static", "Bound"],
  ["PersistentVolume", "$NS-released", "Released"],
  ["PersistentVolume", "$NS-free", "Available"],
  ["PersistentVolume", "$NS-ends", "Terminating"],
];

describe.skipIf(!pair)(`tables of both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  const namespace = `tables-${randomUUID().slice(0, 8)}`;

  /** A row by itself, once its object has come to its state. Those that flap are caught in it. */
  const rowIn = (side: Side, [kind, name, status, ready]: (typeof states)[number]): Promise<Row> =>
    eventually(
      `${kind} ${name} ${status} on ${side.name}`,
      async () => {
        const path = `${collectionOf(kind, namespace)}/${name.replace("$NS", namespace)}`;
        const { body } = await side.request({ path, headers: { Accept: table } });
        const column = kind === "PersistentVolume" ? 4 : kind === "Pod" ? 2 : 1;
        const [row] = (body.rows ?? []) as Row[];
        return row?.cells[column] === status && (!ready || row.cells[1] === ready) ? row : undefined;
      },
      { timeout: 60_000, interval: 100 },
    );

  beforeAll(async () => {
    const metadata = { name: namespace };
    await onBoth(sides, async (side) => {
      await side.port.create("namespaces", { metadata });
      await make(side, namespace);
      const path = (kind: string, name: string) => `${collectionOf(kind, namespace)}/${name}`;
      await rowIn(side, ["Pod", "ends", "Running"]);
      await eventually(`the node of a pod is lost on ${side.name}`, async () => {
        const { body } = await side.request({ path: path("Pod", "stranded") });
        const { phase, conditions } = body.status;
        const ready = (conditions as { type: string; status: string }[]).find(({ type }) => type === "Ready");
        return (phase === "Running" && ready?.status !== "True") || undefined;
      });
      await rowIn(side, ["PersistentVolumeClaim", "released", "Bound"]);
      for (const ended of [
        path("Pod", "ends"),
        path("Pod", "stranded"),
        path("PersistentVolumeClaim", "ends"),
        path("PersistentVolumeClaim", "released"),
        path("PersistentVolume", `${namespace}-ends`),
      ])
        expect((await side.request({ method: "DELETE", path: ended })).code).toBe(200);
    });
  });
  afterAll(async () => {
    await onBoth(sides, (side) => remove(side, namespace));
    for (const side of sides) side.close();
  });

  it.concurrent.each(states)("%s %s in the state %s", async (...state) => {
    const rows = await onBoth(sides, (side) => rowIn(side, state));
    const [ours, real] = rows.map(({ cells, conditions }) => ({
      // How often it was restarted is a matter of the moment.
      cells: cells.map((cell) => steady(String(cell)).replace(/^\d+ \(AGE ago\)$/, "N (AGE ago)")),
      conditions,
    }));
    expect(ours).toEqual(real);
  });

  it.concurrent.each(Object.keys(resources))("the columns of %s", async (kind) => {
    const path = `${collectionOf(kind, namespace)}?limit=1`;
    const [ours, real] = await onBoth(sides, async (side) => {
      const { body } = await side.request({ path, headers: { Accept: table } });
      // Older documentation begins some sentences with a capital; the sandbox has the newest.
      const columns = (body.columnDefinitions as { description: string }[]).map((column) =>
        pair.kubernetesVersion === "1.37"
          ? column
          : { ...column, description: column.description.replace(/^./, (first) => first.toLowerCase()) },
      );
      return { kind: body.kind, apiVersion: body.apiVersion, columns };
    });
    expect(ours).toEqual(real);
    expect(ours.columns.length).toBeGreaterThan(1);
  });

  /** Those that somebody made by hand, where others come by themselves. */
  const selectors: Record<string, string> = {
    Pod: "fieldSelector=spec.nodeName=&labelSelector=live!=yes",
    Event: "labelSelector=hand",
    Endpoints: "labelSelector=hand",
    EndpointSlice: "labelSelector=hand",
    ControllerRevision: "",
    PersistentVolumeClaim: "",
    Namespace: `fieldSelector=metadata.name=${namespace}`,
    Node: "",
    PersistentVolume: `labelSelector=of=${namespace}`,
    StorageClass: `labelSelector=of=${namespace}`,
    ClusterRole: `labelSelector=of=${namespace}`,
    ClusterRoleBinding: `labelSelector=of=${namespace}`,
  };

  it.concurrent.each(Object.keys(resources))("the rows of %s", async (kind) => {
    await Promise.all(sides.flatMap((side) => states.map((state) => rowIn(side, state))));
    const path = `${collectionOf(kind, namespace)}?includeObject=Object&${selectors[kind] ?? ""}`;
    const [ours, real] = await onBoth(sides, async (side) => {
      const { body } = await side.request({ path, headers: { Accept: table } });
      return (body.rows as Row[]).map(({ cells, conditions, object }) => ({
        name: steady(object.metadata.name),
        kind: object.kind,
        cells: cells.map((cell) => (typeof cell === "string" ? steady(cell) : cell)),
        conditions,
      }));
    });
    expect(ours).toEqual(real);
    expect(ours.length).toBeGreaterThan(0);
  });
});
