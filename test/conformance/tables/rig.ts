import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Side } from "../support/side.js";

// oxlint-disable-next-line no-explicit-any -- any kind of the API
type Made = Record<string, any>;

/** The objects of `objects.yaml` in a namespace of their own. */
function objectsIn(namespace: string): Made[] {
  const text = readFileSync(new URL("objects.yaml", import.meta.url), "utf8");
  return parse(text.replaceAll("$NS", namespace), { merge: true }) as Made[];
}

/** Where objects of each kind of the test are, below `/api` or `/apis`. */
export const resources: Readonly<Record<string, { path: string; cluster?: boolean }>> = {
  Pod: { path: "/api/v1/pods" },
  Service: { path: "/api/v1/services" },
  Endpoints: { path: "/api/v1/endpoints" },
  ConfigMap: { path: "/api/v1/configmaps" },
  Secret: { path: "/api/v1/secrets" },
  ServiceAccount: { path: "/api/v1/serviceaccounts" },
  Event: { path: "/api/v1/events" },
  PersistentVolumeClaim: { path: "/api/v1/persistentvolumeclaims" },
  PersistentVolume: { path: "/api/v1/persistentvolumes", cluster: true },
  Namespace: { path: "/api/v1/namespaces", cluster: true },
  Node: { path: "/api/v1/nodes", cluster: true },
  StatefulSet: { path: "/apis/apps/v1/statefulsets" },
  ControllerRevision: { path: "/apis/apps/v1/controllerrevisions" },
  PodDisruptionBudget: { path: "/apis/policy/v1/poddisruptionbudgets" },
  HorizontalPodAutoscaler: { path: "/apis/autoscaling/v2/horizontalpodautoscalers" },
  EndpointSlice: { path: "/apis/discovery.k8s.io/v1/endpointslices" },
  Lease: { path: "/apis/coordination.k8s.io/v1/leases" },
  StorageClass: { path: "/apis/storage.k8s.io/v1/storageclasses", cluster: true },
  Role: { path: "/apis/rbac.authorization.k8s.io/v1/roles" },
  RoleBinding: { path: "/apis/rbac.authorization.k8s.io/v1/rolebindings" },
  ClusterRole: { path: "/apis/rbac.authorization.k8s.io/v1/clusterroles", cluster: true },
  ClusterRoleBinding: { path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", cluster: true },
};

/** The collection of a kind: within the namespace where it is in one. */
export function collectionOf(kind: string, namespace: string): string {
  const { path, cluster } = resources[kind] ?? { path: "" };
  return cluster ? path : path.replace(/\/([a-z]+)$/, `/namespaces/${namespace}/$1`);
}

/** Creates all objects and gives those with a status theirs. */
export async function make(side: Side, namespace: string): Promise<void> {
  for (const { status, ...object } of objectsIn(namespace)) {
    const path = collectionOf(object["kind"], namespace);
    const { name } = object["metadata"];
    const created = await side.request({ method: "POST", path, body: object });
    if (created.code !== 201) throw new Error(`${side.name}: ${object["kind"]} ${name}: ${created.text}`);
    if (!status) continue;
    const headers = { "Content-Type": "application/merge-patch+json" };
    const patch = { method: "PATCH", path: `${path}/${name}/status`, headers, body: { status } };
    const patched = await side.request(patch);
    if (patched.code !== 200) throw new Error(`${side.name}: status of ${name}: ${patched.text}`);
  }
}

/** Deletes what is not in the namespace, and the namespace; finalizers are taken away first. */
export async function remove(side: Side, namespace: string): Promise<void> {
  for (const { kind, metadata } of objectsIn(namespace)) {
    const path = `${collectionOf(kind, namespace)}/${metadata.name}`;
    if (metadata.finalizers) {
      const headers = { "Content-Type": "application/merge-patch+json" };
      await side.request({ method: "PATCH", path, headers, body: { metadata: { finalizers: null } } });
    }
    if (resources[kind]?.cluster) await side.request({ method: "DELETE", path });
  }
  await side.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
}

const age = String.raw`\d+[smhdy](?:\d+[smhd])?`;

/** What no two clusters have the same, in one cell or a line of them: ages, addresses and made-up names. */
export function steady(text: string): string {
  return (
    text
      .replaceAll(/pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "pvc-UID")
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
      .replaceAll(/\b10\.\d+\.\d+\.\d+\b/g, "IP")
      // Nodes of the real rig have an address: there a kubelet serves logs.
      .replaceAll("127.0.0.1", "<none>")
      .replaceAll(/\bnode-\d\b/g, "NODE")
      .replaceAll(/:3\d{4}\//g, ":PORT/")
      .replaceAll(/\b(web)-[a-z0-9]{5}\b/g, "$1-SUFFIX")
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
      .replaceAll(/(resourceVersion"?: "?)\d+/g, "$1RV")
      .replaceAll(new RegExp(`(?<![\\w-])${age}(?![\\w-])`, "g"), "AGE")
  );
}

/** The columns of printed lines are as wide as what is in them. */
export function printed(text: string): string[] {
  return steady(text)
    .split("\n")
    .map((line) => line.trim().replaceAll(/\s{2,}/g, "  "));
}
