import { type Labels, type LabelSelector, selects } from "../kinds/label-selector.js";
import type { AnyObject } from "../port.js";
import { isChosen, isTolerated, type Misfit } from "./node-choice.js";

/** A node and the pods that hold room on it. */
export interface Room {
  node: AnyObject;
  pods: readonly AnyObject[];
}

/** What else there is in the cluster where pods have a say in each other's places. */
export interface Company {
  rooms: readonly Room[];
  /** The labels of a namespace. */
  labelsOf: (namespace: string) => Labels;
}

interface Term {
  topologyKey: string;
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
}

interface Constraint {
  topologyKey: string;
  labelSelector?: LabelSelector;
  maxSkew: number;
  minDomains?: number;
  nodeAffinityPolicy?: "Honor" | "Ignore";
  nodeTaintsPolicy?: "Honor" | "Ignore";
  whenUnsatisfiable: string;
}

/** What pods say of the company they want, in the scheduler's order and words. Topologies are of the nodes' labels. */
export function misfitTogether(pod: AnyObject, node: AnyObject, company: Company): Misfit | undefined {
  return isSpread(pod, node, company) ?? isWithOthers(pod, node, company) ?? isLeftAlone(pod, node, company);
}

function against(reason: string, preemptible: boolean): Misfit {
  return { reasons: [`node(s) didn't ${reason}`], preemptible };
}

function isSpread(pod: AnyObject, node: AnyObject, { rooms }: Company): Misfit | undefined {
  const constraints = ((pod["spec"].topologySpreadConstraints ?? []) as Constraint[]).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
  );
  const labelled = rooms.filter((room) =>
    constraints.every(({ topologyKey }) => labelOf(room.node, topologyKey) !== undefined),
  );
  for (const constraint of constraints) {
    const { topologyKey, labelSelector, maxSkew, minDomains = 1 } = constraint;
    const here = labelOf(node, topologyKey);
    const unmatched = "match pod topology spread constraints";
    if (here === undefined) return against(`${unmatched} (missing required label)`, false);
    const counts = new Map<string, number>();
    for (const room of labelled.filter(({ node: other }) => isEligible(pod, other, constraint))) {
      const domain = labelOf(room.node, topologyKey) ?? "";
      const alike = room.pods.filter(
        (other) => isNear(pod, other) && isSelected(labelSelector, other),
      ).length;
      counts.set(domain, (counts.get(domain) ?? 0) + alike);
    }
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    const itself = isSelected(labelSelector, pod) ? 1 : 0;
    if ((counts.get(here) ?? 0) + itself - least > maxSkew) return against(unmatched, true);
  }
  return undefined;
}

/** Whether a node counts where pods are spread: the policies say whether those count that could not take the pod. */
function isEligible(pod: AnyObject, node: AnyObject, constraint: Constraint): boolean {
  const { nodeAffinityPolicy = "Honor", nodeTaintsPolicy = "Ignore" } = constraint;
  if (nodeAffinityPolicy === "Honor" && isChosen(pod, node)) return false;
  return nodeTaintsPolicy === "Ignore" || !isTolerated(pod, node);
}

function isWithOthers(pod: AnyObject, node: AnyObject, company: Company): Misfit | undefined {
  const terms = required(pod, "podAffinity");
  const isWanted = (other: AnyObject) => terms.every((term) => isAbout(term, pod, other, company));
  if (terms.every(({ topologyKey }) => around(node, topologyKey, company).some(isWanted))) return undefined;
  const labelled = terms.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined);
  const isFirst = () => isWanted(pod) && !company.rooms.some(({ pods }) => pods.some(isWanted));
  return labelled && isFirst() ? undefined : against("match pod affinity rules", false);
}

function isLeftAlone(pod: AnyObject, node: AnyObject, company: Company): Misfit | undefined {
  const crowded = required(pod, "podAntiAffinity").some((term) =>
    around(node, term.topologyKey, company).some((other) => isAbout(term, pod, other, company)),
  );
  if (crowded) return against("match pod anti-affinity rules", true);
  const unwanted = company.rooms.some((room) =>
    room.pods.some((other) =>
      required(other, "podAntiAffinity").some(
        (term) => isSameDomain(node, room.node, term.topologyKey) && isAbout(term, other, pod, company),
      ),
    ),
  );
  return unwanted ? against("satisfy existing pods anti-affinity rules", true) : undefined;
}

function required({ spec }: AnyObject, which: "podAffinity" | "podAntiAffinity"): Term[] {
  return spec.affinity?.[which]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** The pods on all nodes of a node's topology. */
function around(node: AnyObject, topologyKey: string, { rooms }: Company): AnyObject[] {
  return rooms
    .filter((room) => isSameDomain(node, room.node, topologyKey))
    .flatMap(({ pods }) => pods as AnyObject[]);
}

function isSameDomain(one: AnyObject, other: AnyObject, topologyKey: string): boolean {
  const domain = labelOf(one, topologyKey);
  return domain !== undefined && domain === labelOf(other, topologyKey);
}

function labelOf({ metadata }: AnyObject, key: string): string | undefined {
  return Object.hasOwn(metadata.labels ?? {}, key) ? metadata.labels?.[key] : undefined;
}

/** Whether a pod's term is about another pod: of its own namespace, unless the term names or selects others. */
function isAbout(
  { namespaces = [], namespaceSelector, labelSelector }: Term,
  owner: AnyObject,
  other: AnyObject,
  { labelsOf }: Company,
): boolean {
  const { namespace = "" } = other.metadata;
  const own = namespaces.length === 0 && namespaceSelector === undefined;
  const named = own ? namespace === owner.metadata.namespace : namespaces.includes(namespace);
  return (named || selects(namespaceSelector, labelsOf(namespace))) && isSelected(labelSelector, other);
}

/** Pods that are going are not counted where pods are spread. */
function isNear(pod: AnyObject, { metadata }: AnyObject): boolean {
  return metadata.namespace === pod.metadata.namespace && metadata.deletionTimestamp === undefined;
}

function isSelected(selector: LabelSelector | undefined, { metadata }: AnyObject): boolean {
  return selects(selector, metadata.labels);
}
