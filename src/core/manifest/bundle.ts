import type { Manifest } from "../model.js";

/**
 * Kinds in the order in which they are created: what others refer to comes first. Kinds that are not named come last,
 * in the order of the files.
 */
const creationOrder = [
  "Namespace",
  "CustomResourceDefinition",
  "PriorityClass",
  "StorageClass",
  "PersistentVolume",
  "ServiceAccount",
  "Secret",
  "ConfigMap",
  "ClusterRole",
  "ClusterRoleBinding",
  "Role",
  "RoleBinding",
  "ResourceQuota",
  "LimitRange",
  "PersistentVolumeClaim",
  "Service",
  "StatefulSet",
  "PodDisruptionBudget",
  "HorizontalPodAutoscaler",
];

/** Sorts by dependency; objects of one kind keep their order. */
export function inCreationOrder<T extends { manifest: Manifest }>(objects: readonly T[]): T[] {
  const rank = ({ manifest }: T): number => {
    const index = creationOrder.indexOf(manifest.kind);
    return index < 0 ? creationOrder.length : index;
  };
  return objects.toSorted((a, b) => rank(a) - rank(b));
}

export function isStatefulSet({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return kind === "StatefulSet" && apiVersion.startsWith("apps/");
}

/** Whether a manifest is the object of a kind of the core group with this name. */
export function isCore({ apiVersion, kind }: Manifest, wanted: string): boolean {
  return apiVersion === "v1" && kind === wanted;
}
