import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import { includes } from "../../core/apply/immutable.js";
import { kinds, type Kind } from "../../core/kinds.js";
import type { KubeObject, Manifest, StatefulSet } from "../../core/model.js";
import { takers } from "../../core/recreate/overlap.js";
import { enumerate } from "../../core/words.js";
import { ConflictError, RefusedError } from "../../errors.js";

/** Sent for a rehearsal only; nothing of this name is ever stored. */
const stageName = "sts-rehearsal";

/**
 * Lets the server check and admit a set that is to be created, before the one that has its name is deleted; nothing is
 * stored. Throws what the server refuses it for, and a RefusedError where the server would make another pod template of
 * it than the one that its pods were made from: what admission adds, or a field that is behind a feature gate by now.
 */
export async function rehearse(cluster: Cluster, wanted: Manifest): Promise<void> {
  // What is found in order is answered by that the name is taken.
  await tried(cluster, wanted);
  const { namespace, name } = wanted.metadata;
  // Who may create and delete a set, and not patch it, would have to leave its guard on.
  try {
    await cluster.patch(
      kinds.statefulSet,
      { namespace, name },
      { type: "merge", body: {} },
      { dryRun: true },
    );
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
    throw new ConflictError(`${namespace}/${name} was deleted by somebody else meanwhile`);
  }
  const made = await tried(cluster, {
    ...wanted,
    metadata: { ...wanted.metadata, name: stageName },
  });
  const [before, after] = [templateOf(wanted), made && templateOf(made)];
  if (!after || (includes(before, after) && includes(after, before))) return;
  throw new RefusedError(
    `the API server would give ${namespace}/${name} another pod template than it has, so that all pods would be replaced: nothing was changed`,
  );
}

function templateOf(manifest: Manifest): unknown {
  return (manifest["spec"] as StatefulSet["spec"] | undefined)?.template;
}

async function tried(cluster: Cluster, manifest: Manifest): Promise<Manifest | undefined> {
  try {
    return (await cluster.create(kinds.statefulSet, manifest, { dryRun: true })) as unknown as Manifest;
  } catch (error) {
    if (isApiError(error, "AlreadyExists") || isPassing(error)) return undefined;
    // Admission may have rules about names, which are not broken by the one that counts.
    if (manifest.metadata.name === stageName && isApiError(error)) return undefined;
    throw error;
  }
}

/** What will be otherwise once the old set is gone, or says nothing about the new one: a quota, a webhook that knows no dry run. */
function isPassing(error: unknown): boolean {
  return isApiError(error) && /exceeded quota|does not support dry run/.test(error.message);
}

const adopters: readonly Kind[] = [
  { group: "apps", version: "v1", resource: "replicasets", kind: "ReplicaSet", namespaced: true },
  { group: "apps", version: "v1", resource: "daemonsets", kind: "DaemonSet", namespaced: true },
];

/** Throws a RefusedError where another controller would take the pods over while the set is away. */
export async function refuseWhereTaken(cluster: Cluster, set: StatefulSet): Promise<void> {
  const { namespace, name } = set.metadata;
  const lists = await Promise.all(adopters.map((kind) => listed(cluster, kind, namespace)));
  const found = takers(set, lists.flat());
  if (found.length === 0) return;
  throw new RefusedError(
    `${enumerate(found)} selects the pods of ${name}, too, and would take them over while the set is away: their selectors have to differ first`,
  );
}

/** Where they may not be read, or are not served, none is known. */
async function listed(cluster: Cluster, kind: Kind, namespace: string | undefined): Promise<KubeObject[]> {
  try {
    return (await cluster.list(kind, { namespace })).items;
  } catch (error) {
    if (isApiError(error, "Forbidden", "NotFound")) return [];
    throw error;
  }
}
