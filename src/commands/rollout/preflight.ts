import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { RefusedError } from "../../errors.js";
import { isReady } from "../../core/pod-state.js";
import { planStage } from "../../core/rollout/partition.js";
import { readPods } from "../shared/read-pods.js";
import type { TemplateChange, TemplateOptions } from "./template-change.js";

/**
 * Looks at what a change of the template will meet, before anything is written. Returns what a person should know;
 * throws a RefusedError where more ordinals are unready than `--max-unready` allows.
 */
export async function preflight(
  _context: Context,
  cluster: Cluster,
  { set }: TemplateChange,
  { maxUnready, staging }: TemplateOptions,
): Promise<string[]> {
  const { rollingUpdate, type = "RollingUpdate" } = set.spec.updateStrategy ?? {};
  const { held } =
    type === "RollingUpdate" ? planStage(set, { partition: rollingUpdate?.partition ?? 0 }) : { held: "" };
  const notes = held && !staging ? [`held by the partition: ${held}`] : [];
  if (maxUnready === undefined) return notes;
  const ready = (await readPods(cluster, set)).filter(isReady).length;
  const unready = (set.spec.replicas ?? 1) - ready;
  if (unready > maxUnready) {
    throw new RefusedError(`${set.metadata.name} has ${unready} unready ordinals, more than ${maxUnready}`);
  }
  return notes;
}
