import type { Pod } from "./model.js";

type PodStatus = NonNullable<Pod["status"]>;
export type ContainerStatus = NonNullable<PodStatus["containerStatuses"]>[number];
export type PodCondition = NonNullable<PodStatus["conditions"]>[number];

export function conditionOf(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Phase Failed or Succeeded: the controller deletes such a pod and makes it anew. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Failed" || status?.phase === "Succeeded";
}

/** Running and Ready, as the controller means it (`isRunningAndReady`). */
export function isReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" && conditionOf(pod, "Ready")?.status === "True";
}

/**
 * When a pod that is Ready will have been so for `minReadySeconds`, in milliseconds since the epoch by the server's
 * clock; undefined for one that is not Ready. Without minReadySeconds that moment is past.
 */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  if (!isReady(pod)) return undefined;
  const since = conditionOf(pod, "Ready")?.lastTransitionTime;
  if (minReadySeconds === 0) return 0;
  return since === undefined ? Infinity : Date.parse(since) + minReadySeconds * 1_000;
}

/** Every container's status, init containers first. */
export function containerStatuses({ status }: Pod): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** How often containers of the pod were restarted, all together. */
export function restartCount(pod: Pod): number {
  return containerStatuses(pod).reduce((sum, { restartCount: restarts }) => sum + restarts, 0);
}

/** Ready and all containers, for a column such as `1/2`. Restartable init containers (sidecars) count, as in kubectl. */
export function readyContainers({ spec, status }: Pod): { ready: number; total: number } {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const names = new Set([...sidecars, ...spec.containers].map(({ name }) => name));
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const ready = statuses.filter((container) => container.ready && names.has(container.name)).length;
  return { ready, total: names.size };
}

/** A container's reason for not running, other than that it is about to: `CrashLoopBackOff`, `Error`. */
export function containerProblem({ state }: ContainerStatus): string | undefined {
  const waiting = state?.waiting?.reason;
  if (waiting && waiting !== "ContainerCreating" && waiting !== "PodInitializing") return waiting;
  const { terminated } = state ?? {};
  if (!terminated || terminated.exitCode === 0) return undefined;
  return (
    terminated.reason ||
    (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)
  );
}
