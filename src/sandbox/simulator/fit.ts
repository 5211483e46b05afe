import { parseQuantity } from "../kinds/quantity.js";
import type { AnyObject } from "../port.js";
import { meets, type Misfit, type Requirement } from "./requirements.js";
import { misfitTogether, type Room } from "./together.js";

type Check = (pod: AnyObject, node: AnyObject, neighbours: readonly AnyObject[]) => Misfit | undefined;

/** The filters of the scheduler that are simulated, in its order: the first that fails speaks for the node. */
const checks: readonly Check[] = [isOpen, isTolerated, isChosen, hasPorts, hasRoom];

/**
 * Why a pod cannot run on a node, or undefined when it can.
 *
 * @param neighbours the pods on that node
 * @param rooms all nodes with their pods, where these have a say
 */
export function misfit(
  pod: AnyObject,
  node: AnyObject,
  neighbours: readonly AnyObject[],
  rooms: readonly Room[] = [{ node, pods: neighbours }],
): Misfit | undefined {
  for (const check of checks) {
    const found = check(pod, node, neighbours);
    if (found) return found;
  }
  return misfitTogether(pod, node, rooms);
}

function unresolvable(reason: string): Misfit {
  return { reasons: [reason], preemptible: false };
}

function isOpen(_: AnyObject, { spec }: AnyObject): Misfit | undefined {
  return spec?.unschedulable ? unresolvable("node(s) were unschedulable") : undefined;
}

interface Taint {
  key: string;
  value?: string;
  effect: string;
}

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

function isTolerated(pod: AnyObject, node: AnyObject): Misfit | undefined {
  const taints = ((node["spec"]?.taints ?? []) as Taint[]).filter(
    ({ effect }) => effect !== "PreferNoSchedule",
  );
  const tolerations = (pod["spec"].tolerations ?? []) as Toleration[];
  const tolerated = taints.every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));
  return tolerated ? undefined : unresolvable("node(s) had untolerated taint(s)");
}

function tolerates({ key, operator = "Equal", value = "", effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === "Exists" || (key !== undefined && value === (taint.value ?? ""));
}

function isChosen({ spec }: AnyObject, node: AnyObject): Misfit | undefined {
  const { labels = {} } = node.metadata;
  const selector = Object.entries((spec.nodeSelector ?? {}) as Record<string, string>);
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const chosen = selector.every(([key, value]) => labels[key] === value) && matchesTerms(terms, node);
  return chosen ? undefined : unresolvable("node(s) didn't match Pod's node affinity/selector");
}

interface Term {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

/** Whether one of a node selector's terms selects the node; no terms at all select every node. */
export function matchesTerms(terms: readonly Term[] | undefined, { metadata }: AnyObject): boolean {
  if (!terms) return true;
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    const fields = { "metadata.name": metadata.name };
    return meets(matchExpressions, metadata.labels ?? {}) && meets(matchFields, fields);
  });
}

function hasRoom(pod: AnyObject, node: AnyObject, neighbours: readonly AnyObject[]): Misfit | undefined {
  const present = neighbours.filter(({ status }) => !isDone(status));
  const allocatable = (node["status"]?.allocatable ?? {}) as Record<string, string>;
  const reasons: string[] = [];
  let preemptible = true;
  if (present.length + 1 > Number(allocatable["pods"] ?? 110)) reasons.push("Too many pods");
  for (const [resource, wanted] of requests(pod)) {
    if (wanted === 0n) continue;
    const used = present.reduce((sum, other) => sum + (requests(other).get(resource) ?? 0n), 0n);
    const there = nanos(allocatable[resource]);
    if (used + wanted > there) reasons.push(`Insufficient ${resource}`);
    if (wanted > there) preemptible = false;
  }
  return reasons.length > 0 ? { reasons, preemptible } : undefined;
}

export function isDone(status: AnyObject["status"]): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function nanos(text: unknown): bigint {
  return parseQuantity(text ?? 0)?.nanos ?? 0n;
}

interface Container {
  resources?: { requests?: Record<string, string> };
  restartPolicy?: string;
  ports?: { hostPort?: number; protocol?: string }[];
}

/**
 * What a pod requests; the scheduler's order of resources. Its containers and sidecars run together, its init containers
 * one by one before: the larger of both counts (KEP-753).
 */
function requests({ spec }: AnyObject): Map<string, bigint> {
  const sums = new Map<string, bigint>([
    ["cpu", 0n],
    ["memory", 0n],
  ]);
  const before = new Map<string, bigint>();
  const sidecars = new Map<string, bigint>();
  for (const container of (spec.initContainers ?? []) as Container[]) {
    for (const [name, text] of wants(container)) {
      const together = (sidecars.get(name) ?? 0n) + nanos(text);
      if (container.restartPolicy === "Always") sidecars.set(name, together);
      if (together > (before.get(name) ?? 0n)) before.set(name, together);
    }
  }
  for (const [name, text] of (spec.containers as Container[]).flatMap(wants))
    sums.set(name, (sums.get(name) ?? 0n) + nanos(text));
  for (const [name, sum] of sidecars) sums.set(name, (sums.get(name) ?? 0n) + sum);
  for (const [name, most] of before) if (most > (sums.get(name) ?? 0n)) sums.set(name, most);
  return sums;
}

function wants({ resources }: Container): [string, string][] {
  return Object.entries(resources?.requests ?? {});
}

function hasPorts(pod: AnyObject, _: AnyObject, neighbours: readonly AnyObject[]): Misfit | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  const taken = neighbours.filter(({ status }) => !isDone(status)).flatMap(hostPorts);
  const reason = "node(s) didn't have free ports for the requested pod ports";
  return wanted.some((port) => taken.includes(port)) ? { reasons: [reason], preemptible: true } : undefined;
}

function hostPorts({ spec }: AnyObject): string[] {
  const ports = (spec.containers as Container[]).flatMap(({ ports: all = [] }) => all);
  return ports
    .filter(({ hostPort }) => hostPort)
    .map(({ hostPort, protocol = "TCP" }) => `${protocol} ${hostPort}`);
}
