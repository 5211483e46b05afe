import { claimTemplateNames, ordinalRange } from "../identity.js";
import type { Autoscaler, Claim, Pod, StatefulSet, Wire } from "../model.js";
import type { Labels } from "../selector.js";
import type { V1OwnerReference } from "@kubernetes/client-node";

/** What is kept of a StatefulSet to judge claims by. */
export interface SetFacts {
  namespace: string;
  name: string;
  uid: string;
  /** Lowest wanted ordinal, and one past the highest. */
  start: number;
  end: number;
  templates: readonly string[];
  /** `spec.selector.matchLabels`, which the controller puts on every claim that it makes. */
  labels: Labels;
  whenDeleted: string;
  deleting: boolean;
}

export interface PodFacts {
  namespace: string;
  name: string;
  uid: string;
  /** Names of the claims it mounts, those of its ephemeral volumes among them. */
  claims: readonly string[];
  /** UID of the StatefulSet that controls it. */
  setUid?: string | undefined;
}

/** What is kept of a PersistentVolumeClaim. Times are RFC 3339 texts. */
export interface ClaimFacts {
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
  createdAt: string;
  deleting: boolean;
  labels: Labels;
  owners: readonly Wire<V1OwnerReference>[];
  /** The field manager that wrote its spec; undefined where the server does not say. */
  creator: string | undefined;
  /** What the volume has, or what was asked for as long as there is none. */
  size: string;
  storageClass: string | undefined;
  /** Name of the bound PersistentVolume. */
  volume: string | undefined;
  /** From the `Unused` condition that 1.37 writes; undefined where there is none or a pod uses it. */
  unusedSince: string | undefined;
  /** The same condition says that a pod uses it; it lags a moment behind the pods. */
  markedUsed: boolean;
}

export interface AutoscalerFacts {
  namespace: string;
  name: string;
  /** Name of the StatefulSet it scales. */
  set: string;
  maxReplicas: number;
}

/** All that the state of a claim depends on, besides the claim itself. */
export interface Surroundings {
  sets: readonly SetFacts[];
  pods: readonly PodFacts[];
  /** Undefined: they could not be read. */
  autoscalers: readonly AutoscalerFacts[] | undefined;
}

export function setFacts(set: StatefulSet): SetFacts {
  const { start, end } = ordinalRange(set);
  return {
    namespace: set.metadata.namespace ?? "",
    name: set.metadata.name,
    uid: set.metadata.uid,
    start,
    end,
    templates: claimTemplateNames(set),
    labels: set.spec.selector?.matchLabels ?? {},
    whenDeleted: set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted ?? "Retain",
    deleting: set.metadata.deletionTimestamp !== undefined,
  };
}

export function podFacts({ metadata, spec }: Pod): PodFacts {
  const claims = (spec.volumes ?? []).flatMap((volume) => {
    if (volume.ephemeral) return `${metadata.name}-${volume.name}`;
    return volume.persistentVolumeClaim?.claimName ?? [];
  });
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  const setUid = controller?.kind === "StatefulSet" ? controller.uid : undefined;
  return { namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid, claims, setUid };
}

export function claimFacts({ metadata, spec, status }: Claim): ClaimFacts {
  const unused = status?.conditions?.find(({ type }) => type === "Unused");
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    createdAt: metadata.creationTimestamp,
    deleting: metadata.deletionTimestamp !== undefined,
    labels: metadata.labels ?? {},
    owners: metadata.ownerReferences ?? [],
    creator: metadata.managedFields?.find(wroteSpec)?.manager,
    size: status?.capacity?.["storage"] ?? spec.resources?.requests?.["storage"] ?? "0",
    storageClass: spec.storageClassName,
    volume: spec.volumeName,
    unusedSince: unused?.status === "True" ? unused.lastTransitionTime : undefined,
    markedUsed: unused?.status === "False",
  };
}

function wroteSpec(entry: { subresource?: string; fieldsV1?: object }): boolean {
  const spec = (entry.fieldsV1 as { "f:spec"?: object } | undefined)?.["f:spec"];
  return entry.subresource === undefined && spec !== undefined && "f:accessModes" in spec;
}

/** Undefined for an autoscaler of anything but a StatefulSet. KEDA's ScaledObjects work through autoscalers, too. */
export function autoscalerFacts({ metadata, spec }: Autoscaler): AutoscalerFacts | undefined {
  const { kind, name, apiVersion } = spec.scaleTargetRef;
  if (kind !== "StatefulSet" || (apiVersion && !apiVersion.startsWith("apps/"))) return undefined;
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    set: name,
    maxReplicas: spec.maxReplicas,
  };
}
