import type { VerdictState } from "../../../core/progress/verdict.js";
import { ExitCode } from "../../../errors.js";

/** The exit code that a verdict stands for, at the end of a wait or where nobody waits. */
export const verdictCodes: Record<VerdictState, ExitCode> = {
  Done: ExitCode.Done,
  InProgress: ExitCode.Unfinished,
  TimedOut: ExitCode.Unfinished,
  Failed: ExitCode.Failed,
  Stalled: ExitCode.Stalled,
  Conflict: ExitCode.Conflict,
};
