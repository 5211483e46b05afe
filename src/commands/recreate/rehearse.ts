import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import { kinds } from "../../core/kinds.js";
import type { Manifest } from "../../core/model.js";

/**
 * Lets the server check and admit a set that is to be created, before the one that has its name is deleted: nothing is
 * stored, and the answer of a server that finds nothing wrong is that the name is taken. Throws its refusal.
 */
export async function rehearse(cluster: Cluster, wanted: Manifest): Promise<void> {
  try {
    await cluster.create(kinds.statefulSet, wanted, { dryRun: true });
  } catch (error) {
    if (!isApiError(error, "AlreadyExists") && !isPassing(error)) throw error;
  }
}

/** What will be otherwise once the old set is gone, or says nothing about the new one: a quota, a webhook that knows no dry run. */
function isPassing(error: unknown): boolean {
  return isApiError(error) && /exceeded quota|does not support dry run/.test(error.message);
}
