import type { AnyObject } from "../port.js";
import { type Misfit, type Requirement, meets } from "./requirements.js";

/** A node and the pods that hold room on it. */
export interface Room {
  node: AnyObject;
  pods: readonly AnyObject[];
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
}

interface Term {
  topologyKey: string;
  labelSelector?: Selector;
  namespaces?: string[];
  namespaceSelector?: Selector;
}

interface Constraint {
  topologyKey: string;
  labelSelector?: Selector;
  maxSkew: number;
  whenUnsatisfiable: string;
}

/** What pods say of the company they want, in the scheduler's order and words. Topologies are of the nodes' labels. */
export function misfitTogether(pod: AnyObject, node: AnyObject, rooms: readonly Room[]): Misfit | undefined {
  return isSpread(pod, node, rooms) ?? isWithOthers(pod, node, rooms) ?? isLeftAlone(pod, node, rooms);
}

function against(reason: string, preemptible: boolean): Misfit {
  return { reasons: [`node(s) didn't ${reason}`], preemptible };
}

function isSpread(pod: AnyObject, node: AnyObject, rooms: readonly Room[]): Misfit | undefined {
  const constraints = ((pod["spec"].topologySpreadConstraints ?? []) as Constraint[]).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
  );
  for (const { topologyKey, labelSelector, maxSkew } of constraints) {
    const here = labelOf(node, topologyKey);
    const unmatched = "match pod topology spread constraints";
    if (here === undefined) return against(`${unmatched} (missing required label)`, false);
    const counts = new Map<string, number>();
    for (const room of rooms) {
      const domain = labelOf(room.node, topologyKey);
      if (domain === undefined) continue;
      const alike = room.pods.filter((other) => isNear(pod, other) && selects(labelSelector, other)).length;
      counts.set(domain, (counts.get(domain) ?? 0) + alike);
    }
    const itself = selects(labelSelector, pod) ? 1 : 0;
    if ((counts.get(here) ?? 0) + itself - Math.min(...counts.values()) > maxSkew)
      return against(unmatched, true);
  }
  return undefined;
}

function isWithOthers(pod: AnyObject, node: AnyObject, rooms: readonly Room[]): Misfit | undefined {
  const terms = required(pod, "podAffinity");
  const everywhere = rooms.flatMap(({ pods }) => pods);
  const isFirst = () =>
    terms.every((term) => matches(term, pod, pod)) &&
    !everywhere.some((other) => terms.every((term) => matches(term, pod, other)));
  const isMet = (term: Term) =>
    around(node, term.topologyKey, rooms).some((other) => terms.every((each) => matches(each, pod, other)));
  if (terms.every(isMet)) return undefined;
  const labelled = terms.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined);
  return labelled && isFirst() ? undefined : against("match pod affinity rules", false);
}

function isLeftAlone(pod: AnyObject, node: AnyObject, rooms: readonly Room[]): Misfit | undefined {
  const crowded = required(pod, "podAntiAffinity").some((term) =>
    around(node, term.topologyKey, rooms).some((other) => matches(term, pod, other)),
  );
  if (crowded) return against("match pod anti-affinity rules", true);
  const unwanted = rooms.some((room) =>
    room.pods.some((other) =>
      required(other, "podAntiAffinity").some(
        (term) => isSameDomain(node, room.node, term.topologyKey) && matches(term, other, pod),
      ),
    ),
  );
  return unwanted ? against("satisfy existing pods anti-affinity rules", true) : undefined;
}

function required({ spec }: AnyObject, which: "podAffinity" | "podAntiAffinity"): Term[] {
  return spec.affinity?.[which]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** The pods on all nodes of a node's topology. */
function around(node: AnyObject, topologyKey: string, rooms: readonly Room[]): AnyObject[] {
  return rooms
    .filter((room) => isSameDomain(node, room.node, topologyKey))
    .flatMap(({ pods }) => pods as AnyObject[]);
}

function isSameDomain(one: AnyObject, other: AnyObject, topologyKey: string): boolean {
  const domain = labelOf(one, topologyKey);
  return domain !== undefined && domain === labelOf(other, topologyKey);
}

function labelOf({ metadata }: AnyObject, key: string): string | undefined {
  return metadata.labels?.[key];
}

/** Whether a pod's term is about another pod: of its own namespace, unless the term names others. */
function matches(
  { namespaces = [], namespaceSelector, labelSelector }: Term,
  owner: AnyObject,
  other: AnyObject,
): boolean {
  const everywhere = namespaceSelector !== undefined && Object.keys(namespaceSelector).length === 0;
  const listed = namespaces.length > 0 ? namespaces : [owner.metadata.namespace];
  return (everywhere || listed.includes(other.metadata.namespace)) && selects(labelSelector, other);
}

/** Pods that are going are not counted where pods are spread. */
function isNear(pod: AnyObject, { metadata }: AnyObject): boolean {
  return metadata.namespace === pod.metadata.namespace && metadata.deletionTimestamp === undefined;
}

/** No selector selects nothing, an empty one everything. */
function selects(selector: Selector | undefined, { metadata }: AnyObject): boolean {
  const labels = metadata.labels ?? {};
  return (
    selector !== undefined &&
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    meets(selector.matchExpressions ?? [], labels)
  );
}
