import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { claimFacts } from "../../../core/claims/facts.js";
import { ownedClaims } from "../../../core/claims/owned.js";
import { retentionOf } from "../../../core/claims/retention.js";
import { kinds } from "../../../core/kinds.js";
import type { Pod, StatefulSet } from "../../../core/model.js";
import type { RetentionView } from "../../../view/claims/retention.js";
import { readPods } from "../../shared/read-pods.js";
import { readPolicies } from "../read.js";

/** A set, its pods, and its claims under the policy that it has. */
export interface Retained {
  set: StatefulSet;
  pods: readonly Pod[];
  view: RetentionView;
}

export async function readRetained(context: Context, cluster: Cluster, name: string): Promise<Retained> {
  const set = await cluster.get(kinds.statefulSet, { name });
  const { namespace = cluster.namespace } = set.metadata;
  const [pods, { items }, policies] = await Promise.all([
    readPods(cluster, set),
    cluster.list(kinds.claim, { namespace }, claimFacts),
    readPolicies(context, cluster),
  ]);
  const podNames = new Set(pods.map(({ metadata }) => metadata.name));
  const claims = ownedClaims(set, items, (pod) => podNames.has(pod));
  const now = retentionOf(set);
  return { set, pods, view: { namespace, name, now, next: now, claims, policies } };
}
