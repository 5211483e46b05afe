import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { retentionItem, retentionPage, type RetentionView } from "../../../view/claims/retention.js";
import { formatDocument } from "../../../view/output.js";
import type { RetentionOptions } from "./options.js";
import { readRetained } from "./read.js";

/** Prints the policy in force and what it means for each claim. */
export async function showRetention(
  { name, output }: RetentionOptions,
  context: Context,
  cluster: Cluster,
): Promise<number> {
  const { view } = await readRetained(context, cluster, name);
  if (!writeDocument(context, view, output)) context.out.write(retentionPage(view));
  return 0;
}

/** The one document of `-o`; false where none was asked for. */
export function writeDocument(
  { out }: Pick<Context, "out">,
  view: RetentionView,
  output: RetentionOptions["output"],
): boolean {
  if (output === undefined) return false;
  if (output === "name") out.write(`statefulset.apps/${view.name}\n`);
  else out.write(formatDocument({ type: output }, retentionItem(view)));
  return true;
}
