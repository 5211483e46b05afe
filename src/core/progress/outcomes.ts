import { formatElapsed } from "../duration.js";
import { Reason } from "./reasons.js";
import type { Verdict } from "./verdict.js";

/** What a wait comes to when nothing advanced for `stallTimeout` milliseconds. */
export function stalled(last: Verdict, stallTimeout: number): Verdict {
  const message = `nothing advanced for ${formatElapsed(stallTimeout)}: ${last.message}`;
  return { ...last, state: "Stalled", reason: Reason.Stalled, message };
}

/** What a wait comes to when its time is up; `timeout` in milliseconds. */
export function timedOut(last: Verdict, timeout: number): Verdict {
  const message = `not finished after ${formatElapsed(timeout)}: ${last.message}`;
  return { ...last, state: "TimedOut", reason: Reason.Timeout, message };
}
