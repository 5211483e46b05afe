import type { Cluster } from "../cluster/cluster.js";
import { isApiError } from "../cluster/errors.js";
import type { Context } from "../context.js";
import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import { parseSourceRef } from "../core/manifest/parse-container.js";
import type { StatefulSet } from "../core/model.js";
import { nameContainers, selectContainers } from "../core/rollout/containers.js";
import { importedEnv, type EnvImport } from "../core/rollout/env-source.js";
import {
  describeEnvChange,
  envLines,
  envPatch,
  parseEnvChange,
  type EnvChange,
  type EnvVar,
} from "../core/rollout/env.js";
import { backStep } from "../core/rollout/undo.js";
import { sanitize } from "../view/sanitize.js";
import { containersFlag, readContainers } from "./rollout/containers-flag.js";
import {
  changeTemplate,
  readTemplateOptions,
  templateFlags,
  type TemplateOptions,
} from "./rollout/template-change.js";
import { defineCommand } from "./shared/command.js";
import { readSetName } from "./shared/flags.js";
import type { Input } from "./shared/input.js";
import { namingFor } from "./shared/naming.js";

interface Options extends TemplateOptions {
  name: string;
  containers: string;
  change: EnvChange;
  source: EnvImport | undefined;
  list: boolean;
}

/** Changes environment variables, in all pods or a few first, in one patch. */
export const setEnvCommand = defineCommand<Options>({
  args: "NAME KEY=VALUE… KEY-…",
  completes: "statefulset",
  description:
    "KEY- removes a variable. Variables keep their order; new ones come last. With --list nothing is changed: the " +
    "variables are shown as the change would leave them, those that come from elsewhere as comments.",
  examples: `
# A variable more and one less, the highest ordinal first
sts set env web LOG_LEVEL=debug OLD_FLAG- --stage=1

# Every key of a Secret as a variable that refers to it: password becomes DB_PASSWORD
sts set env web --from=secret/db --prefix=DB_

# What there is
sts set env web --list`,
  flags: [
    containersFlag,
    {
      name: "env",
      short: "e",
      value: "KEY=VALUE",
      repeat: true,
      help: "a variable to set, as an argument is",
    },
    {
      name: "from",
      value: "KIND/NAME",
      help: "set a variable for each key of configmap/NAME or secret/NAME",
    },
    { name: "prefix", value: "TEXT", help: "put before the names of variables from --from" },
    { name: "keys", value: "KEY,…", repeat: true, help: "only these keys of --from" },
    { name: "list", help: "show the variables and change nothing" },
    ...templateFlags,
  ],

  options(input) {
    const [name, ...words] = input.args;
    if (name === undefined || name.includes("=") || name.endsWith("-")) {
      throw new UsageError("the name of a StatefulSet is needed, before the variables");
    }
    const change = parseEnvChange([...words, ...input.list("env")]);
    const source = readSource(input);
    const list = input.boolean("list");
    if (!list && !source && change.variables.length + change.removed.length === 0) {
      throw new UsageError("at least one KEY=VALUE, KEY- or --from is needed; --list shows what there is");
    }
    const containers = readContainers(input);
    return { ...readTemplateOptions(input), name: readSetName(name), containers, change, source, list };
  },

  async run(options, context) {
    const { connection, name, containers, source, list } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const imported = source ? await readImport(context, cluster, set, source) : [];
    const change = merged(options.change, imported);
    if (list) return showList(context, set, containers, change);
    const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? "");
    const where = nameContainers(selectContainers(set, containers));
    return changeTemplate(
      context,
      cluster,
      {
        set,
        title: `${where} → ${describeEnvChange(change)}`,
        notes: renamed(imported, source),
        unchanged: "the variables are these already; nothing to change",
        template: (current) => envPatch(current, containers, change),
        subject: `statefulset.apps/${name} env`,
        verb: "updated",
        back: backStep(set, naming, options.staging !== undefined),
      },
      options,
    );
  },
});

function readSource(input: Input): EnvImport | undefined {
  const from = input.text("from");
  if (from !== undefined) {
    const prefix = input.text("prefix") ?? "";
    return { from: parseSourceRef("from", from), prefix, keys: input.commaList("keys") };
  }
  const extra = ["keys", "prefix"].find((flag) => input.given(flag));
  if (extra) throw new UsageError(`--${extra} needs --from: it is about the keys of a ConfigMap or a Secret`);
  return undefined;
}

/** Reads which keys the object has, and nothing of what they hold. */
async function readImport(
  context: Context,
  cluster: Cluster,
  { metadata: { namespace } }: StatefulSet,
  source: EnvImport,
): Promise<EnvVar[]> {
  const { kind, name } = source.from;
  try {
    const ref = { namespace, name };
    const found = await (kind === "secret"
      ? cluster.get(kinds.secret, ref)
      : cluster.get(kinds.configMap, ref));
    return importedEnv(source, Object.keys(found.data ?? {}));
  } catch (error) {
    if (!isApiError(error, "Forbidden") || source.keys.length === 0) throw error;
    context.err.write(`note: ${kind}/${name} may not be read here: whether it has these keys is not known\n`);
    return importedEnv(source, undefined);
  }
}

/** What was imported goes behind what was written out; a name that is in both is a mistake. */
function merged({ variables, removed }: EnvChange, imported: readonly EnvVar[]): EnvChange {
  const written = new Set([...variables.map(({ name }) => name), ...removed]);
  const twice = imported.find(({ name }) => written.has(name));
  if (twice) throw new UsageError(`${twice.name} is given twice, by --from too`);
  return { variables: [...variables, ...imported], removed };
}

function renamed(imported: readonly EnvVar[], source: EnvImport | undefined): string[] {
  const pairs = imported.flatMap(({ name, valueFrom }) => {
    const key = (valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef)?.key ?? "";
    return name === `${source?.prefix ?? ""}${key}` ? [] : [`${key} becomes ${name}`];
  });
  return pairs.length > 0 ? [pairs.join(", ")] : [];
}

function showList(context: Context, set: StatefulSet, pattern: string, change: EnvChange): number {
  const lines = selectContainers(set, pattern).flatMap((found) => envLines(set.metadata.name, found, change));
  context.out.write(`${lines.map(sanitize).join("\n")}\n`);
  return 0;
}
