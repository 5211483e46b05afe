import type { Cluster } from "../cluster/cluster.js";
import type { ConnectionFlags } from "../cluster/kubeconfig/flags.js";
import { isApiError } from "../cluster/errors.js";
import type { Context } from "../context.js";
import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { parseSelector } from "../core/selector.js";
import { describeError, exitCodeOf, gravest } from "../errors.js";
import { listFormats } from "../view/output.js";
import { sortBy } from "../view/output-sort.js";
import { parseRelaxedPath } from "../view/jsonpath.js";
import { formatTable } from "../view/table.js";
import { setHeaders, setRow } from "../view/table-sets.js";
import { formatSets, type GetOptions } from "./get/documents.js";
import { watchSets } from "./get/watch.js";
import { defineCommand, type Flag } from "./shared/command.js";
import { readConnection, readSetNames } from "./shared/flags.js";
import type { Input } from "./shared/input.js";
import { loadOutput, outputFlag, readOutput } from "./shared/output.js";

const flags: readonly Flag[] = [
  { name: "all-namespaces", short: "A", help: "StatefulSets of every namespace" },
  { name: "selector", short: "l", value: "LABELS", help: "only those with these labels, such as app=web" },
  {
    name: "field-selector",
    value: "FIELDS",
    help: "only those with these fields, such as metadata.name=web",
  },
  { name: "watch", short: "w", help: "then print a row for every change" },
  { name: "watch-only", help: "print a row for every change, and not what is there" },
  outputFlag(listFormats),
  { name: "no-headers", help: "no line of headings" },
  { name: "ignore-not-found", help: "no error for a name that does not exist" },
  { name: "show-labels", help: "a column with all labels" },
  {
    name: "label-columns",
    short: "L",
    value: "KEYS",
    repeat: true,
    help: "a column for each of these labels",
  },
  { name: "show-managed-fields", help: "with json or yaml: who owns which field" },
  { name: "sort-by", value: "PATH", help: "order by a field, such as .metadata.creationTimestamp" },
];

interface Options extends GetOptions {
  connection: ConnectionFlags;
}

/** Shows StatefulSets as `kubectl get` does. */
export const getCommand = defineCommand<Options>({
  args: "[NAME…]",
  completes: "statefulset",
  examples: `
# All of the namespace, with images, revisions and partition
sts get -o wide

# How many replicas of web are ready
sts get web -o jsonpath='{.status.readyReplicas}'

# Every change of every set of the cluster
sts get -A -w`,
  flags,
  options: readOptions,

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    const cluster = await context.cluster(options.connection);
    if (options.watch !== "no") return watchSets(cluster, context, options);
    const { sets, errors } = await readSets(cluster, options);
    print(context, cluster, options, sets, errors.length > 0);
    for (const error of errors) context.err.write(`${describeError(error)}\n`);
    return gravest(errors.map(exitCodeOf));
  },
});

function readOptions(input: Input): Options {
  const names = readSetNames(input);
  const labelSelector = input.text("selector");
  const fieldSelector = input.text("field-selector");
  const allNamespaces = input.boolean("all-namespaces");
  if (labelSelector !== undefined) parseSelector(labelSelector);
  if (names.length > 0 && (labelSelector !== undefined || fieldSelector !== undefined)) {
    throw new UsageError("names and selectors cannot be used together");
  }
  if (names.length > 0 && allNamespaces) {
    throw new UsageError("a resource cannot be retrieved by name across all namespaces");
  }
  const output = readOutput(input, listFormats);
  const sortPath = input.text("sort-by");
  if (sortPath !== undefined) parseRelaxedPath(sortPath);
  return {
    connection: readConnection(input),
    names,
    scope: { allNamespaces, labelSelector, fieldSelector },
    output,
    columns: {
      namespaces: allNamespaces,
      wide: output.type === "wide",
      showLabels: input.boolean("show-labels"),
      labelColumns: input.commaList("label-columns"),
    },
    headers: !input.boolean("no-headers"),
    ignoreNotFound: input.boolean("ignore-not-found"),
    managedFields: input.boolean("show-managed-fields"),
    sortBy: sortPath,
    watch: input.boolean("watch-only") ? "only" : input.boolean("watch") ? "after" : "no",
  };
}

/** The sets, and an error for each name that could not be read. */
async function readSets(
  cluster: Cluster,
  { names, scope, ignoreNotFound }: GetOptions,
): Promise<{ sets: StatefulSet[]; errors: unknown[] }> {
  if (names.length === 0) return { sets: (await cluster.list(kinds.statefulSet, scope)).items, errors: [] };
  const answers = await Promise.allSettled(names.map((name) => cluster.get(kinds.statefulSet, { name })));
  const sets = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const errors = answers.flatMap((answer) =>
    answer.status === "rejected" ? [answer.reason as unknown] : [],
  );
  const other = errors.find((error) => !isApiError(error));
  if (other !== undefined) throw other;
  return { sets, errors: errors.filter((error) => !(ignoreNotFound && isApiError(error, "NotFound"))) };
}

function print(
  context: Context,
  cluster: Cluster,
  options: GetOptions,
  found: readonly StatefulSet[],
  failed: boolean,
): void {
  const { output, names, scope } = options;
  const sets = options.sortBy === undefined ? found : sortBy(found, options.sortBy);
  if (output.type !== "table" && output.type !== "wide") {
    const alone = names.length === 1 ? sets[0] : undefined;
    if (names.length > 0 && sets.length === 0) return;
    context.out.write(formatSets(options, alone ? [alone] : sets, alone === undefined));
  } else if (sets.length > 0) {
    const rows = sets.map((set) => setRow(set, options.columns, context.clock.now()));
    context.out.write(formatTable(options.headers ? [setHeaders(options.columns), ...rows] : rows));
  } else if (!failed && !options.ignoreNotFound) {
    const where = scope.allNamespaces ? "" : ` in ${cluster.namespace} namespace.`;
    context.err.write(`No resources found${where}\n`);
  }
}
