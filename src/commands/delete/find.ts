import type { Cluster } from "../../cluster/index.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { getIfThere } from "../shared/optional.js";

/** Sets to delete, and names whose set is gone already but whose claims may be left of an earlier run. */
export interface Found {
  sets: StatefulSet[];
  missing: string[];
}

export async function findSets(
  cluster: Cluster,
  namespace: string | undefined,
  names: readonly string[],
): Promise<Found> {
  const found: Found = { sets: [], missing: [] };
  for (const name of names) {
    const set = await getIfThere(cluster, kinds.statefulSet, { namespace, name });
    if (set) found.sets.push(set);
    else found.missing.push(name);
  }
  return found;
}
