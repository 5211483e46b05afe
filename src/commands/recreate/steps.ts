import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { sameJson } from "../../core/equal.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { guarded, isGuarded, managersPatch, manifestOf, releasePatch } from "../../core/recreate/manifest.js";
import { isRemade, type Interrupted } from "../../core/recreate/record.js";
import { ConflictError } from "../../errors.js";
import { getIfThere } from "../shared/optional.js";
import { isUnanswered } from "../shared/try-again.js";
import { rewrite } from "./keep.js";

/** How often a delete is tried again because of a status write, and a create because of a server in trouble. */
const attempts = 10;

/** The set by name; undefined when there is none. */
export function readSet(
  cluster: Cluster,
  { metadata }: Pick<StatefulSet, "metadata">,
): Promise<StatefulSet | undefined> {
  return getIfThere(cluster, kinds.statefulSet, metadata);
}

/**
 * Deletes the set that was saved, and nothing else. Every status write moves its resourceVersion: what the decision
 * rested on is its spec; metadata that changed meanwhile is saved again, so that nothing of it is lost.
 */
export async function deleteSaved(
  cluster: Cluster,
  interrupted: Interrupted,
  found: StatefulSet,
): Promise<Interrupted> {
  let current = interrupted;
  let set = found;
  for (let attempt = 1; ; attempt += 1) {
    if (set.metadata.deletionTimestamp !== undefined) {
      // By an earlier run, whose deletion leaves the pods alone.
      const isOurs = attempt === 1 && !set.metadata.finalizers?.includes("foregroundDeletion");
      if (!isOurs) throw deletedBySomebody(set);
      return current;
    }
    refuseChanged(current, set);
    current = await saveMetadata(cluster, current, set);
    const { namespace, name, uid, resourceVersion } = set.metadata;
    try {
      await cluster.delete(
        kinds.statefulSet,
        { namespace, name },
        { uid, resourceVersion, propagation: "Orphan" },
      );
      return current;
    } catch (error) {
      if (isApiError(error, "NotFound")) throw deletedBySomebody(set);
      if (!isApiError(error, "Conflict") || attempt === attempts) throw error;
    }
    const again = await readSet(cluster, set);
    if (!again) throw deletedBySomebody(set);
    set = again;
  }
}

function deletedBySomebody({ metadata: { namespace, name } }: StatefulSet): ConflictError {
  return new ConflictError(`${namespace}/${name} was deleted by somebody else meanwhile`);
}

function refuseChanged({ saved }: Interrupted, set: StatefulSet): void {
  const { namespace, name, uid, generation } = saved.metadata;
  if (set.metadata.uid === uid && set.metadata.generation === generation) return;
  throw new ConflictError(
    `${namespace}/${name} was changed by somebody else meanwhile; look at it and try again`,
  );
}

/** Labels, annotations and the like may change under a decision about the spec; the new set gets them as they are. */
async function saveMetadata(
  cluster: Cluster,
  interrupted: Interrupted,
  set: StatefulSet,
): Promise<Interrupted> {
  const { saved, wanted } = interrupted;
  const { metadata } = manifestOf(set);
  if (sameJson(manifestOf(saved).metadata, metadata)) return interrupted;
  return rewrite(cluster, { ...interrupted, saved: set, wanted: { ...wanted, metadata } });
}

/** Creates the wanted set behind its guard; one that is there already is returned as it is. */
export async function create(
  context: Context,
  cluster: Cluster,
  { saved, wanted }: Interrupted,
): Promise<StatefulSet> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cluster.create(kinds.statefulSet, guarded(wanted, saved.metadata.uid));
    } catch (error) {
      if (isApiError(error, "AlreadyExists")) {
        const set = await readSet(cluster, saved);
        if (set) return set;
      } else if (attempt === attempts || !passes(error)) throw error;
      else await context.clock.sleep(Math.min(250 * 2 ** attempt, 5_000), context.signal);
    }
  }
}

/** A server in trouble, or a quota that still counts the set that is gone. */
function passes(error: unknown): boolean {
  if (isUnanswered(error)) return true;
  return isApiError(error) && (error.code === 429 || /exceeded quota/.test(error.message));
}

/** Whether the set that has the name now is the one that was wanted: made by us, or finished already. */
export function isWanted({ saved, wanted }: Interrupted, set: StatefulSet): boolean {
  return isGuarded(set, saved.metadata.uid) || isRemade(set, wanted);
}

/**
 * Takes the guard off: from here on the set is as it was wanted. What somebody changes meanwhile, such as replicas,
 * stays.
 */
export function release(
  cluster: Cluster,
  { saved, wanted }: Interrupted,
  set: StatefulSet,
): Promise<StatefulSet> {
  return patchWhile(cluster, set, (current) =>
    isGuarded(current, saved.metadata.uid) ? releasePatch(current, wanted) : undefined,
  );
}

/** Gives the fields of the set back to their managers; a server that does not take that is left with ours. */
export async function giveBackFields(
  cluster: Cluster,
  { saved }: Interrupted,
  set: StatefulSet,
): Promise<StatefulSet> {
  try {
    return await patchWhile(cluster, set, (current) => managersPatch(current, saved));
  } catch (error) {
    if (!isApiError(error, "Invalid", "BadRequest", "Forbidden")) throw error;
    return set;
  }
}

/** Patches a set as long as there is something to patch; a status write in between does not matter. */
async function patchWhile(
  cluster: Cluster,
  set: StatefulSet,
  patch: (set: StatefulSet) => object | undefined,
): Promise<StatefulSet> {
  let current = set;
  for (let attempt = 1; ; attempt += 1) {
    const body = patch(current);
    if (!body) return current;
    const { namespace, name, uid } = current.metadata;
    try {
      return await cluster.patch(kinds.statefulSet, { namespace, name }, { type: "merge", body });
    } catch (error) {
      if (!isApiError(error, "Conflict") || attempt === attempts) throw error;
    }
    const again = await readSet(cluster, current);
    if (again?.metadata.uid !== uid) throw deletedBySomebody(current);
    current = again;
  }
}
