import type { Cluster } from "../../cluster/cluster.js";
import { kinds } from "../../core/kinds.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";

/** The pods that a set's selector selects; whose they are is decided where they are looked at. */
export async function readPods(cluster: Cluster, set: StatefulSet): Promise<Pod[]> {
  const labelSelector = formatSelector(requirementsOf(set.spec.selector));
  return (await cluster.list(kinds.pod, { namespace: set.metadata.namespace, labelSelector })).items;
}
