import type { Context } from "../../context.js";
import type { Input } from "./input.js";

/** A flag of a command: a row of its table, from which parsing, help, README and completions are made. */
export interface Flag {
  /** Long name without dashes. */
  name: string;
  /** One letter. */
  short?: string;
  /** What its value is called in the help, in capitals; a flag without is a boolean (`--watch`, `--watch=false`). */
  value?: string;
  /** For a flag whose value may be left out: the value it then has (`--dry-run` means `client`). */
  bare?: string;
  /** May be given several times; each value is kept. */
  repeat?: boolean;
  /** One line, lower case, no full stop. */
  help: string;
  /** Fixed choices for the value; checked, shown in the help and completed. */
  choices?: readonly string[];
  /** What completes the value: names of that sort. */
  completes?: "namespace" | "context" | "cluster" | "user" | "file" | "directory";
  hidden?: boolean;
}

/** Headings of the help, in this order. */
export type Group = "main" | "rollout" | "claims" | "local" | "other";

/**
 * One command: its flags and help, the check that turns what was typed into a typed value, and the run. `options`
 * throws a UsageError and touches nothing; `run` returns the exit code or throws an error of errors.ts.
 */
export interface Command<Options> {
  /** Arguments as the usage line shows them: `NAME…`, `[NAME]`. */
  args?: string;
  /** What completes the arguments. */
  completes?: "statefulset" | "file" | "none";
  /** What the first argument may be, where that is one of some words. */
  words?: readonly { word: string; help: string }[];
  /** Further paragraphs of the help. */
  description?: string;
  /** Each `# comment` and the line below it. */
  examples?: string;
  flags: readonly Flag[];
  /** False for a command that needs no cluster: it does not take the connection flags. */
  connects?: boolean;
  /** True for a command that is waited for as long as it takes after Ctrl-C, too: what it runs decides on that. */
  outlastsSignals?: boolean;
  options(input: Input): Options;
  run(options: Options, context: Context): Promise<number>;
}

/** A command whose options' type does not matter to who holds it. */
export type AnyCommand = Command<unknown>;

/** A command as its neighbours' help shows it, and how it is loaded: a command line pays only for the one that it runs. */
export interface ListedCommand {
  /** Words after `sts`: `scale`, `rollout stage`. */
  path: string;
  group: Group;
  /** One line for the list of commands. */
  summary: string;
  hidden?: boolean;
  load(): Promise<AnyCommand>;
}

/** Keeps `Options` inferred from `options`, and forgets it outside. */
export function defineCommand<Options>(command: Command<Options>): AnyCommand {
  return command as AnyCommand;
}
