import { parseQuantity } from "../kinds/quantity.js";
import type { AnyObject } from "../port.js";

/** What stands against a node, in the scheduler's words. */
export interface Misfit {
  reasons: string[];
  /** True where removing other pods could help, which decides on what is said of preemption. */
  preemptible: boolean;
}

type Check = (pod: AnyObject, node: AnyObject, neighbours: readonly AnyObject[]) => Misfit | undefined;

/** The filters of the scheduler that are simulated, in its order: the first that fails speaks for the node. */
const checks: readonly Check[] = [isOpen, isTolerated, isChosen, hasRoom, isApart];

/**
 * Why a pod cannot run on a node, or undefined when it can.
 *
 * @param neighbours the pods on that node
 */
export function misfit(
  pod: AnyObject,
  node: AnyObject,
  neighbours: readonly AnyObject[],
): Misfit | undefined {
  for (const check of checks) {
    const found = check(pod, node, neighbours);
    if (found) return found;
  }
  return undefined;
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

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
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

function meets(requirements: readonly Requirement[], labels: Record<string, string>): boolean {
  return requirements.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === "Exists") return value !== undefined;
    if (operator === "DoesNotExist") return value === undefined;
    if (operator === "Gt") return Number(value) > Number(values[0]);
    if (operator === "Lt") return Number(value) < Number(values[0]);
    const listed = value !== undefined && values.includes(value);
    return operator === "In" ? listed : !listed;
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

function isDone(status: AnyObject["status"]): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function nanos(text: unknown): bigint {
  return parseQuantity(text ?? 0)?.nanos ?? 0n;
}

/** The sum of what a pod's containers request; the scheduler's order of resources. */
function requests({ spec }: AnyObject): Map<string, bigint> {
  const sums = new Map<string, bigint>([
    ["cpu", 0n],
    ["memory", 0n],
  ]);
  for (const { resources } of spec.containers as { resources?: { requests?: Record<string, string> } }[]) {
    for (const [name, text] of Object.entries(resources?.requests ?? {})) {
      sums.set(name, (sums.get(name) ?? 0n) + nanos(text));
    }
  }
  return sums;
}

interface AntiAffinity {
  topologyKey: string;
  labelSelector?: { matchLabels?: Record<string, string>; matchExpressions?: Requirement[] };
}

function isApart(pod: AnyObject, _: AnyObject, neighbours: readonly AnyObject[]): Misfit | undefined {
  const terms = (pod["spec"].affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ??
    []) as AntiAffinity[];
  const { namespace } = pod.metadata;
  // Every simulated node is a topology of its own for the keys that matter: its host name.
  const crowded = terms.some(({ labelSelector }) =>
    neighbours.some(({ metadata }) => {
      if (metadata.namespace !== namespace) return false;
      const labels = metadata.labels ?? {};
      const exact = Object.entries(labelSelector?.matchLabels ?? {});
      return (
        exact.every(([key, value]) => labels[key] === value) &&
        meets(labelSelector?.matchExpressions ?? [], labels)
      );
    }),
  );
  return crowded
    ? { reasons: ["node(s) didn't match pod anti-affinity rules"], preemptible: true }
    : undefined;
}
