import type { ConnectionFlags } from "../../../cluster/index.js";
import type { RetentionPolicy } from "../../../core/claims/retention.js";
import { UsageError } from "../../../core/errors.js";
import type { Flag } from "../../shared/command.js";
import { yesFlag } from "../../shared/confirm.js";
import { dryRunFlag, readConnection, readDryRun, readSetName, type DryRun } from "../../shared/flags.js";
import type { Input } from "../../shared/input.js";

const retentionOutputs = ["json", "yaml", "name"] as const;

export const retentionFlags: readonly Flag[] = [
  dryRunFlag,
  yesFlag,
  {
    name: "wait",
    value: "BOOL",
    bare: "true",
    help: "wait until the claims have the owners that follow (default true)",
  },
  { name: "timeout", value: "DURATION", help: "give up waiting after this long; 0 is never (default)" },
  { name: "output", short: "o", value: "FORMAT", choices: retentionOutputs, help: "how to print it" },
];

export interface RetentionOptions {
  connection: ConnectionFlags;
  name: string;
  /** The fields to set; empty: the policy is only shown. */
  changes: Partial<RetentionPolicy>;
  dryRun: DryRun;
  yes: boolean;
  wait: boolean;
  /** Milliseconds; undefined is no limit. */
  timeout: number | undefined;
  output: (typeof retentionOutputs)[number] | undefined;
}

const form = "scaled=Retain|Delete or deleted=Retain|Delete";
const fields: Readonly<Record<string, keyof RetentionPolicy>> = {
  scaled: "whenScaled",
  deleted: "whenDeleted",
};
const policies = ["Retain", "Delete"];

export function readRetentionOptions(input: Input): RetentionOptions {
  const isName = (word: string) => !word.includes("=");
  const [name, ...others] = input.args.filter(isName).map(readSetName);
  if (name === undefined) throw new UsageError("the name of a StatefulSet is needed");
  const [other] = others;
  if (other !== undefined) {
    throw new UsageError(`one StatefulSet at a time, and then ${form}: ${[name, ...others].join(", ")}`);
  }
  return {
    connection: readConnection(input),
    name,
    changes: readChanges(input.args.filter((word) => !isName(word)).flatMap((word) => word.split(","))),
    dryRun: readDryRun(input),
    yes: input.boolean("yes"),
    wait: input.boolean("wait", true),
    timeout: input.duration("timeout") || undefined,
    output: input.oneOf("output", retentionOutputs),
  };
}

/** Exact, as kubectl's values are: what deletes data is not guessed. */
function readChanges(words: readonly string[]): Partial<RetentionPolicy> {
  const changes: Partial<RetentionPolicy> = {};
  for (const word of words) {
    const [key = "", value = ""] = word.split(/=(.*)/s);
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!field) throw new UsageError(`"${word}" is not ${form}`);
    if (!policies.includes(value))
      throw new UsageError(`${key}: "${value}" is not one of ${policies.join(", ")}`);
    if ((changes[field] ?? value) !== value) throw new UsageError(`${key} is given twice, and differs`);
    changes[field] = value;
  }
  return changes;
}
