import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import type { StatefulSet } from "../../core/model.js";
import type { NamingFor } from "../../core/progress/naming.js";
import { inspect } from "../shared/inspect.js";
import type { Finding } from "./check.js";

/**
 * Whether an earlier run got as far as creating everything, and was killed while it waited: all is there as asked for,
 * and some set is not finished yet.
 */
export async function isUnfinished(
  context: Context,
  cluster: Cluster,
  findings: readonly Finding[],
  naming: NamingFor,
): Promise<boolean> {
  for (const finding of findings) if (finding.state !== "identical") return false;
  for (const finding of findings) {
    if (!isStatefulSet(finding.object.manifest) || finding.state !== "identical") continue;
    const { verdict } = await inspect(context, cluster, finding.answer as unknown as StatefulSet, naming);
    if (verdict.state !== "Done") return true;
  }
  return false;
}
