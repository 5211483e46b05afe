import { parseQuantity } from "../kinds/quantity.js";
import type { AnyObject } from "../port.js";
import { isChosen, isOpen, isTolerated, type Misfit } from "./node-choice.js";
import { type Company, misfitTogether } from "./together.js";

type Check = (pod: AnyObject, node: AnyObject, neighbours: readonly AnyObject[]) => Misfit | undefined;

/** The filters of the scheduler that are simulated, in its order: the first that fails speaks for the node. */
const checks: readonly Check[] = [isOpen, isTolerated, isChosen, hasPorts, hasRoom];

/**
 * Why a pod cannot run on a node, or undefined when it can.
 *
 * @param neighbours the pods on that node that have not ended
 */
export function misfit(
  pod: AnyObject,
  node: AnyObject,
  neighbours: readonly AnyObject[],
  company: Company,
): Misfit | undefined {
  for (const check of checks) {
    const found = check(pod, node, neighbours);
    if (found) return found;
  }
  return misfitTogether(pod, node, company);
}

function hasRoom(pod: AnyObject, node: AnyObject, neighbours: readonly AnyObject[]): Misfit | undefined {
  const allocatable = (node["status"]?.allocatable ?? {}) as Record<string, string>;
  const reasons: string[] = [];
  let preemptible = true;
  if (neighbours.length + 1 > Number(allocatable["pods"] ?? 110)) reasons.push("Too many pods");
  for (const [resource, wanted] of requests(pod)) {
    if (wanted === 0n) continue;
    const used = neighbours.reduce((sum, other) => sum + (requests(other).get(resource) ?? 0n), 0n);
    const there = nanos(allocatable[resource]);
    if (used + wanted > there) reasons.push(`Insufficient ${resource}`);
    if (wanted > there) preemptible = false;
  }
  return reasons.length > 0 ? { reasons, preemptible } : undefined;
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
  const taken = neighbours.flatMap(hostPorts);
  const reason = "node(s) didn't have free ports for the requested pod ports";
  return wanted.some((port) => taken.includes(port)) ? { reasons: [reason], preemptible: true } : undefined;
}

function hostPorts({ spec }: AnyObject): string[] {
  const ports = (spec.containers as Container[]).flatMap(({ ports: all = [] }) => all);
  return ports
    .filter(({ hostPort }) => hostPort)
    .map(({ hostPort, protocol = "TCP" }) => `${protocol} ${hostPort}`);
}
