import type { Cluster } from "../cluster/cluster.js";
import type { ConnectionFlags } from "../cluster/kubeconfig/flags.js";
import type { Context } from "../context.js";
import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import {
  findRevision,
  historyOf,
  parseRange,
  resolveRange,
  type HistoryEntry,
  type RevisionRange,
} from "../core/rollout/history.js";
import { formatSelector, requirementsOf } from "../core/selector.js";
import { historyTable, revisionPage, templateYaml } from "../view/history.js";
import { formatDocument, type OutputFormat } from "../view/output.js";
import { createTheme } from "../view/theme.js";
import { readRevisions } from "./rollout/read-revisions.js";
import { defineCommand } from "./shared/command.js";
import { readConnection, readOneSetName } from "./shared/flags.js";
import type { Input } from "./shared/input.js";
import { listIfAllowed } from "./shared/optional.js";
import { loadOutput, outputFlag, readOutput } from "./shared/output.js";

const formats = ["json", "yaml", "jsonpath", "jsonpath-file"] as const;

interface Options {
  connection: ConnectionFlags;
  name: string;
  /** Undefined: all of them. */
  revision: number | undefined;
  range: RevisionRange | undefined;
  output: OutputFormat;
}

/** Shows what a set was made of, revision by revision, and which pods run each. */
export const rolloutHistoryCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description: `CHANGE-CAUSE is the annotation kubernetes.io/change-cause that the set had when the revision was made. Pods below a
partition are made at the revision marked (current), the others at (update). A template that comes back takes the
next number: there is no second revision of it.`,
  examples: `
sts rollout history web

# The pod template of revision 3
sts rollout history web --revision=3

# What changed from 1 to 3; from 1 to the newest; what 3 changed
sts rollout history web --diff 1..3
sts rollout history web --diff 1..
sts rollout history web --diff ..3`,
  flags: [
    { name: "revision", value: "N", help: "show the pod template of this revision" },
    { name: "diff", value: "A..B", help: "show what differs between the pod templates of two revisions" },
    outputFlag(formats),
  ],
  options: readOptions,

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    const cluster = await context.cluster(options.connection);
    const set = await cluster.get(kinds.statefulSet, { name: options.name });
    const history = await readHistory(context, cluster, set);
    const { text, note = "" } = await show(context, cluster, set, history, options);
    context.err.write(note);
    context.out.write(text);
    return 0;
  },
});

function readOptions(input: Input): Options {
  const name = readOneSetName(input);
  const diff = input.text("diff");
  const output = readOutput(input, formats);
  if (diff !== undefined && (input.given("revision") || output.type !== "table")) {
    throw new UsageError("--diff shows two revisions as they differ: it takes neither --revision nor -o");
  }
  return {
    connection: readConnection(input),
    name,
    // kubectl takes 0, its default, for all of them.
    revision: input.integer("revision") || undefined,
    range: diff === undefined ? undefined : parseRange(diff),
    output,
  };
}

async function readHistory(context: Context, cluster: Cluster, set: StatefulSet): Promise<HistoryEntry[]> {
  const labelSelector = formatSelector(requirementsOf(set.spec.selector));
  const { namespace } = set.metadata;
  const [revisions, pods] = await Promise.all([
    readRevisions(cluster, set),
    listIfAllowed(context, cluster, kinds.pod, { namespace, labelSelector }, "who runs what is not known"),
  ]);
  return historyOf(set, revisions, pods);
}

async function show(
  context: Context,
  cluster: Cluster,
  { metadata: { namespace = cluster.namespace, name } }: StatefulSet,
  history: readonly HistoryEntry[],
  { revision, range, output }: Options,
): Promise<{ text: string; note?: string }> {
  if (range) return showDiff(context, name, resolveRange(name, history, range));
  const chosen = revision === undefined ? history : [findRevision(name, history, revision)];
  if (output.type !== "table") {
    // Every template of a long history is more than anybody reads.
    const revisions = chosen.map(({ template, ...entry }) => ({ ...entry, ...(revision && { template }) }));
    return { text: formatDocument(output, { v: 1, namespace, name, revisions }) };
  }
  const [first] = chosen;
  if (revision !== undefined && first) return { text: revisionPage(name, first) };
  return { text: `statefulset.apps/${name}\n${historyTable(name, history, context.clock.now())}` };
}

async function showDiff(context: Context, set: string, [before, after]: [HistoryEntry, HistoryEntry]) {
  const side = (entry: HistoryEntry) => ({
    label: `${set} revision ${entry.revision}`,
    text: templateYaml(entry),
  });
  const { unifiedDiff } = await import("../view/unified-diff.js");
  const text = unifiedDiff(side(before), side(after), createTheme(context.out.colours));
  const note =
    text === ""
      ? `revisions ${before.revision} and ${after.revision} of ${set} have the same pod template\n`
      : "";
  return { text, note };
}
