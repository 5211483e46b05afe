import { isApiError } from "../cluster/errors.js";
import type { Context } from "../context.js";
import { parseDuration } from "../core/duration.js";
import { UsageError } from "../core/errors.js";
import {
  errorCodes,
  faultBounds,
  faultNames,
  faultTypes,
  faultVerbs,
  type FaultName,
  type FaultOption,
  type FaultReport,
  type FaultSpec,
} from "../sandbox/faults/types.js";
import { formatDocument, type OutputFormat } from "../view/output.js";
import { defineCommand } from "./shared/command.js";
import { faultLine, faultTable } from "./shared/fault-words.js";
import type { Input } from "./shared/input.js";
import { outputFlag, readOutput } from "./shared/output.js";
import { reachedNameFlag, readNamedSandbox, sandboxHost } from "./shared/sandbox.js";

type Action =
  | { do: "list"; output: OutputFormat }
  | { do: "clear"; which: string | undefined }
  | { do: "inject"; spec: FaultSpec };

interface Options {
  name: string | undefined;
  action: Action;
}

const words = [
  ...faultNames.map((word) => ({ word, help: faultTypes[word].summary })),
  { word: "list", help: "show the faults that are on, and how often they hit" },
  { word: "clear", help: "take all faults away, or those of one name or sort" },
];

const usages = words.map(
  ({ word, help }) => [[word, valueOf(word)].filter(Boolean).join(" "), help] as const,
);

/** Puts faults on a sandbox, lists them and takes them away. */
export const sandboxFaultCommand = defineCommand<Options>({
  args: "FAULT [DURATION|NODE]",
  completes: "none",
  words,
  connects: false,
  description: `FAULT is one of:

${usages.map(([usage, help]) => `  ${usage.padEnd(19)}${help}`).join("\n")}

Faults fall upon requests over HTTP; controllers and machines are within, and notice nothing. Without chance: of the requests that
--verb and --resource select, each n-th is hit, until --count, --for or sts sandbox fault clear. Times are real, whatever --speed.`,
  examples: `
# Every third request is turned away for two seconds, for a minute
sts sandbox fault throttle --every=3 --retry-after=2s --for=1m

# The next write to a StatefulSet is lost to somebody else's
sts sandbox fault conflict --resource=statefulsets --count=1

# The API server restarts
sts sandbox fault away 10s

sts sandbox fault list
sts sandbox fault clear`,
  flags: [
    reachedNameFlag,
    {
      name: "verb",
      value: "VERBS",
      repeat: true,
      help: `only requests with these verbs: ${faultVerbs.join(",")}`,
    },
    {
      name: "resource",
      value: "RESOURCES",
      repeat: true,
      help: "only requests for these: pods, statefulsets/scale",
    },
    { name: "every", value: "N", help: "hit each n-th of them (default 1)" },
    { name: "count", value: "N", help: "over after so many hits" },
    { name: "for", value: "DURATION", help: "over after so long" },
    {
      name: "retry-after",
      value: "DURATION",
      help: "throttle: when to come back, in whole seconds (default 1s)",
    },
    {
      name: "code",
      value: "CODE",
      choices: errorCodes.map(String),
      help: "error: what is answered (default 500)",
    },
    outputFlag(["json", "yaml"]),
  ],
  options: (input) => ({ name: readNamedSandbox(input), action: readAction(input) }),

  async run({ name, action }, context) {
    const { reach, remoteFaults } = await import("../sandbox/process/control.js");
    const reached = await reach(sandboxHost(context), name);
    if (action.do === "list") return list(action.output, await remoteFaults.list(reached), context);
    if (action.do === "clear") {
      const gone = await remoteFaults.clear(reached, action.which);
      const names = gone.map((fault) => fault.name).join(", ");
      const none = action.which === undefined ? "no fault was on" : `no fault ${action.which} was on`;
      context.out.write(`${reached.title}: ${names ? `${names} cleared` : none}\n`);
      return 0;
    }
    const report = await asUsage(() => remoteFaults.inject(reached, action.spec));
    context.out.write(`${reached.title}: ${faultLine(report)}\n`);
    return 0;
  },
});

function valueOf(word: string): string | undefined {
  if (word === "clear") return "[NAME]";
  const type = faultNames.find((name) => name === word);
  return type && faultTypes[type].value;
}

function list(output: OutputFormat, items: FaultReport[], { out, err, clock }: Context): number {
  if (output.type !== "table") out.write(formatDocument(output, { items }));
  else if (items.length === 0) err.write("no fault is on\n");
  else out.write(faultTable(items, clock.now()));
  return 0;
}

/** What the sandbox finds wrong with a fault was typed wrong. */
async function asUsage<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isApiError(error, "BadRequest")) throw new UsageError(error.status.message);
    throw error;
  }
}

const flagsOfFaults = ["verb", "resource", "every", "count", "for", "retry-after", "code"] as const;

function readAction(input: Input): Action {
  const [word, value, ...more] = input.args;
  const known = words.map((one) => one.word).join(", ");
  if (word === undefined) throw new UsageError(`which fault? One of ${known}`);
  const type = faultNames.find((name) => name === word);
  if (!type && word !== "list" && word !== "clear")
    throw new UsageError(`"${word}" is no fault: one of ${known}`);
  refuseForeignFlags(input, word, type ? faultTypes[type].options : []);
  const expected = word === "clear" ? 1 : type && faultTypes[type].value ? 1 : 0;
  const surplus = expected === 0 && value !== undefined ? value : more[0];
  if (surplus !== undefined) throw new UsageError(`${word} does not take "${surplus}"`);
  if (word === "list") return { do: "list", output: readOutput(input, ["json", "yaml"]) };
  if (!type) return { do: "clear", which: value };
  return { do: "inject", spec: { type, ...readValue(type, value), ...readSelection(input) } };
}

function refuseForeignFlags(input: Input, word: string, options: readonly FaultOption[]): void {
  const foreign = flagsOfFaults.find((flag) => input.given(flag) && !options.includes(flag));
  if (foreign) throw new UsageError(`--${foreign} is not for ${word}`);
  if (word !== "list" && input.given("output")) throw new UsageError("-o is for list only");
}

function readValue(type: FaultName, value: string | undefined): Pick<FaultSpec, "milliseconds" | "node"> {
  const wanted = faultTypes[type].value;
  if (!wanted) return {};
  const example = wanted === "NODE" ? "node-2" : type === "away" ? "10s" : "500ms";
  if (!value)
    throw new UsageError(`${type} needs a ${wanted.toLowerCase()}: sts sandbox fault ${type} ${example}`);
  if (type !== "latency" && type !== "away") return { node: value };
  return { milliseconds: within(type, parseDuration(value), faultBounds[type]) };
}

function readSelection(input: Input): Partial<FaultSpec> {
  const verbs = input.commaList("verb");
  const unknown = verbs.find((verb) => !faultVerbs.some((known) => known === verb));
  if (unknown) throw new UsageError(`--verb: "${unknown}" is not one of ${faultVerbs.join(", ")}`);
  const resources = input.commaList("resource");
  const lasts = input.duration("for");
  const retryAfter = input.duration("retry-after");
  const code = input.integer("code");
  return {
    ...(verbs.length > 0 && { verbs }),
    ...(resources.length > 0 && { resources }),
    every: input.integer("every", faultBounds.every),
    count: input.integer("count", faultBounds.count),
    ...(lasts !== undefined && { forMilliseconds: within("--for", lasts, faultBounds.for) }),
    ...(retryAfter !== undefined && { retryAfterSeconds: wholeSeconds(retryAfter) }),
    ...(code !== undefined && { code }),
  };
}

function wholeSeconds(milliseconds: number): number {
  const { min, max } = faultBounds.retryAfterSeconds;
  if (milliseconds % 1_000 === 0) {
    return within("--retry-after", milliseconds, { min: min * 1_000, max: max * 1_000 }) / 1_000;
  }
  throw new UsageError("--retry-after: whole seconds, as HTTP has them");
}

function within(what: string, milliseconds: number, { min, max }: { min: number; max: number }): number {
  const rounded = Math.round(milliseconds);
  if (rounded >= min && rounded <= max) return rounded;
  throw new UsageError(`${what}: from ${min} ms to ${max / 1_000} s`);
}
