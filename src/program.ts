import { Command as Commander, CommanderError, Option } from "commander";
import { commands } from "./commands/index.js";
import { normaliseArgv, type ArgvNode } from "./commands/shared/argv.js";
import type { AnyCommand, Flag, ListedCommand } from "./commands/shared/command.js";
import { complete } from "./commands/shared/complete.js";
import { connectionFlags, globalFlags } from "./commands/shared/flags.js";
import { Input } from "./commands/shared/input.js";
import type { Context, Sink } from "./context.js";
import { UsageError } from "./core/errors.js";
import { asParagraphs, configureHelp, groupHeadings, topicNames } from "./help.js";
import { withColours } from "./host/sink.js";
import { messagesAsJson } from "./view/progress/messages.js";
import { version } from "./version.js";

/** Commands that only gather others: their own help is all they do. */
const gatherings: Readonly<Record<string, string>> = {
  rollout: "Stage, watch and finish rolling updates",
  set: "Change the template of a StatefulSet",
  pvc: "See and clean up the PersistentVolumeClaims of StatefulSets",
  sandbox: "A local cluster that needs nothing installed",
};

/** The command that a command line is about, with all of it. */
interface LoadedCommand extends ListedCommand {
  command: AnyCommand;
}

interface Invocation {
  /** As in the help: `rollout stage`. */
  path: string;
  command: AnyCommand;
  input: Input;
}

/** Parses a command line, tells `onRun` of its command and runs that. Returns the exit code; throws errors of errors.ts. */
export async function runProgram(
  argv: readonly string[],
  context: Context,
  onRun: (command: AnyCommand) => void = () => undefined,
): Promise<number> {
  const asked = argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
  const topic = argv[0] === "help" && topicNames.find((name) => name === argv[1]);
  if (topic) {
    const { topics } = await import("./help-topics.js");
    context.out.write(topics[topic](context.out.columns));
    return 0;
  }
  if (argv.length === 1 && argv[0] === "--version") {
    context.out.write(`sts ${version}\n`);
    return 0;
  }
  if (argv[0] === "__complete") {
    const words = argv.slice(argv[1] === "--" ? 2 : 1);
    for (const { word, help } of await complete(words, commands, flagsOf)) {
      context.out.write(`${word}\t${help}\n`);
    }
    return 0;
  }
  const invocation = parse(asked, await loadNamed(asked), context);
  if (!invocation) return 0;
  const { path, command, input } = invocation;
  const options = withUsage(path, context, () => command.options(checkChoices(command, input)));
  onRun(command);
  return command.run(options, withSinks(context, input));
}

/** Loads the command that a command line names; the others are known by name only. */
async function loadNamed(argv: readonly string[]): Promise<LoadedCommand | undefined> {
  const { path } = normaliseArgv(argv, commandTree(undefined));
  const listed = commands.find((command) => command.path === path.join(" "));
  return listed && { ...listed, command: await listed.load() };
}

/** Undefined when the answer was a help text. */
function parse(
  argv: readonly string[],
  named: LoadedCommand | undefined,
  context: Context,
): Invocation | undefined {
  const { words, rest } = normaliseArgv(argv, commandTree(named));
  let invocation: Invocation | undefined;
  const root = buildProgram(context, named, ({ path, command }, args, values) => {
    invocation = { path, command, input: new Input(args, rest, values) };
  });
  try {
    root.parse(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return endParsing(error, words, context);
    throw error;
  }
  return invocation;
}

function endParsing(error: CommanderError, words: readonly string[], context: Context): undefined {
  if (error.exitCode === 0 || error.code === "commander.help") return undefined;
  const path = words.filter((word) => !word.startsWith("-")).slice(0, 2);
  const known = [path.join(" "), path[0] ?? ""].find((candidate) => isCommand(candidate)) ?? "";
  const text = error.message
    .replace(/^error: /, "")
    .replace(/^unknown option '([^'=]*).*'/, "unknown flag: $1")
    .replace(/^option '(\S+) .*' argument missing/, "flag needs a value: $1");
  throw new UsageError(`${text}\nSee '${[context.program, known, "--help"].filter(Boolean).join(" ")}'.`);
}

const isCommand = (path: string): boolean =>
  path in gatherings || commands.some((command) => command.path === path);

type Chosen = (named: LoadedCommand, args: string[], values: Map<string, string[]>) => void;

/** Builds the tree of commander commands from the list of ours. `chosen` is called with what was typed. */
function buildProgram(
  context: Pick<Context, "out" | "program">,
  named: LoadedCommand | undefined,
  chosen: Chosen,
): Commander {
  const root = new Commander(context.program)
    .description("kubectl for StatefulSets: create, scale, stage updates, clean up claims")
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out.write(text), writeErr: () => undefined })
    .helpCommand(false)
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      `\nMore: ${context.program} COMMAND --help${topicNames
        .map((topic) => ` · ${context.program} help ${topic}`)
        .join("")}`,
    );
  configureHelp(onlyGathers(root));
  const parents = new Map<string, Commander>([["", root]]);
  for (const command of commands) {
    const words = command.path.split(" ");
    const name = words.pop() ?? "";
    const parent = parents.get(words.join(" ")) ?? addGathering(root, parents, words.join(" "), command);
    const child = addListed(parent, name, command);
    if (named?.path === command.path) complement(child, named, chosen);
  }
  return root;
}

function addGathering(
  root: Commander,
  parents: Map<string, Commander>,
  name: string,
  first: ListedCommand,
): Commander {
  const gathering = root
    .command(name)
    .description(gatherings[name] ?? "")
    .usage("COMMAND")
    .helpGroup(groupHeadings[first.group]);
  parents.set(name, onlyGathers(gathering));
  return gathering;
}

/** Without a command below it there is only help to show; a word that is no command is an error. */
function onlyGathers(gathering: Commander): Commander {
  // A mistyped command comes with flags of its own: it is what is unknown, and they are not.
  gathering.allowExcessArguments().allowUnknownOption();
  return gathering.action((_options, self: Commander) => {
    const word = self.args.find((argument) => !argument.startsWith("-"));
    if (word !== undefined) self.error(`unknown command '${word}'`, { code: "commander.unknownCommand" });
    const [flag] = self.args;
    if (flag !== undefined) self.error(`unknown option '${flag}'`, { code: "commander.unknownOption" });
    self.outputHelp();
  });
}

/** A command as its neighbours' help and the guesses after a mistyped word need it. */
function addListed(parent: Commander, name: string, { summary, group, hidden }: ListedCommand): Commander {
  return parent
    .command(name, { hidden: hidden ?? false })
    .summary(summary)
    .helpGroup(groupHeadings[group]);
}

function complement(child: Commander, named: LoadedCommand, chosen: Chosen): void {
  const { summary, command } = named;
  child
    .description([summary, asParagraphs(command.description ?? "")].filter(Boolean).join("\n\n"))
    .usage([command.args, "[flags]"].filter(Boolean).join(" "))
    .allowExcessArguments();
  if (command.examples)
    child.addHelpText("after", `\nExamples:\n${command.examples.trim().replace(/^(?=.)/gm, "  ")}`);
  const values = new Map<string, string[]>();
  for (const flag of flagsOf(command)) child.addOption(toOption(flag, values));
  child.action(() => chosen(named, child.args, values));
}

/** Values are gathered by flag name; after `normaliseArgv` every flag has one, booleans too. */
function toOption(flag: Flag, values: Map<string, string[]>): Option {
  const value = flag.bare === undefined ? flag.value : `?${flag.value}`;
  const option = new Option(
    `${flag.short ? `-${flag.short}, ` : ""}--${flag.name} <${value ?? "bool"}>`,
    flag.choices ? `${flag.help} (${flag.choices.join(", ")})` : flag.help,
  );
  option.argParser((value: string) => {
    values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
  });
  if (connectionFlags.includes(flag)) option.helpGroup("Connection:");
  return option.hideHelp(flag.hidden ?? false);
}

/** Every flag a command takes. `--help` is commander's own. */
export function flagsOf(command: AnyCommand): Flag[] {
  const general = globalFlags.filter((flag) => flag.name !== "help");
  const own = command.flags.filter((flag) => flag.name !== "help");
  return [...own, ...(command.connects === false ? [] : connectionFlags), ...general];
}

/** Of the commands that are not loaded only the words are known, and the flags that all of them have. */
function commandTree(named: LoadedCommand | undefined): ArgvNode {
  const known = [...connectionFlags, ...globalFlags.filter((flag) => flag.name !== "help")];
  const root = {
    flags: known,
    children: new Map<string, { flags: readonly Flag[]; children: Map<string, ArgvNode> }>(),
  };
  for (const command of commands) {
    const [first = "", second] = command.path.split(" ");
    const node = root.children.get(first) ?? { flags: known, children: new Map<string, ArgvNode>() };
    root.children.set(first, node);
    const flags = named?.path === command.path ? flagsOf(named.command) : known;
    if (second === undefined) node.flags = flags;
    else node.children.set(second, { flags, children: new Map() });
  }
  return root;
}

function checkChoices(command: AnyCommand, input: Input): Input {
  for (const { name, choices } of flagsOf(command)) if (choices) input.oneOf(name, choices);
  return input;
}

function withUsage<T>(path: string, context: Context, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.includes("\nSee '")) throw error;
    throw new UsageError(`${error.message}\nSee '${context.program} ${path} --help'.`);
  }
}

/** The context with what `--color` and `--progress=json` make of its sinks. */
function withSinks(context: Context, input: Input): Context {
  const when = input.text("color") ?? "auto";
  const coloured = (sink: Sink): Sink => (when === "auto" ? sink : withColours(sink, when === "always"));
  const err = coloured(context.err);
  const asJson = input.text("progress") === "json";
  return { ...context, out: coloured(context.out), err: asJson ? messagesAsJson(err, context.clock) : err };
}
