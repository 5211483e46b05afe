import type { Labels } from "../selector.js";
import type { Amounts, ContainerImage, Env, Port, Probe, SourceRef } from "./parse-container.js";
import type { AntiAffinity, Mount, Storage } from "./parse-pod.js";
import type { Budget, Retention } from "./parse-set.js";

/** What the flags of `create` say of a StatefulSet, checked and typed. Undefined: the API's default. */
export interface SetOptions {
  name: string;
  /** Undefined: not written into the manifests, so that they can be used in any namespace. */
  namespace: string | undefined;
  /** Besides `app`, which is the set's name unless it is among them. */
  labels: Labels;
  /** At least one. All that is said of a container is said of the first. */
  containers: readonly ContainerImage[];
  command: readonly string[];
  replicas: number;
  /** Name of the headless Service. */
  service: string;
  ports: readonly Port[];
  env: readonly Env[];
  envFrom: readonly SourceRef[];
  requests: Amounts;
  limits: Amounts;
  probes: { readiness?: Probe | undefined; liveness?: Probe | undefined; startup?: Probe | undefined };
  storage: readonly Storage[];
  mounts: readonly Mount[];
  serviceAccount: string | undefined;
  podManagement: string | undefined;
  strategy: string | undefined;
  partition: number | undefined;
  maxUnavailable: number | string | undefined;
  minReadySeconds: number | undefined;
  startOrdinal: number | undefined;
  gracePeriod: number | undefined;
  retention: Retention | undefined;
  revisionHistoryLimit: number | undefined;
  antiAffinity: AntiAffinity | undefined;
  spread: readonly string[];
  budget: Budget | undefined;
}
