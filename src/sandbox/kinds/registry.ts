import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";

/**
 * The kinds that the sandbox serves, one row each. Names, short names and categories are those that the API's
 * discovery gives (`kubectl api-resources`).
 */
export function sandboxKinds(): SandboxKind[] {
  return [
    defineKind("v1", "Namespace", "namespaces", {
      shortNames: ["ns"],
      namespaced: false,
      subresources: ["status", "finalize"],
    }),
    defineKind("v1", "Node", "nodes", { shortNames: ["no"], namespaced: false, subresources: ["status"] }),
    defineKind("v1", "Service", "services", {
      shortNames: ["svc"],
      categories: ["all"],
      subresources: ["status"],
    }),
    defineKind("v1", "Endpoints", "endpoints", { singular: "endpoints", shortNames: ["ep"] }),
    defineKind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", { generation: true }),
    defineKind("v1", "ConfigMap", "configmaps", { shortNames: ["cm"] }),
    defineKind("v1", "Secret", "secrets"),
    defineKind("v1", "ServiceAccount", "serviceaccounts", { shortNames: ["sa"] }),
    defineKind("apps/v1", "StatefulSet", "statefulsets", {
      shortNames: ["sts"],
      categories: ["all"],
      subresources: ["status", "scale"],
      generation: true,
    }),
    defineKind("apps/v1", "ControllerRevision", "controllerrevisions"),
    defineKind("v1", "Pod", "pods", {
      shortNames: ["po"],
      categories: ["all"],
      subresources: ["status", "binding", "eviction", "log"],
      generation: true,
    }),
    defineKind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", {
      shortNames: ["pvc"],
      subresources: ["status"],
    }),
    defineKind("v1", "PersistentVolume", "persistentvolumes", {
      shortNames: ["pv"],
      namespaced: false,
      subresources: ["status"],
    }),
    defineKind("storage.k8s.io/v1", "StorageClass", "storageclasses", {
      shortNames: ["sc"],
      namespaced: false,
    }),
    defineKind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", {
      shortNames: ["pdb"],
      subresources: ["status"],
      generation: true,
    }),
    defineKind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", {
      shortNames: ["hpa"],
      categories: ["all"],
      subresources: ["status"],
    }),
    defineKind("v1", "Event", "events", { shortNames: ["ev"] }),
    defineKind("coordination.k8s.io/v1", "Lease", "leases"),
  ];
}
