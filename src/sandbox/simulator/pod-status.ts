import { createHash } from "node:crypto";
import type { AnyObject } from "../port.js";

/** `v1.ContainerStatus`, as far as the kubelet's are written here. */
export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  containerID?: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: ContainerState;
  lastState: ContainerState;
}

/** One of three, or none for a container that never ran before. */
export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: {
    exitCode: number;
    reason: string;
    startedAt: string;
    finishedAt: string;
    containerID: string;
  };
}

interface Container {
  name: string;
  image: string;
}

/** What the kubelet knows of a pod, from which its whole status follows. */
export interface PodView {
  initContainers: ContainerStatus[];
  containers: ContainerStatus[];
  /** The node's and the pod's addresses; the latter is there once the pod has a sandbox. */
  hostIP: string;
  podIP?: string | undefined;
  startTime: string;
  /** The node was lost: nothing is known to be ready any more. */
  lost?: boolean;
  /** The pod is at its end: no container comes back. */
  over?: boolean;
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

export function newContainer({ name, image }: Container, reason: string): ContainerStatus {
  const state = { waiting: { reason } };
  return { name, image, imageID: "", ready: false, started: false, restartCount: 0, state, lastState: {} };
}

/** The container after its start, or after its next one when it ran before. */
export function startedContainer(status: ContainerStatus, podUid: string, now: string): ContainerStatus {
  const ranBefore = status.containerID !== undefined;
  const restartCount = status.restartCount + (ranBefore ? 1 : 0);
  const repository = status.image.replace(/[:@][^/]*$/, "");
  return {
    ...status,
    restartCount,
    imageID: `${repository}@sha256:${digest(status.image)}`,
    containerID: `containerd://${digest([podUid, status.name, restartCount].join("/"))}`,
    started: true,
    state: { running: { startedAt: now } },
    lastState: status.state.terminated ? { terminated: status.state.terminated } : status.lastState,
  };
}

export function terminatedContainer(status: ContainerStatus, exitCode: number, now: string): ContainerStatus {
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? "Completed" : "Error",
    startedAt: status.state.running?.startedAt ?? now,
    finishedAt: now,
    containerID: status.containerID ?? "",
  };
  return { ...status, ready: false, started: false, state: { terminated } };
}

/** The container between two tries. A run that ended becomes the last one. */
export function waitingContainer(status: ContainerStatus, reason: string, message: string): ContainerStatus {
  const lastState = status.state.terminated ? { terminated: status.state.terminated } : status.lastState;
  return { ...status, ready: false, started: false, state: { waiting: { reason, message } }, lastState };
}

/** The whole status the kubelet reports. Conditions of others stay; those that did not change keep their time. */
export function podStatus(pod: AnyObject, view: PodView, now: string): object {
  const { hostIP, podIP, startTime, initContainers, containers } = view;
  return {
    phase: phaseOf(pod, view),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(podIP !== undefined && { podIP, podIPs: [{ ip: podIP }] }),
    startTime,
    conditions: conditions(pod, view, now),
    ...(initContainers.length > 0 && { initContainerStatuses: initContainers }),
    containerStatuses: containers,
  };
}

function phaseOf({ spec }: AnyObject, { containers, over }: PodView): string {
  const ends = containers.map(({ state }) => state.terminated?.exitCode);
  const final = (over ?? false) || spec.restartPolicy === "Never" || spec.restartPolicy === "OnFailure";
  if (final && ends.every((code) => code !== undefined)) {
    if (ends.every((code) => code === 0)) return "Succeeded";
    if (over || spec.restartPolicy === "Never") return "Failed";
  }
  return containers.some((container) => container.containerID !== undefined) ? "Running" : "Pending";
}

interface Condition {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  lastTransitionTime?: string;
  lastProbeTime?: null;
}

function conditions(pod: AnyObject, view: PodView, now: string): Condition[] {
  const known = (pod["status"]?.conditions ?? []) as Condition[];
  const own = ownConditions(view).map((condition) => {
    const before = known.find(({ type }) => type === condition.type);
    const since = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
    return { ...condition, lastProbeTime: null, lastTransitionTime: since };
  });
  const others = known.filter(({ type }) => !own.some((condition) => condition.type === type));
  return [...own, ...others];
}

function ownConditions(view: PodView): Condition[] {
  const unready = view.containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const initDone = view.initContainers.every(({ state }) => state.terminated?.exitCode === 0);
  const incomplete = view.initContainers.filter(({ state }) => !state.terminated).map(({ name }) => name);
  const completed = view.containers.every(({ state }) => state.terminated?.exitCode === 0);
  const why: Omit<Condition, "type" | "status"> = completed
    ? { reason: "PodCompleted" }
    : { reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` };
  const ready: Omit<Condition, "type"> =
    unready.length === 0 ? { status: "True" } : { status: "False", ...why };
  const initialized: Omit<Condition, "type"> = initDone
    ? { status: "True" }
    : {
        status: "False",
        reason: "ContainersNotInitialized",
        message: `containers with incomplete status: [${incomplete.join(" ")}]`,
      };
  return [
    { type: "PodReadyToStartContainers", status: view.podIP !== undefined && !view.over ? "True" : "False" },
    { type: "Initialized", ...initialized },
    { type: "Ready", ...(view.lost ? { status: "False" } : ready) },
    { type: "ContainersReady", ...ready },
    { type: "PodScheduled", status: "True" },
  ];
}
