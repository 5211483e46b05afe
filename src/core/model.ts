import type {
  CoreV1Event,
  V1ConfigMap,
  V1ControllerRevision,
  V1EndpointSlice,
  V1Namespace,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Scale,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
  V1StorageClass,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";

/** A client-node model as it is on the wire: raw JSON, in which a time is an RFC 3339 string. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

/** Metadata of an object that a server has stored. */
export type StoredMeta = Omit<
  Wire<V1ObjectMeta>,
  "name" | "uid" | "resourceVersion" | "creationTimestamp"
> & {
  name: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
};

/** An object as a server returns it: its metadata is there, and so are the fields that every object of the kind has. */
type Stored<T, Always extends keyof T = never> = Omit<Wire<T>, "metadata" | Always> & {
  [Key in Always]-?: NonNullable<Wire<T[Key]>>;
} & { metadata: StoredMeta };

/** Any stored object, when its kind does not matter. Raw JSON: it keeps every field the server sent. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: StoredMeta;
  [field: string]: unknown;
}

/** An object on its way to the server: as written by a person or made from flags. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

export type StatefulSet = Stored<V1StatefulSet, "spec">;
export type ControllerRevision = Stored<V1ControllerRevision>;
export type Pod = Stored<V1Pod, "spec">;
export type Claim = Stored<V1PersistentVolumeClaim, "spec">;
export type Volume = Stored<V1PersistentVolume, "spec">;
export type StorageClass = Stored<V1StorageClass>;
export type Service = Stored<V1Service, "spec">;
export type EndpointSlice = Stored<V1EndpointSlice>;
export type Event = Stored<CoreV1Event>;
export type Node = Stored<V1Node, "spec">;
export type Namespace = Stored<V1Namespace>;
export type ConfigMap = Stored<V1ConfigMap>;
export type Secret = Stored<V1Secret>;
export type ServiceAccount = Stored<V1ServiceAccount>;
export type PodDisruptionBudget = Stored<V1PodDisruptionBudget>;
export type Autoscaler = Stored<V2HorizontalPodAutoscaler, "spec">;
export type Scale = Stored<V1Scale, "spec">;
