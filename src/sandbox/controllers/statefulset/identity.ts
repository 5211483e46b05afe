import type { AnyObject } from "../../port.js";
import { controllerReference } from "../framework/objects.js";
import { ordinalOf, revisionLabel } from "./pod-state.js";

const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";

export function startOrdinal(set: AnyObject): number {
  return set.spec.ordinals?.start ?? 0;
}

export function isInRange(set: AnyObject, pod: AnyObject): boolean {
  const index = ordinalOf(pod) - startOrdinal(set);
  return index >= 0 && index < set.spec.replicas;
}

export function isMember(set: AnyObject, pod: AnyObject): boolean {
  return pod.metadata.name === `${set.metadata.name}-${ordinalOf(pod)}`;
}

export function claimName(set: AnyObject, template: AnyObject, ordinal: number): string {
  return `${template.metadata.name}-${set.metadata.name}-${ordinal}`;
}

export function claimTemplates(set: AnyObject): AnyObject[] {
  return set.spec.volumeClaimTemplates ?? [];
}

/** The claims of one ordinal as they are created: the template's labels overlaid by the set's selector. */
export function claimsOf(set: AnyObject, ordinal: number): AnyObject[] {
  return claimTemplates(set).map((template) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...template.metadata,
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace ?? "",
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec: template.spec,
  }));
}

export function identityMatches(set: AnyObject, pod: AnyObject): boolean {
  return isMember(set, pod) && pod.metadata.labels?.[podNameLabel] === pod.metadata.name;
}

export function storageMatches(set: AnyObject, pod: AnyObject): boolean {
  const ordinal = ordinalOf(pod);
  const volumes: AnyObject[] = pod.spec.volumes ?? [];
  return claimTemplates(set).every((template) => {
    const volume = volumes.find(({ name }) => name === template.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, template, ordinal);
  });
}

/** The pod with the labels that its name demands. */
export function withIdentity(pod: AnyObject): AnyObject {
  const { name, labels } = pod.metadata;
  const identity = { [podNameLabel]: name, [podIndexLabel]: String(ordinalOf(pod)) };
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...identity } } };
}

/** The pod with the volumes of the set's claims; they take the place of the template's volumes of the same name. */
export function withStorage(set: AnyObject, pod: AnyObject): AnyObject {
  const templates = claimTemplates(set);
  const claimed = templates.map((template) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, template, ordinalOf(pod)) },
  }));
  const names = new Set(templates.map(({ metadata }) => metadata.name));
  const others = (pod.spec.volumes ?? []).filter(({ name }: { name: string }) => !names.has(name));
  const volumes = [...claimed, ...others];
  return volumes.length === 0 ? pod : { ...pod, spec: { ...pod.spec, volumes } };
}

/** A pod that does not exist yet, as the set's template and the ordinal make it. */
export function newPod(set: AnyObject, revision: string, ordinal: number): AnyObject {
  const { metadata = {}, spec } = set.spec.template;
  const name = `${set.metadata.name}-${ordinal}`;
  const draft: AnyObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? "",
      uid: "",
      resourceVersion: "",
      creationTimestamp: "",
      labels: { ...metadata.labels, [revisionLabel]: revision },
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ...(metadata.finalizers && { finalizers: metadata.finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: { ...spec, hostname: name, ...(set.spec.serviceName && { subdomain: set.spec.serviceName }) },
  };
  return withStorage(set, withIdentity(draft));
}

/** A draft of a pod as it is sent: without the fields that only the server gives. */
export function sendable(draft: AnyObject): Record<string, unknown> {
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, ...metadata } = draft.metadata;
  return { ...draft, metadata };
}
