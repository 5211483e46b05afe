import type { Claim, Pod, StatefulSet } from "../../../core/model.js";
import type { Goal } from "../../../core/progress/goal.js";
import type { EndEvent, Operation } from "../../../core/progress/events.js";
import type { NamingFor } from "../../../core/progress/naming.js";
import type { Snapshot } from "../../../core/progress/snapshot.js";
import type { NextStep, Verdict } from "../../../core/progress/verdict.js";
import type { ExitCode } from "../../../errors.js";
import type { WaitOptions } from "../flags.js";

export type { Operation } from "../../../core/progress/events.js";

/** One set to follow, and what for. */
export interface FollowTarget {
  namespace: string;
  name: string;
  goal: Goal;
  /** What happens, in a line: `3 → 5 replicas, one after the other (OrderedReady)`. */
  title: string;
  /** Said once, under the title. */
  notes: string[];
  /**
   * The set as our own write left it. Another one's change of what the command relies on (`spec.replicas` when scaling,
   * template and update strategy otherwise) ends the wait as Conflict and names the manager.
   */
  written?: StatefulSet;
  /** The set as the command has read it, where it wrote nothing: it need not be read again. */
  read?: StatefulSet;
  /** The set's pods as they were before the write, where the command read them: changes are told from there on. */
  before?: readonly Pod[];
  /** The namespace's claims as of then: the table tells which ordinals have kept theirs. */
  claims?: readonly Claim[];
  /** How to go back, offered when it fails. */
  back?: NextStep;
  /** How long everything has to stay as it is once it is done, in milliseconds: a restart or a lost Ready fails it. */
  soakMs?: number;
  /**
   * Where a broken pod at an old revision blocks the update of an OrderedReady set (verdict Deadlock), it is deleted,
   * with its UID as the precondition, and the wait goes on.
   */
  unstick?: boolean;
}

export interface FollowRequest {
  operation: Operation;
  targets: FollowTarget[];
  wait: WaitOptions;
  /** How the commands are written that are offered. */
  naming: NamingFor;
  /** The command that goes on after Ctrl-C; `rollout status` when left out. */
  again?(target: FollowTarget): string;
}

export interface FollowResult {
  code: ExitCode;
  /** In the order of the targets. */
  verdicts: Verdict[];
  /** What was told of each target in the end: the verdict, and where the time went. */
  ends: EndEvent[];
  /** What each target looked like at last; undefined where it was never seen. */
  snapshots: (Snapshot | undefined)[];
}

/** What happens to a target, for a command that does not follow it: its title, and the notes below it. */
export function announcement({ namespace, name, title, notes }: FollowTarget): string {
  return [`${namespace}/${name}: ${title}`, ...notes.map((note) => `  ${note}`), ""].join("\n");
}
