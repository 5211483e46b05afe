import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import {
  fromConfigMap,
  recordName,
  toConfigMap,
  type Interrupted,
  type Recreating,
} from "../../core/recreate/record.js";
import { ConflictError, RefusedError } from "../../errors.js";
import { getIfThere } from "../shared/optional.js";

/**
 * Writes the set as it was into a file of this machine, besides the ConfigMap: who loses the cluster's copy still has
 * it. Returns the path. Throws a RefusedError where no file can be written; nothing has been changed by then.
 */
export async function keepInFile(context: Context, set: StatefulSet): Promise<string> {
  const { namespace, name } = set.metadata;
  const file = statePath(context, set);
  try {
    await context.files.write(file, `${JSON.stringify(set, undefined, 2)}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RefusedError(`${namespace}/${name} cannot be saved in ${file} (${why}): ${needed}`);
  }
  return file;
}

const needed = "set XDG_STATE_HOME to a folder that can be written";

/**
 * Where a set is saved: below `$XDG_STATE_HOME`, or `~/.local/state` (XDG Base Directory Specification), with the start
 * of its UID, so that none takes the place of another's. Throws a RefusedError where neither is known.
 */
export function statePath({ env }: Pick<Context, "env">, { metadata }: StatefulSet): string {
  const { namespace = "", name, uid } = metadata;
  const state = env["XDG_STATE_HOME"] || (env["HOME"] && `${env["HOME"]}/.local/state`);
  if (!state) throw new RefusedError(`there is no folder to save ${namespace}/${name} in: ${needed}`);
  return `${state}/sts/recreate/${namespace}/${name}.${uid.slice(0, 8)}.json`;
}

/** Writes the ConfigMap; the first of two `sts` has it. Throws a ConflictError for the other. */
export async function keepInCluster(cluster: Cluster, recreating: Recreating): Promise<Interrupted> {
  const { namespace, name } = recreating.saved.metadata;
  try {
    const { metadata } = await cluster.create(kinds.configMap, toConfigMap(recreating));
    return { ...recreating, record: metadata };
  } catch (error) {
    if (!isApiError(error, "AlreadyExists")) throw error;
    throw new ConflictError(
      `ConfigMap ${recordName(name)} is in ${namespace} by now: somebody else is making ${name} anew`,
    );
  }
}

/** Writes what has changed of it. Throws a ConflictError where somebody else wrote it meanwhile. */
export async function rewrite(cluster: Cluster, changed: Interrupted): Promise<Interrupted> {
  const { namespace, name: set } = changed.saved.metadata;
  const { name, resourceVersion } = changed.record;
  const body = { metadata: { resourceVersion }, data: toConfigMap(changed)["data"] };
  try {
    const { metadata } = await cluster.patch(kinds.configMap, { namespace, name }, { type: "merge", body });
    return { ...changed, record: metadata };
  } catch (error) {
    if (!isApiError(error, "Conflict", "NotFound")) throw error;
    throw new ConflictError(`another sts went on with making ${namespace}/${set} anew meanwhile`);
  }
}

/** Takes the ConfigMap away; one that is gone, or somebody else's by now, is left alone. */
export async function forget(cluster: Cluster, { saved, record }: Interrupted): Promise<void> {
  const { namespace } = saved.metadata;
  try {
    await cluster.delete(kinds.configMap, { namespace, name: record.name }, { uid: record.uid });
  } catch (error) {
    if (!isApiError(error, "NotFound", "Conflict")) throw error;
  }
}

/**
 * The recreation of a set that was begun and not ended; the set itself may be gone. Throws a RefusedError where another
 * ConfigMap has the name of ours.
 */
export async function readRecord(
  cluster: Cluster,
  namespace: string,
  name: string,
): Promise<Interrupted | undefined> {
  const found = await getIfThere(cluster, kinds.configMap, { namespace, name: recordName(name) });
  const record = found && fromConfigMap(found);
  if (!found || record) return record;
  throw new RefusedError(
    `ConfigMap ${recordName(name)} is not as sts writes it, and is in the way: look at it and remove it`,
  );
}
