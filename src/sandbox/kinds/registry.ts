import { autoscalerDefaults } from "./autoscaler.js";
import * as core from "./core.js";
import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";
import * as pod from "./pod.js";
import * as service from "./service.js";
import * as statefulSet from "./stateful-set.js";
import * as storage from "./storage.js";

/**
 * The kinds that the sandbox serves, one row each. Names, short names and categories are those that the API's
 * discovery gives (`kubectl api-resources`).
 */
export function sandboxKinds(): SandboxKind[] {
  return [...coreKinds(), ...workloadKinds(), ...storageKinds(), ...otherKinds()];
}

function coreKinds(): SandboxKind[] {
  return [
    defineKind("v1", "Namespace", "namespaces", {
      shortNames: ["ns"],
      namespaced: false,
      subresources: ["status", "finalize"],
      defaults: core.namespaceDefaults,
      create: core.namespaceCreate,
      update: core.namespaceUpdate,
      selectable: ({ status }) => ({ "status.phase": status?.phase ?? "" }),
    }),
    defineKind("v1", "Node", "nodes", {
      shortNames: ["no"],
      namespaced: false,
      subresources: ["status"],
      statusOnCreate: true,
      defaults: core.nodeDefaults,
      create: core.nodeCreate,
      selectable: ({ spec }) => ({ "spec.unschedulable": String(spec?.unschedulable ?? false) }),
    }),
    defineKind("v1", "Service", "services", {
      shortNames: ["svc"],
      categories: ["all"],
      subresources: ["status"],
      defaults: service.serviceDefaults,
      create: service.allocateService,
      update: service.serviceUpdate,
      selectable: ({ spec }) => ({ "spec.clusterIP": spec?.clusterIP ?? "", "spec.type": spec?.type ?? "" }),
    }),
    defineKind("v1", "Endpoints", "endpoints", { singular: "endpoints", shortNames: ["ep"] }),
    defineKind("v1", "ConfigMap", "configmaps", { shortNames: ["cm"] }),
    defineKind("v1", "Secret", "secrets", {
      defaults: core.secretDefaults,
      selectable: ({ type }) => ({ type: type ?? "" }),
    }),
    defineKind("v1", "ServiceAccount", "serviceaccounts", { shortNames: ["sa"] }),
    defineKind("v1", "Event", "events", { shortNames: ["ev"], selectable: core.eventFields }),
  ];
}

function workloadKinds(): SandboxKind[] {
  return [
    defineKind("v1", "Pod", "pods", {
      shortNames: ["po"],
      categories: ["all"],
      subresources: ["status", "binding", "eviction", "log"],
      generation: true,
      defaults: pod.podDefaults,
      create: pod.podCreate,
      statusUpdate: pod.podStatusUpdate,
      selectable: pod.podFields,
    }),
    defineKind("apps/v1", "StatefulSet", "statefulsets", {
      shortNames: ["sts"],
      categories: ["all"],
      subresources: ["status", "scale"],
      generation: true,
      defaults: statefulSet.statefulSetDefaults,
      create: (set, admission) => statefulSet.dropDisabledFields(set, undefined, admission),
      update: statefulSet.dropDisabledFields,
    }),
    defineKind("apps/v1", "ControllerRevision", "controllerrevisions"),
  ];
}

function storageKinds(): SandboxKind[] {
  return [
    defineKind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", {
      shortNames: ["pvc"],
      subresources: ["status"],
      create: storage.claimCreate,
    }),
    defineKind("v1", "PersistentVolume", "persistentvolumes", {
      shortNames: ["pv"],
      namespaced: false,
      subresources: ["status"],
      defaults: storage.volumeDefaults,
      create: storage.volumeCreate,
      statusUpdate: storage.volumeStatusUpdate,
    }),
    defineKind("storage.k8s.io/v1", "StorageClass", "storageclasses", {
      shortNames: ["sc"],
      namespaced: false,
      defaults: storage.storageClassDefaults,
    }),
  ];
}

function otherKinds(): SandboxKind[] {
  return [
    defineKind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", {
      shortNames: ["pdb"],
      subresources: ["status"],
      generation: true,
    }),
    defineKind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", {
      shortNames: ["hpa"],
      categories: ["all"],
      subresources: ["status"],
      generation: true,
      defaults: autoscalerDefaults,
    }),
    defineKind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", {
      generation: true,
      defaults: core.endpointSliceDefaults,
    }),
    defineKind("coordination.k8s.io/v1", "Lease", "leases"),
  ];
}
