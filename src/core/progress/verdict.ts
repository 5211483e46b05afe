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
