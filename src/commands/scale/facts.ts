import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import type { ScaleFacts } from "../../core/scaling.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";
import { listIfAllowed } from "../shared/optional.js";
import { readReturning } from "../shared/returning.js";
import type { ScaleOptions } from "./options.js";

/** Reads what a person should know before a set is scaled. With `fresh` nothing comes back. */
export async function readFacts(
  cluster: Cluster,
  context: Context,
  set: StatefulSet,
  { replicas, fresh }: Pick<ScaleOptions, "replicas" | "fresh">,
): Promise<ScaleFacts> {
  const { namespace } = set.metadata;
  // The controller puts the selector's labels on the claims it makes; its expressions cannot be.
  const matchLabels = set.spec.selector.matchLabels ?? {};
  const labelSelector = formatSelector(requirementsOf({ matchLabels }));
  const without = "whether one scales this set is not known";
  const [returning, autoscalers] = await Promise.all([
    fresh ? [] : readReturning(context, cluster, set, replicas, { namespace, labelSelector }),
    listIfAllowed(context, cluster, kinds.autoscaler, { namespace }, without),
  ]);
  const now = context.clock.now();
  return { returning, autoscalers: autoscalers ?? [], now, way: "--fresh starts empty" };
}

/** Who does not wait for the pods can do without seeing them. */
export function seePods(context: Context, cluster: Cluster, set: StatefulSet): Promise<Pod[] | undefined> {
  const labelSelector = formatSelector(requirementsOf(set.spec.selector));
  const scope = { namespace: set.metadata.namespace, labelSelector };
  return listIfAllowed(context, cluster, kinds.pod, scope, "whether one of them blocks this is not known");
}
