import type { ConnectionFlags } from "../../cluster/index.js";
import { parseAssignments, type Assignment } from "../../core/recreate/fields.js";
import { takeOverFlag } from "../rollout/holder.js";
import type { Flag } from "../shared/command.js";
import { yesFlag } from "../shared/confirm.js";
import { dryRunFlag, readConnection, readDryRun, readOneSetName, type DryRun } from "../shared/flags.js";
import type { Input } from "../shared/input.js";

export interface RecreateOptions {
  connection: ConnectionFlags;
  name: string;
  /** Empty: only what was interrupted is brought to its end. */
  assignments: Assignment[];
  /** As they were typed, for the command that goes on. */
  typed: readonly string[];
  dryRun: DryRun;
  yes: boolean;
  takeOver: boolean;
  /** Milliseconds; undefined is no limit. */
  timeout: number | undefined;
}

export const recreateFlags: readonly Flag[] = [
  {
    name: "set",
    value: "FIELD=VALUE",
    repeat: true,
    help: "immutable field to change, such as spec.serviceName=web-hs",
  },
  { name: "timeout", value: "DURATION", help: "give up waiting after this long; 0 is never (default)" },
  { ...takeOverFlag, help: "go on with what a process elsewhere has begun, and has ended" },
  yesFlag,
  dryRunFlag,
];

export function readRecreateOptions(input: Input): RecreateOptions {
  const typed = input.list("set");
  return {
    connection: readConnection(input),
    name: readOneSetName(input),
    assignments: parseAssignments(typed),
    typed,
    dryRun: readDryRun(input),
    yes: input.boolean("yes"),
    takeOver: input.boolean("take-over"),
    timeout: input.duration("timeout") || undefined,
  };
}
