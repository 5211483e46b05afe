import type { AnyObject } from "../port.js";
import { setDefaults } from "./defaults.js";

export function namespaceDefaults(namespace: AnyObject): void {
  const { name, labels } = namespace.metadata;
  if (name) namespace.metadata.labels = { ...labels, "kubernetes.io/metadata.name": name };
  setDefaults(namespace.status, { phase: "Active" });
}

/** The namespace controller takes this finalizer off once nothing is left in it. */
export function namespaceCreate(namespace: AnyObject): void {
  namespace.spec.finalizers = ["kubernetes"];
  namespace.status = { phase: "Active" };
}

/** Neither finalizers nor status are changed by a plain write; `/finalize` and `/status` do that. */
export function namespaceUpdate(namespace: AnyObject, old: AnyObject): void {
  namespace.spec = structuredClone(old.spec);
}

/** A node comes up tainted until its kubelet says that it is ready (admission TaintNodesByCondition). */
export function nodeCreate(node: AnyObject): void {
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  const taints = node.spec.taints ?? [];
  if (!taints.some((one: typeof taint) => one.key === taint.key && one.effect === taint.effect))
    node.spec.taints = [...taints, taint];
}

export function nodeDefaults(node: AnyObject): void {
  if (node.status.capacity) setDefaults(node.status, { allocatable: node.status.capacity });
}

export function secretDefaults(secret: AnyObject): void {
  setDefaults(secret, { type: "Opaque" });
  for (const [key, text] of Object.entries<string>(secret.stringData ?? {}))
    secret.data = { ...secret.data, [key]: Buffer.from(text).toString("base64") };
  delete secret.stringData;
}

export function endpointSliceDefaults(slice: AnyObject): void {
  for (const port of slice.ports ?? []) {
    port.name ??= "";
    port.protocol ??= "TCP";
  }
}

/** The fields of an event that a field selector may name; `kubectl describe` looks its events up by them. */
export function eventFields(event: AnyObject): Record<string, string> {
  const names = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
  const involved = names.map((name) => [`involvedObject.${name}`, event.involvedObject?.[name] ?? ""]);
  const component = event.source?.component ?? "";
  return {
    ...Object.fromEntries(involved),
    reason: event.reason ?? "",
    reportingComponent: event.reportingComponent || component,
    source: component || (event.reportingComponent ?? ""),
    type: event.type ?? "",
  };
}

// Behind the gate CoordinatedLeaderElection, which is off by default.
const gatedOfLeases = ["strategy", "preferredHolder"];

export function leaseCreate({ spec }: AnyObject): void {
  for (const field of gatedOfLeases) delete spec[field];
}

export function leaseUpdate({ spec }: AnyObject, { spec: old }: AnyObject): void {
  for (const field of gatedOfLeases) if (old?.[field] === undefined) delete spec?.[field];
}
