import type { Claim, Event, Pod, StatefulSet } from "../../src/core/model.js";

const born = "2026-11-21T10:00:00Z";

/** What a test says of a set; the rest is a plain one that has settled. */
export interface SetOptions {
  name?: string;
  replicas?: number;
  generation?: number;
  observed?: number;
  current?: string;
  update?: string;
  partition?: number;
  start?: number;
  minReadySeconds?: number;
  strategy?: string;
  policy?: "OrderedReady" | "Parallel";
  claims?: string[];
  status?: Partial<NonNullable<StatefulSet["status"]>>;
  metadata?: Partial<StatefulSet["metadata"]>;
}

export function makeSet(options: SetOptions = {}): StatefulSet {
  const { name = "web", replicas = 3, generation = 1, current = "a", update = current, strategy } = options;
  const partition = options.partition;
  return {
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: born,
      generation,
      ...options.metadata,
    },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image: "nginx:1.29" }] },
      },
      podManagementPolicy: options.policy ?? "OrderedReady",
      updateStrategy: {
        type: (strategy ?? "RollingUpdate") as "RollingUpdate",
        ...(partition !== undefined && { rollingUpdate: { partition } }),
      },
      ...(options.start !== undefined && { ordinals: { start: options.start } }),
      ...(options.minReadySeconds !== undefined && { minReadySeconds: options.minReadySeconds }),
      ...(options.claims && {
        volumeClaimTemplates: options.claims.map((claim) => ({ metadata: { name: claim } })) as never,
      }),
    },
    status: {
      observedGeneration: options.observed ?? generation,
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentRevision: `${name}-${current}`,
      updateRevision: `${name}-${update}`,
      ...options.status,
    },
  };
}

/** The stages of a healthy start, in order, and the common faults. `lost` is ready, but for its node. */
export type PodStage =
  | "pending"
  | "unschedulable"
  | "scheduled"
  | "pulling"
  | "running"
  | "ready"
  | "lost"
  | "terminating"
  | "failed"
  | "crash"
  | "image";

export interface PodOptions {
  set?: string;
  revision?: string;
  uid?: string;
  at?: string;
  restarts?: number;
  owner?: string | null;
  labels?: Record<string, string>;
  readinessProbe?: object;
  message?: string;
  created?: string;
  /** How long the container ran before its present run, in seconds; it never did when left out. */
  lastRun?: number;
}

/** A pod of a set at some stage; `at` is when it came there. */
export function makePod(ordinal: number, stage: PodStage = "ready", options: PodOptions = {}): Pod {
  const { set = "web", revision = "a", uid = `${set}-${ordinal}-${revision}`, at = born, owner } = options;
  const terminating = stage === "terminating";
  return {
    metadata: {
      name: `${set}-${ordinal}`,
      namespace: "default",
      uid,
      resourceVersion: "1",
      creationTimestamp: options.created ?? born,
      labels: { app: set, "controller-revision-hash": `${set}-${revision}`, ...options.labels },
      ...(owner !== null && {
        ownerReferences: [
          {
            apiVersion: "apps/v1",
            kind: "StatefulSet",
            name: set,
            uid: owner ?? `uid-${set}`,
            controller: true,
          },
        ],
      }),
      ...(terminating && { deletionTimestamp: at }),
    },
    spec: {
      containers: [
        {
          name: "main",
          image: "nginx:1.29",
          ...(options.readinessProbe && { readinessProbe: options.readinessProbe }),
        },
      ],
    },
    status: podStatus(stage, { ...options, at }),
  };
}

type Status = NonNullable<Pod["status"]>;

function podStatus(stage: PodStage, options: PodOptions & { at: string }): Status {
  const { at } = options;
  const scheduled = stage !== "pending" && stage !== "unschedulable";
  const ready = stage === "ready" || stage === "terminating";
  const containers = scheduled && stage !== "failed" ? [container(stage, options)] : [];
  const running = ["running", "ready", "lost", "terminating", "crash"].includes(stage);
  const condition = (type: string, is: boolean, more: object = {}) => ({
    type,
    status: is ? "True" : "False",
    lastTransitionTime: at,
    ...more,
  });
  const unschedulable = stage === "unschedulable" && {
    reason: "Unschedulable",
    message: options.message ?? "0/1 nodes are available: 1 Insufficient cpu.",
  };
  return {
    phase: stage === "failed" ? "Failed" : running ? "Running" : "Pending",
    conditions: [
      ...(stage === "pending" ? [] : [condition("PodScheduled", scheduled, unschedulable || {})]),
      ...(scheduled ? [condition("PodReadyToStartContainers", stage !== "scheduled")] : []),
      ...(scheduled ? [condition("Ready", ready)] : []),
    ],
    containerStatuses: containers,
  };
}

type Container = NonNullable<Status["containerStatuses"]>[number];

function container(stage: PodStage, options: PodOptions & { at: string }): Container {
  const { at, restarts = 0, message, lastRun } = options;
  const base = { name: "main", image: "nginx:1.29", imageID: "", restartCount: restarts };
  const begun = new Date(Date.parse(at) - (lastRun ?? 0) * 1_000).toISOString();
  const terminated = { exitCode: 1, reason: "Error", startedAt: begun, finishedAt: at };
  const waiting = (reason: string, text?: string): Container => ({
    ...base,
    ready: false,
    state: { waiting: { reason, ...(text !== undefined && { message: text }) } },
  });
  if (stage === "crash") return { ...waiting("CrashLoopBackOff"), lastState: { terminated } };
  if (stage === "image")
    return waiting("ImagePullBackOff", message ?? 'Back-off pulling image "x": not found');
  if (stage === "scheduled" || stage === "pulling") return waiting("ContainerCreating");
  const ready = stage === "ready" || stage === "lost" || stage === "terminating";
  const lastState = lastRun === undefined ? {} : { lastState: { terminated } };
  return { ...base, ready, started: true, state: { running: { startedAt: at } }, ...lastState };
}

export interface EventOptions {
  kind?: string;
  about: string;
  uid?: string;
  type?: "Normal" | "Warning";
  at?: string;
  first?: string;
}

let serial = 0;

export function makeEvent(reason: string, message: string, options: EventOptions): Event {
  const { kind = "Pod", about, uid = `uid-${about}`, type = "Warning", at = born, first = at } = options;
  serial += 1;
  return {
    metadata: {
      name: `${about}.${serial}`,
      namespace: "default",
      uid: `event-${serial}`,
      resourceVersion: "1",
      creationTimestamp: first,
    },
    involvedObject: { kind, name: about, namespace: "default", uid },
    reason,
    message,
    type,
    firstTimestamp: first,
    lastTimestamp: at,
  };
}

export function makeClaim(name: string, phase: "Pending" | "Bound" | "Lost", more: object = {}): Claim {
  return {
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: born,
      ...more,
    },
    spec: {},
    status: { phase },
  };
}
