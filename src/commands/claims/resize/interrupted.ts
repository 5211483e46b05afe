import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { withSizes } from "../../../core/claims/resize/plan.js";
import { sameJson } from "../../../core/equal.js";
import type { Interrupted } from "../../../core/recreate/record.js";
import { RefusedError } from "../../../errors.js";
import { sanitizeLine } from "../../../view/sanitize.js";
import { findInterrupted, resume } from "../../recreate/recreate-set.js";
import { confirm } from "../../shared/confirm.js";
import type { ResizeOptions } from "./options.js";

interface Finishing extends Pick<
  ResizeOptions,
  "name" | "sizes" | "ordinals" | "dryRun" | "yes" | "takeOver"
> {
  /** Milliseconds. */
  timeout: number | undefined;
}

/**
 * Brings a recreation to its end that an earlier run has left: the set may be gone, and nothing can be planned around it.
 * `rehearsed`: in a dry run it is only said. Throws a RefusedError for one that was for something else.
 */
export async function finishInterrupted(
  context: Context,
  cluster: Cluster,
  { name, sizes, ordinals, dryRun, yes, takeOver, timeout }: Finishing,
): Promise<"none" | "rehearsed" | "finished"> {
  const interrupted = await findInterrupted(cluster, name).catch((error: unknown) => {
    // Claims alone are resized without a ConfigMap.
    if (ordinals === undefined || !isApiError(error, "Forbidden")) throw error;
    return undefined;
  });
  if (!interrupted) return "none";
  const { purpose, again } = interrupted;
  const what = `${cluster.namespace}/${name}: making it anew was interrupted (${sanitizeLine(purpose)})`;
  if (!isFor(interrupted, sizes)) {
    throw new RefusedError(`${what}: ${sanitizeLine(again)} finishes that first`);
  }
  context.err.write(`${what}; that comes first\n`);
  if (dryRun !== "none") return "rehearsed";
  const otherwise = "nothing was done";
  await confirm(context, { text: `Go on with the resize of ${name}?`, yes, otherwise });
  await resume(context, cluster, interrupted, { timeout, takeOver });
  return "finished";
}

/** Whether what it makes has the sizes that are asked for. */
function isFor({ wanted }: Interrupted, sizes: ResizeOptions["sizes"]): boolean {
  return sameJson(withSizes(wanted, sizes), wanted);
}
