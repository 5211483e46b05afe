import type { Cluster } from "../../cluster/cluster.js";
import { kinds } from "../../core/kinds.js";
import type { ControllerRevision, StatefulSet } from "../../core/model.js";
import { revisionsOf } from "../../core/rollout/revisions.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";

/** Reads the set's ControllerRevisions, lowest number first. */
export async function readRevisions(cluster: Cluster, set: StatefulSet): Promise<ControllerRevision[]> {
  const labelSelector = formatSelector(requirementsOf(set.spec.selector));
  const { namespace } = set.metadata;
  return revisionsOf(set, (await cluster.list(kinds.revision, { namespace, labelSelector })).items);
}
