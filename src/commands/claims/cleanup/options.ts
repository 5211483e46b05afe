import type { ConnectionFlags } from "../../../cluster/index.js";
import type { GoneSet } from "../../../core/claims/leftover.js";
import { includable, type Includable } from "../../../core/claims/states.js";
import { UsageError } from "../../../core/errors.js";
import type { ProgressMode } from "../../../view/progress/mode.js";
import type { Flag } from "../../shared/command.js";
import { yesFlag } from "../../shared/confirm.js";
import { dryRunFlag, progressFlag, readConnection, readDryRun, readProgress } from "../../shared/flags.js";
import type { Input } from "../../shared/input.js";
import type { CarryOutOptions } from "../deletion/carry-out.js";
import { claimScopeFlags, readClaimScope, type ClaimScope } from "../choose.js";
import { keepFlags, readKeepOptions } from "../deletion/keep-flags.js";
import { mostAtATime } from "../pool.js";
import { deletionOutputs, type DeletionOutput } from "../deletion/report.js";

export const cleanupFlags: readonly Flag[] = [
  ...claimScopeFlags,
  { name: "older-than", value: "DURATION", help: "only claims unused for so long, such as 7d" },
  {
    name: "include",
    value: "STATE,…",
    repeat: true,
    help: `also claims of these states: ${includable.join(", ")}`,
  },
  { name: "set", value: "NAME", help: "a deleted StatefulSet whose claims to choose; needs --template" },
  { name: "template", value: "NAME", repeat: true, help: "a claim template that the deleted set had" },
  ...keepFlags,
  dryRunFlag,
  yesFlag,
  { name: "wait", value: "BOOL", bare: "true", help: "wait until the claims are gone (default true)" },
  { name: "timeout", value: "DURATION", help: "give up waiting after this long; 0 is never (default)" },
  { name: "concurrency", value: "N", help: `how many to delete at a time, at most ${mostAtATime} (default)` },
  progressFlag,
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: deletionOutputs,
    help: "how to print what was deleted",
  },
];

export interface CleanupOptions extends CarryOutOptions {
  connection: ConnectionFlags;
  scope: ClaimScope;
  /** Sets that a person says are gone. */
  gone: GoneSet[];
  /** Milliseconds. */
  olderThan: number;
  included: Includable[];
  output: DeletionOutput | undefined;
  progress: ProgressMode;
}

export function readCleanupOptions(input: Input): CleanupOptions {
  const scope = readClaimScope(input);
  const gone = readGone(input, scope);
  return {
    connection: readConnection(input),
    scope,
    allNamespaces: scope.allNamespaces,
    gone,
    olderThan: input.duration("older-than") ?? 0,
    included: [...readIncluded(input), ...(gone.length > 0 ? (["set-deleted"] as const) : [])],
    ...readKeepOptions(input),
    dryRun: readDryRun(input),
    yes: input.boolean("yes"),
    wait: input.boolean("wait", true),
    timeout: input.duration("timeout") || undefined,
    concurrency: input.integer("concurrency", { min: 1, max: mostAtATime }) ?? mostAtATime,
    progress: readProgress(input),
    output: input.oneOf("output", deletionOutputs),
  };
}

function readIncluded(input: Input): Includable[] {
  return input.commaList("include").map((text) => {
    const state = includable.find((candidate) => candidate === text);
    if (!state) throw new UsageError(`--include: "${text}" is not one of ${includable.join(", ")}`);
    return state;
  });
}

function readGone(input: Input, { names, selector, allNamespaces }: ClaimScope): GoneSet[] {
  const set = input.text("set");
  const templates = input.commaList("template");
  if (set === undefined && templates.length === 0) return [];
  if (!set || templates.length === 0) {
    throw new UsageError("--set and --template go together: a claim's name alone does not tell them apart");
  }
  if (names.length > 0 || selector !== undefined || allNamespaces) {
    throw new UsageError("--set names the one set to clean up after: no other names, -l or -A");
  }
  return templates.map((template) => ({ set, template }));
}
