import { meets, selects, type Requirement } from "../kinds/label-selector.js";
import type { AnyObject } from "../port.js";

/** What stands against a node, in the scheduler's words. */
export interface Misfit {
  reasons: string[];
  /** True where removing other pods could help, which decides on what is said of preemption. */
  preemptible: boolean;
}

function unresolvable(reason: string): Misfit {
  return { reasons: [reason], preemptible: false };
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

/** What the node lifecycle controller puts on a node that is cordoned. */
export const cordoned: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  /** Of the effect NoExecute: how long; for good when it is left out. */
  tolerationSeconds?: number;
}

/** A cordoned node takes pods that tolerate the taint which it is given for it. */
export function isOpen(pod: AnyObject, { spec }: AnyObject): Misfit | undefined {
  const closed = spec?.unschedulable && !tolerationOf(pod, cordoned);
  return closed ? unresolvable("node(s) were unschedulable") : undefined;
}

export function isTolerated(pod: AnyObject, node: AnyObject): Misfit | undefined {
  const taints = taintsOf(node).filter(({ effect }) => effect !== "PreferNoSchedule");
  const tolerated = taints.every((taint) => tolerationOf(pod, taint));
  return tolerated ? undefined : unresolvable("node(s) had untolerated taint(s)");
}

export function taintsOf({ spec }: AnyObject): Taint[] {
  return spec?.taints ?? [];
}

/** The first of a pod's tolerations that tolerates a taint. */
export function tolerationOf({ spec }: AnyObject, taint: Taint): Toleration | undefined {
  return ((spec.tolerations ?? []) as Toleration[]).find((toleration) => tolerates(toleration, taint));
}

function tolerates({ key, operator = "Equal", value = "", effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === "Exists" || (key !== undefined && value === (taint.value ?? ""));
}

export function isChosen({ spec }: AnyObject, node: AnyObject): Misfit | undefined {
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const chosen =
    selects({ matchLabels: spec.nodeSelector }, node.metadata.labels) && matchesTerms(terms, node);
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
    return meets(metadata.labels ?? {}, matchExpressions) && meets(fields, matchFields);
  });
}
