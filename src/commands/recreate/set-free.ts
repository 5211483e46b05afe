import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import { kinds, type Kind } from "../../core/kinds.js";
import type { KubeObject, StatefulSet } from "../../core/model.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";
import { getIfThere } from "../shared/optional.js";

/**
 * Takes owner references to a set that is gone off whatever still has one. The garbage collector takes them off before
 * it lets the set go, but of what it knows of only: what was made, or came to be owned, just before would otherwise be
 * deleted by it now, a claim with its data among it.
 */
export async function setFree(cluster: Cluster, gone: StatefulSet): Promise<void> {
  const { namespace, uid } = gone.metadata;
  const labelSelector = formatSelector(requirementsOf(gone.spec.selector));
  const dependents: readonly Kind<unknown>[] = [kinds.pod, kinds.claim, kinds.revision];
  await Promise.all(
    dependents.map(async (kind) => {
      const { items } = await cluster.list(kind as Kind, { namespace, labelSelector });
      await Promise.all(
        items.filter((item) => isOwned(item, uid)).map((item) => disown(cluster, kind as Kind, item, uid)),
      );
    }),
  );
}

function isOwned({ metadata }: KubeObject, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
}

/** By a patch that fails rather than undo what somebody writes at the same time; then what it is by now is looked at. */
async function disown(cluster: Cluster, kind: Kind, found: KubeObject, uid: string): Promise<void> {
  let current: KubeObject | undefined = found;
  while (current && isOwned(current, uid) && current.metadata.deletionTimestamp === undefined) {
    const { resourceVersion } = current.metadata;
    const ownerReferences = current.metadata.ownerReferences?.filter((owner) => owner.uid !== uid);
    try {
      const body = { metadata: { resourceVersion, ownerReferences } };
      await cluster.patch(kind, found.metadata, { type: "merge", body });
      return;
    } catch (error) {
      if (isApiError(error, "NotFound")) return;
      if (!isApiError(error, "Conflict")) throw error;
    }
    current = await getIfThere(cluster, kind, found.metadata);
  }
}
