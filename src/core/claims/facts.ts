import { claimTemplateNames, ordinalRange } from "../identity.js";
import type { Autoscaler, Claim, Pod, StatefulSet, Wire } from "../model.js";
import { owners } from "../ownership.js";
import { ownersOf } from "../progress/managers.js";
import type { Labels } from "../selector.js";
import { growthOf } from "./resize/growth.js";
import { capacityOf, requestOf } from "./size.js";
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
  /** Who else writes it, an operator or a GitOps tool, each as `Helm release web` (ownership.ts). */
  managers?: readonly string[];
  /** An autoscaler set its replicas last, whether that one is still there or not. */
  autoscaledLast?: boolean;
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

/** How the growing of a volume stands: under way, waiting for a pod to mount it anew, or given up by the storage. */
export type Resize = "Resizing" | "FileSystemResizePending" | "ResizeFailed";

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
  /** `Bound`, `Pending` or `Lost`. */
  phase: string;
  /** What the volume has, or what was asked for as long as there is none. */
  size: string;
  /** What its spec asks for: more than `size` while the volume is to grow. */
  requested: string;
  /** Undefined where the volume is not to grow. */
  resize: Resize | undefined;
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
  /** The KEDA ScaledObject that made it. */
  scaledObject?: string | undefined;
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
    managers: owners(set),
    autoscaledLast: ownersOf(["f:spec", "f:replicas"], set).some(isAutoscaler),
  };
}

/** HorizontalPodAutoscalers scale as the controller manager, KEDA from and to 0 as itself; nobody else there does. */
function isAutoscaler({ manager, subresource }: { manager?: string; subresource?: string }): boolean {
  return subresource === "scale" && /^(kube-controller-manager|keda)/.test(manager ?? "");
}

export function podFacts({ metadata, spec }: Pod): PodFacts {
  const claims = (spec.volumes ?? []).flatMap((volume) => {
    if (volume.ephemeral) return `${metadata.name}-${volume.name}`;
    return volume.persistentVolumeClaim?.claimName ?? [];
  });
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  const isSets = controller?.kind === "StatefulSet" && controller.apiVersion.startsWith("apps/");
  const setUid = isSets ? controller.uid : undefined;
  return { namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid, claims, setUid };
}

export function claimFacts(claim: Claim): ClaimFacts {
  const { metadata, spec, status } = claim;
  const unused = status?.conditions?.find(({ type }) => type === "Unused");
  const requested = requestOf(claim);
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    createdAt: metadata.creationTimestamp,
    deleting: metadata.deletionTimestamp !== undefined,
    labels: metadata.labels ?? {},
    owners: metadata.ownerReferences ?? noOwners,
    creator: creatorOf(claim),
    phase: status?.phase ?? "Pending",
    size: capacityOf(claim) ?? requested,
    requested,
    resize: resizeOf(claim, requested),
    storageClass: spec.storageClassName,
    volume: spec.volumeName,
    unusedSince: unused?.status === "True" ? unused.lastTransitionTime : undefined,
    markedUsed: unused?.status === "False",
  };
}

const noOwners: ClaimFacts["owners"] = [];

/** Most claims have what they asked for, and nothing that says otherwise: they are told apart at a glance. */
function resizeOf(claim: Claim, requested: string): Resize | undefined {
  const { status = {} } = claim;
  const size = capacityOf(claim);
  const says = status.conditions?.some(({ type }) => type !== "Unused") || status.allocatedResourceStatuses;
  if (size === undefined || (size === requested && !says)) return undefined;
  const { state } = growthOf(claim, requested);
  if (state === "Resized") return undefined;
  return state === "Requested" ? "Resizing" : state;
}

/**
 * `claimFacts` for many claims in a row: neighbours share what they have in common, so that a claim costs little more
 * than its names (claims of one set follow each other, and are alike).
 */
export function claimFactsOfMany(): (claim: Claim) => ClaimFacts {
  let last: ClaimFacts | undefined;
  return (claim) => {
    const facts = claimFacts(claim);
    last = last ? sharing(facts, last) : facts;
    return last;
  };
}

function sharing(facts: ClaimFacts, last: ClaimFacts): ClaimFacts {
  const text = <T extends string | undefined>(own: T, other: T): T => (own === other ? other : own);
  const { owners } = facts;
  const sameOwners =
    owners.length === last.owners.length &&
    owners.every((owner, at) => isAlike(owner, last.owners[at] ?? {}));
  return {
    ...facts,
    namespace: text(facts.namespace, last.namespace),
    createdAt: text(facts.createdAt, last.createdAt),
    labels: isAlike(facts.labels, last.labels) ? last.labels : facts.labels,
    owners: sameOwners ? last.owners : owners,
    creator: text(facts.creator, last.creator),
    size: text(facts.size, last.size),
    requested: text(facts.requested, last.requested),
    storageClass: text(facts.storageClass, last.storageClass),
    unusedSince: text(facts.unusedSince, last.unusedSince),
  };
}

/** For objects without objects in them. */
function isAlike(one: object, other: object): boolean {
  const fields = Object.entries(one);
  const others = other as Record<string, unknown>;
  return fields.length === Object.keys(other).length && fields.every(([key, value]) => others[key] === value);
}

/** The field manager that wrote a claim's spec; undefined where the server does not say. */
export function creatorOf({ metadata }: Pick<Claim, "metadata">): string | undefined {
  return metadata.managedFields?.find(wroteSpec)?.manager;
}

function wroteSpec(entry: { subresource?: string; fieldsV1?: object }): boolean {
  const spec = (entry.fieldsV1 as { "f:spec"?: Record<string, unknown> | null } | undefined)?.["f:spec"];
  return entry.subresource === undefined && spec?.["f:accessModes"] !== undefined;
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
    scaledObject: scaledObjectOf(metadata),
  };
}

/** The KEDA ScaledObject that made an autoscaler, by the label that KEDA gives it (keda, pkg/controllers/keda/hpa.go). */
export function scaledObjectOf({ labels }: Pick<Autoscaler["metadata"], "labels">): string | undefined {
  return labels?.["scaledobject.keda.sh/name"];
}
