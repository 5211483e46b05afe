import type { Cluster, ConnectionFlags } from "../cluster/index.js";
import type { Context } from "../context.js";
import type { StatefulSet } from "../core/model.js";
import type { NamingFor } from "../core/progress/naming.js";
import { heldBy } from "../core/rollout/held.js";
import { outcomeOf, type Outcome, type Seen } from "../core/rollout/outcome.js";
import { ExitCode, gravest } from "../errors.js";
import { outcomeLine, outcomeTable } from "../view/outcomes.js";
import { formatDocument, type OutputFormat } from "../view/output.js";
import { defineCommand } from "./shared/command.js";
import { readConnection, readWait, waitFlags, type WaitOptions } from "./shared/flags.js";
import { follow, type FollowTarget } from "./shared/follow.js";
import { verdictCodes } from "./shared/following/verdict-codes.js";
import { inspectAll } from "./shared/inspect.js";
import { namingFor } from "./shared/naming.js";
import { loadOutput, outputFlag, readOutput } from "./shared/output.js";
import { readReport, reportFlag, reportRollout } from "./shared/report.js";
import {
  readingSelectionFlags,
  readSetSelection,
  readSets,
  type SetSelection,
} from "./shared/select-sets.js";

const formats = ["json", "yaml", "jsonpath", "jsonpath-file"] as const;

interface Options {
  connection: ConnectionFlags;
  sets: SetSelection;
  watch: boolean;
  wait: WaitOptions;
  output: OutputFormat;
  report: string | undefined;
}

/** Waits for rollouts, whoever started them, and says how they ended. */
export const rolloutStatusCommand = defineCommand<Options>({
  args: "NAME…",
  completes: "statefulset",
  description: `Every strategy is judged by the revision of each pod. What a partition, a staging or a pause holds on purpose counts
as done, and is said. It ends at once, with exit code 4 and the cause, when the rollout cannot succeed as it stands.
Of several sets the exit code is the gravest.`,
  examples: `
sts rollout status web --timeout=10m

# Only look: 0 done, 3 under way, 4 failed
sts rollout status web --watch=false

# Every set of the cluster, for a script
sts rollout status -A --watch=false -o json`,
  flags: [
    ...readingSelectionFlags,
    { name: "watch", short: "w", help: "wait until it is done (default true); false answers at once" },
    ...waitFlags.filter(({ name }) => name !== "wait"),
    reportFlag,
    outputFlag(formats),
  ],

  options(input) {
    return {
      connection: readConnection(input),
      sets: readSetSelection(input),
      watch: input.boolean("watch", true),
      wait: readWait(input),
      output: readOutput(input, formats),
      report: readReport(input),
    };
  },

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    const cluster = await context.cluster(options.connection);
    const naming = namingFor(context.program, cluster, options.connection);
    const sets = await readSets(cluster, options.sets);
    const { seen, reported } = options.watch
      ? await watchAll(context, cluster, sets, naming, options)
      : { seen: await inspectAll(context, cluster, sets, naming), reported: ExitCode.Done };
    const outcomes = sets.flatMap((set, index) => {
      const { namespace = cluster.namespace } = set.metadata;
      return seen[index] ? outcomeOf(set, seen[index], naming(namespace)) : [];
    });
    print(context, outcomes, options);
    return gravest([...outcomes.map(({ state }) => verdictCodes[state]), reported]);
  },
});

async function watchAll(
  context: Context,
  cluster: Cluster,
  sets: readonly StatefulSet[],
  naming: NamingFor,
  { wait, report }: Options,
): Promise<{ seen: Seen[]; reported: ExitCode }> {
  const targets = sets.map((set) => {
    const { namespace = cluster.namespace, name } = set.metadata;
    const back = heldBy(set, naming(namespace))?.next.find(({ label }) => label === "go back");
    const title = "waiting for its rollout";
    const target: FollowTarget = { namespace, name, goal: { type: "settled" }, title, notes: [], read: set };
    return back ? { ...target, back } : target;
  });
  const followed = await follow(context, cluster, { operation: "rollout", targets, wait, naming });
  const parts = followed.ends.map((end) => ({ title: `${end.namespace}/${end.set}`, end }));
  const reported = await reportRollout(context, parts, report);
  const { snapshots } = followed;
  const seen = followed.verdicts.map((verdict, index) => ({ verdict, snapshot: snapshots[index] }));
  return { seen, reported };
}

function print(context: Context, outcomes: readonly Outcome[], { output, watch, sets }: Options): void {
  if (output.type !== "table") {
    const items = outcomes.map(({ counts: _shown, next, ...outcome }) => ({
      ...outcome,
      exitCode: verdictCodes[outcome.state],
      next,
    }));
    return context.out.write(formatDocument(output, { items }));
  }
  const [only] = outcomes;
  if (!only) return context.err.write("No resources found\n");
  if (outcomes.length > 1 || sets.allNamespaces) {
    return context.out.write(outcomeTable(outcomes, { namespaces: sets.allNamespaces }));
  }
  // What was waited for and failed was told in full already.
  if (only.state === "Done" || !watch) context.out.write(outcomeLine(only));
}
