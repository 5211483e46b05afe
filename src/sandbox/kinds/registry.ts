import { autoscalerDefaults } from "./autoscaler.js";
import * as core from "./core.js";
import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";
import * as pod from "./pod.js";
import { rbacKinds } from "./rbac.js";
import * as service from "./service.js";
import * as statefulSet from "./stateful-set.js";
import { sinceMinor } from "./version.js";
import * as storage from "./storage.js";
import { validateAutoscaler } from "./validation/autoscaler.js";
import { budget, budgetStatus } from "./validation/budget.js";
import { claim, validateClaimUpdate } from "./validation/claim.js";
import * as config from "./validation/config.js";
import { validateSlice, validateSliceUpdate } from "./validation/endpoint-slice.js";
import { dnsLabel, pathSegment } from "./validation/names.js";
import * as others from "./validation/others.js";
import { podRule, validatePodUpdate } from "./validation/pod.js";
import { serviceStatus } from "./validation/service-status.js";
import { serviceRule, validateServiceUpdate } from "./validation/service.js";
import * as sets from "./validation/stateful-set.js";
import { validateVolume, validateVolumeUpdate } from "./validation/volume.js";

/**
 * The kinds that the sandbox serves, one row each. Names, short names and categories are those that the API's
 * discovery gives (`kubectl api-resources`) in that release.
 */
export function sandboxKinds(kubernetesVersion = "1.37"): SandboxKind[] {
  return [
    ...coreKinds(),
    ...workloadKinds(),
    ...storageKinds(),
    ...otherKinds(kubernetesVersion),
    ...rbacKinds(),
  ];
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
      name: dnsLabel,
    }),
    defineKind("v1", "Node", "nodes", {
      shortNames: ["no"],
      namespaced: false,
      subresources: ["status"],
      statusOnCreate: true,
      defaults: core.nodeDefaults,
      create: core.nodeCreate,
      rule: others.node,
      selectable: ({ spec }) => ({ "spec.unschedulable": String(spec?.unschedulable ?? false) }),
    }),
    defineKind("v1", "Service", "services", {
      shortNames: ["svc"],
      categories: ["all"],
      subresources: ["status"],
      defaults: service.serviceDefaults,
      create: service.allocateService,
      update: service.serviceUpdate,
      statusUpdate: service.serviceStatusUpdate,
      name: dnsLabel,
      rule: serviceRule,
      validateUpdate: validateServiceUpdate,
      statusRule: serviceStatus,
      selectable: ({ spec }) => ({ "spec.clusterIP": spec?.clusterIP ?? "", "spec.type": spec?.type ?? "" }),
    }),
    defineKind("v1", "Endpoints", "endpoints", { singular: "endpoints", shortNames: ["ep"] }),
    defineKind("v1", "ConfigMap", "configmaps", {
      shortNames: ["cm"],
      rule: config.configMap,
      validateUpdate: config.validateConfigMapUpdate,
    }),
    defineKind("v1", "Secret", "secrets", {
      defaults: core.secretDefaults,
      selectable: ({ type }) => ({ type: type ?? "" }),
      rule: config.secret,
      validateUpdate: config.validateSecretUpdate,
    }),
    defineKind("v1", "ServiceAccount", "serviceaccounts", { shortNames: ["sa"] }),
    defineKind("v1", "Event", "events", {
      shortNames: ["ev"],
      selectable: core.eventFields,
      name: pathSegment,
      rule: others.event,
    }),
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
      update: (one) => pod.tolerateLostNodes(one.spec),
      statusUpdate: pod.podStatusUpdate,
      rule: podRule,
      validateUpdate: validatePodUpdate,
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
      name: dnsLabel,
      validate: sets.validateStatefulSet,
      validateUpdate: sets.validateStatefulSetUpdate,
      validateStatus: sets.validateStatefulSetStatus,
    }),
    defineKind("apps/v1", "ControllerRevision", "controllerrevisions", {
      validate: others.validateRevision,
      validateUpdate: others.validateRevisionUpdate,
    }),
  ];
}

function storageKinds(): SandboxKind[] {
  return [
    defineKind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", {
      shortNames: ["pvc"],
      subresources: ["status"],
      create: storage.claimCreate,
      rule: claim,
      validateUpdate: validateClaimUpdate,
    }),
    defineKind("v1", "PersistentVolume", "persistentvolumes", {
      shortNames: ["pv"],
      namespaced: false,
      subresources: ["status"],
      defaults: storage.volumeDefaults,
      create: storage.volumeCreate,
      statusUpdate: storage.volumeStatusUpdate,
      validate: validateVolume,
      validateUpdate: validateVolumeUpdate,
    }),
    defineKind("storage.k8s.io/v1", "StorageClass", "storageclasses", {
      shortNames: ["sc"],
      namespaced: false,
      defaults: storage.storageClassDefaults,
      rule: others.storageClass,
      validateUpdate: others.validateStorageClassUpdate,
    }),
  ];
}

function otherKinds(kubernetesVersion: string): SandboxKind[] {
  return [
    defineKind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", {
      shortNames: ["pdb"],
      subresources: ["status"],
      generation: true,
      versioned: true,
      name: pathSegment,
      rule: budget,
      statusRule: budgetStatus,
    }),
    defineKind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", {
      shortNames: ["hpa"],
      categories: ["all"],
      subresources: ["status"],
      generation: sinceMinor(37, kubernetesVersion),
      defaults: autoscalerDefaults,
      validate: validateAutoscaler,
    }),
    defineKind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", {
      generation: true,
      defaults: core.endpointSliceDefaults,
      validate: validateSlice,
      validateUpdate: validateSliceUpdate,
    }),
    defineKind("coordination.k8s.io/v1", "Lease", "leases", {
      versioned: true,
      create: core.leaseCreate,
      update: core.leaseUpdate,
      rule: others.lease,
    }),
  ];
}
