import { ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";
import { isObserved } from "../revision.js";
import { judgeRestart } from "../rollout/restart.js";
import { judgeChange } from "./rules/change.js";
import { judgeFailure } from "./rules/failure.js";
import { judgeGone } from "./rules/gone.js";
import { settledMessage, statusLags, waitingFor } from "./rules/waiting.js";
import { diagnose } from "./diagnosis.js";
import type { Goal } from "./goal.js";
import type { Naming } from "./naming.js";
import { Reason } from "./reasons.js";
import type { Snapshot } from "./snapshot.js";

/** The next thing a person can do, as a command to copy. */
export interface NextStep {
  /** Short, for the column before it: `see more`, `go back`. */
  label: string;
  command: string;
}

export type VerdictState = "Done" | "InProgress" | "Failed" | "Stalled" | "Conflict" | "TimedOut";

/** What can be said of an operation at one moment. */
export interface Verdict {
  state: VerdictState;
  /** A machine's word, one of `Reason`. */
  reason: string;
  /** In plain words, without the set's name: `web-3 crashes on start (exit code 1, 4 restarts)`. */
  message: string;
  /** The ordinal that decides: the blocking one, or the one that is waited for. */
  ordinal?: number;
  next: NextStep[];
}

/** What a verdict is asked about, beside the state of things. */
export interface Question {
  goal: Goal;
  /** The set as our own write left it, where there was one. */
  written?: StatefulSet | undefined;
  /** Whoever asks deletes what blocks an update for ever: the verdict Deadlock then names what is to be deleted now. */
  unstick?: boolean | undefined;
  naming: Naming;
}

/**
 * Judges a state. Pure, and in this order:
 * 1. a set that is to go: gone with its pods, or on its way;
 * 2. somebody else's change, or deletion, of what the command relies on;
 * 3. a controller that has not seen the spec yet: nothing in the status can be trusted;
 * 4. what cannot succeed, each pod judged at the revision its ordinal is wanted at;
 * 5. done: no surplus or terminating pod, every wanted ordinal available and at its revision;
 * 6. otherwise what is waited for.
 */
export function judge(snapshot: Snapshot, question: Question): Verdict {
  const { goal } = question;
  if (goal.type === "gone") return judgeGone(snapshot, goal);
  const changed = judgeChange(snapshot, question);
  if (changed) return changed;
  const { set } = snapshot;
  if (!set || !isObserved(set)) {
    return inProgress(Reason.WaitingForController, "waiting for the StatefulSet controller to take it up");
  }
  const diagnosed = diagnose(snapshot);
  if (goal.type === "restarted") return judgeRestart(diagnosed, set, goal, question);
  const failed = judgeFailure(diagnosed, set, question);
  if (failed) return failed;
  const present = diagnosed.filter(({ wanted, settled }) => wanted && settled).length;
  const complete = present === ordinalRange(set).replicas && diagnosed.every(({ settled }) => settled);
  if (!complete) return waitingFor(diagnosed, set);
  if (statusLags(set))
    return inProgress(Reason.WaitingForStatus, "waiting for the set's status to say so too");
  return { state: "Done", reason: Reason.Settled, message: settledMessage(diagnosed, set), next: [] };
}

function inProgress(reason: Reason, message: string): Verdict {
  return { state: "InProgress", reason, message, next: [] };
}
