import type { KubeObject, StatefulSet } from "../model.js";
import { selects, type LabelSelector } from "../selector.js";

/**
 * Controllers that take over any pod without an owner which their selector selects, whatever its name: while a set is
 * away its pods have none, and would be counted, and deleted, as theirs. (A Deployment's ReplicaSets select by
 * `pod-template-hash` beside, which the pods of a set do not have.)
 */
export function takers(set: StatefulSet, controllers: readonly KubeObject[]): string[] {
  const { labels } = set.spec.template.metadata ?? {};
  return controllers
    .filter(({ spec }) => selects((spec as { selector?: LabelSelector } | undefined)?.selector, labels))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}
