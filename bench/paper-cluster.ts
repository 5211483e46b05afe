import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  claimAnnotations,
  claimOf,
  claimSpec,
  claimStatus,
  labelsOf,
  podSpec,
  setName,
  setOf,
  volumeSpec,
  type Fleet,
} from "./fleet.js";

/** A server of lists made up as they are asked for: a cluster of any size, to measure the memory of who reads it. */
export interface PaperCluster {
  kubeconfig: string;
  stop(): void;
}

const time = "2026-01-01T00:00:00Z";

/** One collection: how many objects, what each is, and its row in a table. */
interface Collection {
  length: number;
  object(index: number): object;
  row?(index: number): string[];
}

/** Serves a fleet whose sets have all their pods. */
export async function startPaperCluster(fleet: Fleet): Promise<PaperCluster> {
  const collections = collectionsOf(fleet);
  const server = createServer((request, response) => serve(collections, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "paper", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "paper", user: {} }],
    contexts: [{ name: "paper", context: { cluster: "paper", user: "paper" } }],
    "current-context": "paper",
  });
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { kubeconfig, stop };
}

function collectionsOf(fleet: Fleet): Readonly<Record<string, Collection>> {
  return {
    statefulsets: { length: fleet.sets, object: (index) => stored(setOf(fleet, index), "set", index) },
    persistentvolumeclaims: { length: fleet.claims, object: (index) => claimObject(fleet, index) },
    pods: { length: fleet.claims - fleet.leftOver, object: (index) => podObject(fleet, index) },
    persistentvolumes: {
      length: fleet.claims,
      object: (index) => stored({ metadata: { name: volumeName(index) }, spec: volumeSpec }, "volume", index),
      row: (index) => [volumeName(index), volumeSpec.persistentVolumeReclaimPolicy],
    },
  };
}

function serve(
  collections: Readonly<Record<string, Collection>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://paper");
  response.writeHead(200, { "content-type": "application/json" });
  if (searchParams.has("watch")) return response.flushHeaders();
  const collection = collections[pathname.split("/").at(-1) ?? ""] ?? empty;
  const first = Number(searchParams.get("continue") ?? 0);
  const end = Math.min(collection.length, first + Number(searchParams.get("limit") ?? Infinity));
  const indexes = Array.from({ length: end - first }, (_unused, place) => first + place);
  const more = end < collection.length ? { continue: String(end) } : {};
  const metadata = { resourceVersion: "1", ...more };
  const { row } = collection;
  const body =
    row && request.headers.accept?.includes("as=Table")
      ? { columnDefinitions, rows: indexes.map((index) => ({ cells: row(index) })) }
      : { items: indexes.map((index) => collection.object(index)) };
  const kind = "rows" in body ? "Table" : "List";
  response.end(JSON.stringify({ kind, apiVersion: "v1", metadata, ...body }));
}

const empty: Collection = { length: 0, object: () => ({}) };

const columnDefinitions = [{ name: "Name" }, { name: "Reclaim Policy" }];
const volumeName = (index: number) => `pvc-${uid("volume", index)}`;

function uid(what: string, index: number): string {
  return `${Buffer.from(what).toString("hex").padEnd(12, "0").slice(0, 12)}-4000-8000-${String(index).padStart(12, "0")}`;
}

/** With what the server adds, `managedFields` as long as those of two controllers among it. */
function stored<Made extends { metadata: object }>(made: Made, what: string, index: number) {
  const f = { "f:metadata": { "f:labels": { ".": {}, "f:app.kubernetes.io/name": {} } } };
  const spec = { "f:accessModes": {}, "f:resources": { "f:requests": { ".": {}, "f:storage": {} } } };
  const entry = { manager: "kube-controller-manager", operation: "Update", apiVersion: "v1", time };
  const managedFields = [
    { ...entry, fieldsType: "FieldsV1", fieldsV1: { ...f, "f:spec": { ...spec, "f:volumeName": {} } } },
    { ...entry, fieldsType: "FieldsV1", fieldsV1: { "f:status": spec }, subresource: "status" },
  ];
  const more = { uid: uid(what, index), resourceVersion: "1", creationTimestamp: time, managedFields };
  return { ...made, metadata: { ...made.metadata, ...more } };
}

function claimObject(fleet: Fleet, index: number) {
  const { set, name, inRange } = claimOf(fleet, index);
  const finalizers = ["kubernetes.io/pvc-protection"];
  const { namespace } = fleet;
  const metadata = { namespace, name, labels: labelsOf(set), annotations: claimAnnotations, finalizers };
  const [status, reason] = inRange ? ["False", "PodUsingPVC"] : ["True", "NoPodsUsingPVC"];
  const unused = { type: "Unused", status, reason, lastProbeTime: null, lastTransitionTime: time };
  const spec = { ...claimSpec, volumeName: volumeName(index), volumeMode: "Filesystem" };
  return stored({ metadata, spec, status: { ...claimStatus, conditions: [unused] } }, "claim", index);
}

function podObject(fleet: Fleet, index: number) {
  const { set, pod, name } = claimOf(fleet, index);
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: set, controller: true };
  const ownerReferences = [{ ...owner, uid: uid("set", index % fleet.sets) }];
  const metadata = { namespace: fleet.namespace, name: pod, labels: labelsOf(set), ownerReferences };
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: name } }];
  const condition = { status: "True", lastProbeTime: null, lastTransitionTime: time };
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
    ...condition,
    type,
  }));
  const spec = { ...podSpec("data"), volumes, hostname: pod, subdomain: setName(index % fleet.sets) };
  return stored({ metadata, spec, status: { phase: "Running", conditions } }, "pod", index);
}
