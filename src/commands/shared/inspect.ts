import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import type { NamingFor } from "../../core/progress/naming.js";
import { takeSnapshot, type Snapshot } from "../../core/progress/snapshot.js";
import { judge, type Verdict } from "../../core/progress/verdict.js";
import { listIfAllowed } from "./optional.js";
import { readPods } from "./read-pods.js";

/** How a set is right now, and what that means. */
export interface Inspection {
  snapshot: Snapshot;
  verdict: Verdict;
}

/** Reads a set's pods, claims and events once and judges them, without waiting. */
export async function inspect(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  naming: NamingFor,
): Promise<Inspection> {
  const { namespace = cluster.namespace, name, uid } = set.metadata;
  const [pods, claims, events] = await Promise.all([
    readPods(cluster, set),
    listIfAllowed(context, cluster, kinds.claim, { namespace }, "the state of claims is not known"),
    listIfAllowed(context, cluster, kinds.event, { namespace }, "why a pod cannot be made is not known"),
  ]);
  const snapshot = takeSnapshot({
    ...{ namespace, name, uid, set, pods },
    claims: claims ?? [],
    events: events ?? [],
    now: context.clock.now(),
  });
  const verdict = judge(snapshot, {
    goal: { type: "settled" },
    naming: naming(namespace),
  });
  return { snapshot, verdict };
}
