import type { Cluster } from "../cluster/cluster.js";
import { isApiError } from "../cluster/errors.js";
import type { ConnectionFlags } from "../cluster/kubeconfig/flags.js";
import type { Context } from "../context.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import type { Naming } from "../core/progress/naming.js";
import { isUnverified } from "../core/recreate/manifest.js";
import { buildStatus, type StatusFacts } from "../core/status/build.js";
import type { StatusReport } from "../core/status/report.js";
import { ExitCode, ExitError } from "../errors.js";
import { formatDocument, type OutputFormat } from "../view/output.js";
import { formatStatus } from "../view/status.js";
import { createTheme } from "../view/theme.js";
import { leftWords } from "./recreate/plan.js";
import { findInterrupted } from "./recreate/recreate-set.js";
import { defineCommand } from "./shared/command.js";
import { readConnection, readOneSetName } from "./shared/flags.js";
import { Waker } from "./shared/following/waker.js";
import { verdictCodes } from "./shared/following/verdict-codes.js";
import { namingFor } from "./shared/naming.js";
import { loadOutput, outputFlag, readOutput } from "./shared/output.js";
import { Screen } from "./status/screen.js";
import { readOn, readOnce, readStatus } from "./status/sources.js";

const formats = ["json", "yaml", "jsonpath", "jsonpath-file"] as const;

interface Options {
  connection: ConnectionFlags;
  name: string;
  watch: boolean;
  output: OutputFormat;
}

/** A set on one page: strategy, revisions, Service, claims, and a row for each ordinal. */
export const statusCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description:
    "Exit code 0 when the set is as its spec asks, 3 when it is under way, 4 when it cannot get there as it stands.",
  examples: `
sts status web

# Keep it on the screen
sts status web -w

# What is wrong, for a script
sts status web -o jsonpath='{.verdict.message}'`,
  flags: [{ name: "watch", short: "w", help: "show it again after every change" }, outputFlag(formats)],

  options(input) {
    const name = readOneSetName(input);
    return {
      connection: readConnection(input),
      name,
      watch: input.boolean("watch"),
      output: readOutput(input, formats),
    };
  },

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    const cluster = await context.cluster(options.connection);
    const set = await readOrSayWhatIsLeft(context, cluster, options.name);
    if (options.watch) return watchStatus(cluster, context, set, options);
    const { verdict, text } = await readPage(cluster, context, set, options);
    context.out.write(text);
    return verdictCodes[verdict.state];
  },
});

/** A set that is gone in the middle of being made anew is not just gone: its pods run, and it can be brought back. */
async function readOrSayWhatIsLeft(context: Context, cluster: Cluster, name: string): Promise<StatefulSet> {
  const say = async (): Promise<void> => {
    const left = await findInterrupted(cluster, name).catch(() => undefined);
    if (left) context.err.write(leftWords(left));
  };
  try {
    const set = await cluster.get(kinds.statefulSet, { name });
    if (isUnverified(set)) await say();
    return set;
  } catch (error) {
    if (isApiError(error, "NotFound")) await say();
    throw error;
  }
}

async function readPage(cluster: Cluster, context: Context, set: StatefulSet, options: Options) {
  const naming = namingOf(cluster, context, set, options);
  const now = (): number => context.clock.now();
  const look = await readStatus(readOnce(context, cluster), set, naming, now);
  const facts = look() ?? gone(set);
  return { verdict: facts.verdict, text: formatPage(context, facts, options) };
}

function namingOf(
  cluster: Cluster,
  { program }: Context,
  { metadata }: StatefulSet,
  options: Options,
): Naming {
  return namingFor(program, cluster, options.connection)(metadata.namespace ?? cluster.namespace);
}

function gone({ metadata }: StatefulSet): never {
  throw new ExitError(ExitCode.Error, `statefulset.apps "${metadata.name}" is gone`);
}

function formatPage(context: Context, facts: StatusFacts, { output }: Options): string {
  const report = buildStatus(facts);
  if (output.type !== "table") return formatDocument(output, report);
  const { columns, colours, isTerminal } = context.out;
  const theme = createTheme(colours);
  return formatStatus(report, { theme, now: context.clock.now(), columns: isTerminal ? columns : undefined });
}

/** Ages are shown in seconds at first. */
const redrawEvery = 1_000;
/** Changes come in bursts: at most five pages a second. */
const settleFor = 200;

/** Shows the page after every change, over itself on a terminal. Ends with the signal's reason, or when the set is gone. */
async function watchStatus(
  cluster: Cluster,
  context: Context,
  set: StatefulSet,
  options: Options,
): Promise<number> {
  const { clock, out } = context;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const waker = new Waker(clock, signal);
  const reader = readOn(context, cluster, signal, () => waker.now());
  const naming = namingOf(cluster, context, set, options);
  try {
    const look = await readStatus(reader, set, naming, () => clock.now());
    const show = pageWriter(context, options);
    for (;;) {
      show(look() ?? gone(set));
      await waker.next(out.isTerminal ? clock.now() + redrawEvery : Infinity);
      await clock.sleep(settleFor, signal);
    }
  } finally {
    waker.close();
    over.abort();
  }
}

/** Draws over the last page on a terminal; elsewhere prints a page only when it differs in more than ages. */
function pageWriter(context: Context, options: Options): (facts: StatusFacts) => void {
  const screen = new Screen(context.out);
  let last: string | undefined;
  return (facts) => {
    const page = formatPage(context, facts, options);
    if (context.out.isTerminal && options.output.type === "table") return screen.draw(page);
    const content = JSON.stringify(buildStatus(facts) satisfies StatusReport);
    if (content === last) return;
    context.out.write(last !== undefined && options.output.type === "table" ? `\n${page}` : page);
    last = content;
  };
}
