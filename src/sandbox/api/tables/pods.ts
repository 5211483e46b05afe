import { hasEnded } from "../../kinds/pod-phase.js";
import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, since, wide, type Column } from "./column.js";

/** What the columns of pods read of a container's status (`v1.ContainerStatus`). */
interface ContainerStatus {
  name: string;
  ready?: boolean;
  started?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

interface ContainerState {
  waiting?: { reason?: string };
  running?: object;
  terminated?: { exitCode?: number; signal?: number; reason?: string; finishedAt?: string };
}

interface Summary {
  ready: string;
  status: string;
  restarts: number;
  /** When the last one ended that was restarted; empty for none. */
  restarted: string;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  column("Ready", (pod) => summary(pod).ready),
  column("Status", (pod) => summary(pod).status),
  column("Restarts", (pod, { now }) => {
    const { restarts, restarted } = summary(pod);
    return restarts > 0 && restarted ? `${restarts} (${since(restarted, now)} ago)` : String(restarts);
  }),
  ageColumn,
  column("IP", ({ status }) => status?.podIPs?.[0]?.ip || "<none>", wide),
  column("Node", ({ spec }) => spec?.nodeName || "<none>", wide),
  column("Nominated Node", ({ status }) => status?.nominatedNodeName || "<none>", wide),
  column("Readiness Gates", readinessGates, wide),
];

const conditions: Readonly<Record<string, string>> = {
  Succeeded: "The pod has completed successfully.",
  Failed: "The pod failed.",
};

/** What a row of a pod that is over says of itself. */
export function rowConditions({ status }: AnyObject): object[] | undefined {
  const phase: string = status?.phase ?? "";
  const message = Object.hasOwn(conditions, phase) ? conditions[phase] : undefined;
  return message ? [{ type: "Completed", status: "True", reason: status.phase, message }] : undefined;
}

function readinessGates({ spec, status }: AnyObject): string {
  const gates: { conditionType: string }[] = spec?.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  return `${gates.filter(({ conditionType }) => isTrue(status, conditionType)).length}/${gates.length}`;
}

function isTrue(status: AnyObject["status"], type: string): boolean {
  const known: { type: string; status: string }[] = status?.conditions ?? [];
  return known.find((condition) => condition.type === type)?.status === "True";
}

/** The pod in a word, as `kubectl get pods` has it: its phase, or what keeps its containers from running. */
function summary(pod: AnyObject): Summary {
  const { spec, status } = pod;
  const init = initSummary(pod);
  const over = !init.reason || isTrue(status, "Initialized");
  const main = mainSummary(status);
  const sidecars = (spec?.initContainers ?? []).filter(isSidecar).length;
  const total = (spec?.containers ?? []).length + sidecars;
  const ready = init.ready + (over ? main.ready : 0);
  const own = over ? (main.reason ?? init.reason ?? phaseOf(status)) : (init.reason ?? "");
  return {
    ready: `${ready}/${total}`,
    status: deleted(pod) ?? settled(own, main, status),
    ...restartsOf(over ? [...init.sidecars, ...main.containers] : init.containers),
  };
}

function phaseOf(status: AnyObject["status"]): string {
  const known: { type: string; reason?: string }[] = status?.conditions ?? [];
  const gated = known.some(({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated");
  return gated ? "SchedulingGated" : status?.reason || status?.phase || "";
}

function deleted(pod: AnyObject): string | undefined {
  if (!pod.metadata.deletionTimestamp) return undefined;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  return hasEnded(pod) ? undefined : "Terminating";
}

const isSidecar = ({ restartPolicy }: { restartPolicy?: string }) => restartPolicy === "Always";

/** Counts init containers up to the first that is at work; `reason` says why that one is not done. */
function initSummary({ spec, status }: AnyObject) {
  const specs: { name: string; restartPolicy?: string }[] = spec?.initContainers ?? [];
  const all: ContainerStatus[] = status?.initContainerStatuses ?? [];
  const sidecarNames = specs.filter(isSidecar).map(({ name }) => name);
  const isStarted = (one: ContainerStatus) => sidecarNames.includes(one.name) && one.started === true;
  const isDone = (one: ContainerStatus) =>
    (one.state?.terminated && !one.state.terminated.exitCode) || isStarted(one);
  const at = all.findIndex((one) => !isDone(one));
  const containers = at < 0 ? all : all.slice(0, at + 1);
  const current = all[at];
  return {
    containers,
    sidecars: containers.filter(({ name }) => sidecarNames.includes(name)),
    ready: containers.filter((one) => one !== current && !one.state?.terminated && one.ready).length,
    reason: current && `Init:${initReason(current.state ?? {}) ?? `${at}/${specs.length}`}`,
  };
}

function initReason({ waiting, terminated }: ContainerState): string | undefined {
  if (terminated) return endOf(terminated);
  return waiting?.reason === "PodInitializing" ? undefined : waiting?.reason || undefined;
}

function endOf({ reason, signal, exitCode = 0 }: NonNullable<ContainerState["terminated"]>): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

/** Of the containers themselves; the first that has something to say gives the reason. */
function mainSummary(status: AnyObject["status"]) {
  const containers: ContainerStatus[] = status?.containerStatuses ?? [];
  const reasons = containers.map(({ state }) =>
    state?.waiting?.reason ? state.waiting.reason : state?.terminated && endOf(state.terminated),
  );
  const failed = containers.findIndex(({ state }) => !state?.waiting?.reason && state?.terminated?.exitCode);
  return {
    containers,
    reason: reasons.find((reason) => reason),
    error: reasons[failed],
    ready: containers.filter(
      ({ ready, state }) => ready && state?.running && !state.waiting?.reason && !state.terminated,
    ).length,
  };
}

/** A pod of which one container is done is not done itself. */
function settled(reason: string, main: ReturnType<typeof mainSummary>, status: AnyObject["status"]): string {
  if (reason !== "Completed") return reason;
  if (main.ready > 0 && isTrue(status, "Ready")) return "Running";
  return main.error ?? (main.ready > 0 ? "NotReady" : reason);
}

function restartsOf(containers: readonly ContainerStatus[]): Pick<Summary, "restarts" | "restarted"> {
  const ends = containers.map(({ lastState }) => lastState?.terminated?.finishedAt ?? "");
  return {
    restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    restarted: ends.reduce((latest, end) => (end > latest ? end : latest), ""),
  };
}
