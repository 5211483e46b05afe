import type { Cluster } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { nameOrdinals } from "../../core/progress/naming.js";
import { anyPartition, applierNotes } from "../../core/rollout/appliers.js";
import { rolloutNotes, unreadyOrdinals } from "../../core/rollout/preflight.js";
import { stagingOf } from "../../core/rollout/staging.js";
import { RefusedError } from "../../errors.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import type { TemplateChange, TemplateOptions } from "./template-change.js";

/**
 * Looks at what a change of the template will meet, before anything is written. Returns what a person should know;
 * throws a RefusedError where more ordinals are unready than `--max-unready` allows. What changes nothing, and goes on
 * with no staging, meets nothing.
 */
export async function preflight(
  context: Context,
  cluster: Cluster,
  { set, template }: Pick<TemplateChange, "set" | "template">,
  { connection, maxUnready, staging }: TemplateOptions,
): Promise<string[]> {
  const changed = template(set);
  const goesOn = staging !== undefined && stagingOf(set) !== undefined;
  if (!changed && !goesOn) return [];
  if (maxUnready !== undefined) await refuseWhileUnready(context, cluster, set, maxUnready);
  if (!changed) return [];
  const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? cluster.namespace);
  const patch = { spec: { template: changed, ...(staging && anyPartition) } };
  return [...rolloutNotes(set, naming, staging !== undefined), ...applierNotes(set, patch)];
}

/** Throws a RefusedError that names the ordinals which are not available, when there are more than `most`. */
async function refuseWhileUnready(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  most: number,
): Promise<void> {
  const pods = await readPods(cluster, set).catch((error: unknown) => {
    if (!isApiError(error, "Forbidden")) throw error;
    throw new RefusedError(
      `pods may not be read here, so --max-unready=${most} cannot be kept: nothing was changed`,
    );
  });
  const unready = unreadyOrdinals(set, pods, context.clock.now());
  if (unready.length <= most) return;
  const are = unready.length === 1 ? "is" : "are";
  throw new RefusedError(
    `${nameOrdinals(set.metadata.name, unready)} ${are} not ready, and --max-unready=${most} allows ${most || "none"}: ` +
      "nothing was changed",
  );
}
