import type { AnyObject } from "../port.js";
import { forbidden as refusal } from "../store/status.js";
import { setDefaults } from "./defaults.js";
import type { Admission } from "./kind.js";
import { compareQuantities } from "./quantity.js";
import type { Json } from "./schema.js";

/** What the API defaults on a pod but not on a pod template. */
export function podDefaults(pod: AnyObject): void {
  const spec: Json = pod.spec;
  setDefaults(spec, { enableServiceLinks: true });
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1;
  for (const container of containersOf(spec)) {
    const { limits } = container.resources ?? {};
    if (limits) container.resources.requests = { ...limits, ...container.resources.requests };
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
  syncPodIps(pod.status);
}

/** What admission adds to a new pod (ServiceAccount, Priority, DefaultTolerationSeconds), and its first status. */
export function podCreate(pod: AnyObject, admission: Pick<Admission, "now">): void {
  const spec: Json = pod.spec;
  setDefaults(spec, { serviceAccountName: "default" });
  setDefaults(spec, { serviceAccount: spec.serviceAccountName });
  admitPriority(pod);
  tolerateLostNodes(spec);
  pod.status = { phase: "Pending", qosClass: qosClass(spec) };
  if (spec.schedulingGates?.length > 0) pod.status.conditions = [gated(admission.now())];
}

/** No scheduler says it of a pod with scheduling gates; the API does. */
function gated(lastTransitionTime: string): object {
  const message = "Scheduling is blocked due to non-empty scheduling gates";
  const reason = "SchedulingGated";
  return { type: "PodScheduled", status: "False", lastProbeTime: null, lastTransitionTime, reason, message };
}

/** The classes that every cluster has. The sandbox has no others: it serves no PriorityClasses. */
const priorities: ReadonlyMap<string, number> = new Map([
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);
const preemption = "PreemptLowerPriority";

/** Admission plugin Priority: a pod's priority is that of its class, and nothing else. */
function admitPriority({ metadata, spec }: AnyObject): void {
  const refuse = (why: string) => refusal({ group: "", resource: "pods" }, metadata.name ?? "", why);
  const name: string = spec.priorityClassName ?? "";
  const priority = name === "" ? 0 : priorities.get(name);
  if (priority === undefined) throw refuse(`no PriorityClass with name ${name} was found`);
  const computed = (is: string | number) =>
    `must not be provided in pod spec; priority admission controller computed ${is} from the given PriorityClass name`;
  if (spec.priority !== undefined && spec.priority !== priority)
    throw refuse(`the integer value of priority (${spec.priority}) ${computed(priority)}`);
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemption)
    throw refuse(`the string value of PreemptionPolicy (${spec.preemptionPolicy}) ${computed(preemption)}`);
  spec.priority = priority;
  spec.preemptionPolicy = preemption;
}

export function podStatusUpdate(pod: AnyObject, old: AnyObject): void {
  pod.status.qosClass ??= old.status?.qosClass;
  syncPodIps(pod.status);
}

function syncPodIps(status: Json): void {
  if (status?.podIP) {
    if (status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  } else if (status?.podIPs?.[0]) status.podIP = status.podIPs[0].ip;
}

const fiveMinutes = 300;

/** Five minutes on a node that is not ready or unreachable, unless the pod says something of them itself. */
export function tolerateLostNodes(spec: Json): void {
  for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
    const tolerations: Json[] = spec.tolerations ?? [];
    const tolerated = tolerations.some(
      (one) => (one.key === key || !one.key) && (one.effect === "NoExecute" || !one.effect),
    );
    if (!tolerated)
      spec.tolerations = [
        ...tolerations,
        { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: fiveMinutes },
      ];
  }
}

export function containersOf(spec: Json): Json[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}

/** `Guaranteed`, `Burstable` or `BestEffort`, from the requests and limits of CPU and memory. */
export function qosClass(spec: Json): string {
  const counted = ["cpu", "memory"];
  const all = containersOf(spec).map(({ resources = {} }) => resources);
  const asks = (list: Json | undefined): string[] =>
    counted.filter((name) => compareQuantities(list?.[name] ?? "0", "0") > 0);
  if (all.every(({ requests, limits }) => asks(requests).length + asks(limits).length === 0))
    return "BestEffort";
  const guaranteed = all.every(({ requests, limits }) =>
    counted.every(
      (name) => limits?.[name] && compareQuantities(requests?.[name] ?? limits[name], limits[name]) === 0,
    ),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

/** The fields of a pod that a field selector may name. */
export function podFields({ spec, status }: AnyObject): Record<string, string> {
  return {
    "spec.nodeName": spec?.nodeName ?? "",
    "spec.restartPolicy": spec?.restartPolicy ?? "",
    "spec.schedulerName": spec?.schedulerName ?? "",
    "spec.serviceAccountName": spec?.serviceAccountName ?? "",
    "spec.hostNetwork": String(spec?.hostNetwork ?? false),
    "status.phase": status?.phase ?? "",
    "status.podIP": status?.podIP ?? "",
    "status.nominatedNodeName": status?.nominatedNodeName ?? "",
  };
}
