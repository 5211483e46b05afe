import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { podFacts } from "../../../core/claims/facts.js";
import { isDone, type Found, type ResizePlan } from "../../../core/claims/resize/plan.js";
import { kinds } from "../../../core/kinds.js";
import { ownershipWarning } from "../../../core/ownership.js";
import type { Naming } from "../../../core/progress/naming.js";
import { RefusedError } from "../../../errors.js";
import { resizePlanText } from "../../../view/claims/resize.js";
import { isQuiet } from "../../../view/progress/mode.js";
import { refuseUnlessRecreatable } from "../../recreate/recreate-set.js";
import { confirm } from "../../shared/confirm.js";
import { readPods } from "../../shared/read-pods.js";
import type { ResizeOptions } from "./options.js";
import { askForSizes } from "./patch-claim.js";

interface Asked {
  plan: ResizePlan;
  found: Found;
  naming: Naming;
  options: ResizeOptions;
}

/**
 * All that is checked, shown and asked before the first write. Throws a RefusedError (7) where it cannot be done or is not
 * wanted, and the API server's error where that would refuse it.
 */
export async function checkAndAsk(
  context: Context,
  cluster: Cluster,
  { plan, found: { set, classes }, naming, options }: Asked,
): Promise<void> {
  const { name, dryRun, yes, restartIfNeeded } = options;
  const { namespace } = cluster;
  if (plan.obstacles.length > 0) {
    const reasons = plan.obstacles.map((reason) => `  ${reason}`).join("\n");
    throw new RefusedError(`${namespace}/${name} cannot be resized, and nothing was changed:\n${reasons}`);
  }
  if (isDone(plan)) return;
  if (plan.templates.length > 0) refuseUnlessRecreatable(naming, set, await readPods(cluster, set));
  const warning = ownershipWarning(set);
  if (warning) context.err.write(`${warning}\n`);
  if (!yes || !isQuiet(options.wait.progress)) {
    const users = await usersOf(cluster, plan, namespace);
    context.err.write(resizePlanText(plan, { namespace, name, users, restartIfNeeded }));
  }
  // Where classes may not be read, only the API server can tell whether the claims may grow.
  const isUnsure = classes === undefined && dryRun === "none";
  if (isUnsure || dryRun === "server") await askForSizes(cluster, plan.claims, { dryRun: true });
  if (dryRun !== "none") return;
  await confirm(context, { text: `Resize ${name}?`, yes, otherwise: "nothing was resized" });
}

/** Names of the pods that mount each claim, by the claim's name. */
async function usersOf(
  cluster: Cluster,
  { claims }: ResizePlan,
  namespace: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { items: pods } = await cluster.list(kinds.pod, { namespace }, podFacts);
  const names = claims.map(({ claim }) => claim.metadata.name);
  return new Map(
    names.map((claim) => [claim, pods.filter((pod) => pod.claims.includes(claim)).map((pod) => pod.name)]),
  );
}
