import { ApiError } from "../../cluster/errors.js";
import type { AnyObject } from "../port.js";
import { containerFault } from "./faults.js";
import type { ContainerState, ContainerStatus } from "./pod-status.js";

export interface LogRequest {
  /** The pod's first container when it is left out. */
  container?: string;
  /** Of the container's run before its last restart. */
  previous?: boolean;
  /** Only so many of the last lines. */
  tailLines?: number;
}

/** What a simulated container has written, which follows from its status. Throws the kubelet's 400 when there is none yet. */
export function podLogs(
  pod: AnyObject,
  { container, previous = false, tailLines = Infinity }: LogRequest,
): string {
  const statuses = [
    ...(pod["status"]?.containerStatuses ?? []),
    ...(pod["status"]?.initContainerStatuses ?? []),
  ];
  const status = (statuses as ContainerStatus[]).find(
    ({ name }) => container === undefined || name === container,
  );
  const name = status?.name ?? container ?? pod["spec"].containers[0]?.name;
  const run = previous ? status?.lastState : latestRun(status);
  const times = run?.running ?? run?.terminated;
  if (!status || !times) throw noLogs(pod, name, status, previous);
  const lines = [`${times.startedAt} starting ${status.image}`];
  const { exitCode, finishedAt } = run?.terminated ?? {};
  if (exitCode === undefined) lines.push(...startLines(pod, status, times.startedAt));
  else if (exitCode === 0) lines.push(`${finishedAt} stopped`);
  else lines.push(`${finishedAt} FATAL: cannot start: the configuration is not valid`);
  const kept = lines.slice(Math.max(lines.length - tailLines, 0));
  return kept.map((line) => `${line}\n`).join("");
}

/** The run that `kubectl logs` shows: the present one, or the last that ended while the next one waits. */
function latestRun(status: ContainerStatus | undefined): ContainerState | undefined {
  return status?.state.waiting ? status.lastState : status?.state;
}

function startLines(pod: AnyObject, status: ContainerStatus, time: string): string[] {
  const fault = containerFault(pod, status);
  if (fault === "crash-loop") return [];
  if (fault === "never-ready") return [`${time} WARN: waiting for the other members; not serving yet`];
  return [`${time} ready to serve`];
}

function noLogs(
  { metadata }: AnyObject,
  name: string,
  status: ContainerStatus | undefined,
  previous: boolean,
): ApiError {
  const reason = status?.state.waiting?.reason ?? "ContainerCreating";
  const message = previous
    ? `previous terminated container "${name}" in pod "${metadata.name}" not found`
    : `container "${name}" in pod "${metadata.name}" is waiting to start: ${reason}`;
  return new ApiError({ code: 400, reason: "BadRequest", message });
}
