import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { comparable } from "../../core/apply/masked.js";
import type { NamingFor } from "../../core/progress/naming.js";
import { ExitCode, ExitError } from "../../errors.js";
import { sortKeys } from "../../view/output-keys.js";
import { createTheme } from "../../view/theme.js";
import { toYaml } from "../../view/yaml.js";
import { isRefused, type Prepared } from "../apply/prepare.js";
import { describeOwners, describeRefused } from "../apply/refuse.js";
import { tryBundle } from "../apply/run.js";
import type { BundleOptions } from "../apply/options.js";
import type { LocatedObject } from "../bundle/plan.js";

/** Shows what applying a bundle would change. Returns whether anything would. */
export async function diffBundle(
  context: Context,
  cluster: Cluster,
  located: readonly LocatedObject[],
  options: BundleOptions,
  naming: NamingFor,
): Promise<boolean> {
  const rules = { fieldManager: options.fieldManager, force: false, staging: undefined };
  const { checked } = await tryBundle(context, cluster, located, options, rules);
  const refused = checked.filter(isRefused);
  if (refused.length > 0) {
    const texts = refused.map((one) => describeRefused(one, naming));
    throw new ExitError(ExitCode.Usage, [...new Set(texts)].join("\n"));
  }
  let differs = false;
  for (const prepared of checked as Prepared[]) {
    for (const line of describeOwners(prepared)) context.err.write(`note: ${line}: apply would refuse\n`);
    const text = await diffOf(context, prepared);
    context.out.write(text);
    differs ||= text !== "";
  }
  return differs;
}

async function diffOf(context: Context, { object, live, answer }: Prepared): Promise<string> {
  const { group, version, kind } = object.kind;
  const { name, namespace = "" } = object.manifest.metadata;
  const file = [group, version, kind, namespace, name].filter(Boolean).join(".");
  const yaml = (value: object | undefined): string => (value ? toYaml(sortKeys(value)) : "");
  const [before, after] = comparable(live, answer);
  const { unifiedDiff } = await import("../../view/unified-diff.js");
  return unifiedDiff(
    { label: `LIVE/${file}`, text: yaml(before) },
    { label: `MERGED/${file}`, text: yaml(after) },
    createTheme(context.out.colours),
  );
}
