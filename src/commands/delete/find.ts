import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";

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
    try {
      found.sets.push(await cluster.get(kinds.statefulSet, { namespace, name }));
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
      found.missing.push(name);
    }
  }
  return found;
}
