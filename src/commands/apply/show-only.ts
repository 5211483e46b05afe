import type { Cluster } from "../../cluster/cluster.js";
import { ApiError } from "../../cluster/errors.js";
import type { Context } from "../../context.js";
import { includes } from "../../core/apply/immutable.js";
import type { OutputFormat } from "../../view/output.js";
import type { LocatedObject } from "../bundle/plan.js";
import { formatObjects, resultLine } from "../bundle/results.js";
import { readLive } from "./prepare.js";

/** `--dry-run=client`: the server is asked what there is, and not what it thinks of the manifests. */
export async function showOnly(
  context: Context,
  cluster: Cluster,
  objects: readonly LocatedObject[],
  output: OutputFormat,
): Promise<number> {
  if (output.type !== "table") {
    context.out.write(
      formatObjects(
        output,
        objects.map(({ manifest }) => manifest),
      ),
    );
    return 0;
  }
  const found = await readLive(cluster, objects);
  for (const object of objects) {
    const live = found.get(object);
    if (live instanceof ApiError) throw live;
    const action = !live ? "created" : includes(live, object.manifest) ? "unchanged" : "configured";
    context.out.write(resultLine(object.manifest, action, " (dry run)"));
  }
  return 0;
}
