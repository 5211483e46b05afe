import type {
  Autoscaler,
  Claim,
  ConfigMap,
  ControllerRevision,
  EndpointSlice,
  Event,
  KubeObject,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  Volume,
} from "./model.js";

/** A kind of the Kubernetes API and where it is served. `T` is what its objects look like. */
export interface Kind<T = KubeObject> {
  /** API group; empty for the core group. */
  group: string;
  version: string;
  /** Plural, lower case, as in URLs: `statefulsets`. */
  resource: string;
  /** As in manifests: `StatefulSet`. */
  kind: string;
  namespaced: boolean;
  /** Never set: it only carries the type of the kind's objects. */
  readonly objects?: T;
}

function kind<T>(apiVersion: string, name: string, resource: string, namespaced = true): Kind<T> {
  const [version, group] = apiVersion.split("/").reverse();
  return { group: group ?? "", version: version ?? "", resource, kind: name, namespaced };
}

/** The kinds that `sts` reads and writes. */
export const kinds = {
  statefulSet: kind<StatefulSet>("apps/v1", "StatefulSet", "statefulsets"),
  revision: kind<ControllerRevision>("apps/v1", "ControllerRevision", "controllerrevisions"),
  pod: kind<Pod>("v1", "Pod", "pods"),
  claim: kind<Claim>("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
  volume: kind<Volume>("v1", "PersistentVolume", "persistentvolumes", false),
  storageClass: kind<StorageClass>("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
  service: kind<Service>("v1", "Service", "services"),
  endpointSlice: kind<EndpointSlice>("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
  event: kind<Event>("v1", "Event", "events"),
  node: kind<Node>("v1", "Node", "nodes", false),
  namespace: kind<Namespace>("v1", "Namespace", "namespaces", false),
  configMap: kind<ConfigMap>("v1", "ConfigMap", "configmaps"),
  secret: kind<Secret>("v1", "Secret", "secrets"),
  serviceAccount: kind<ServiceAccount>("v1", "ServiceAccount", "serviceaccounts"),
  disruptionBudget: kind<PodDisruptionBudget>("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  autoscaler: kind<Autoscaler>("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
} as const;

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: Kind<unknown>): string {
  return group ? `${group}/${version}` : version;
}

/** The name kubectl prints a kind by: `statefulset.apps`, `service`. */
export function qualifiedName({ group, kind: name }: Kind<unknown>): string {
  return group ? `${name.toLowerCase()}.${group}` : name.toLowerCase();
}
