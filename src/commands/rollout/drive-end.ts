import type { Context } from "../../context.js";
import { eventVersion, seconds, type EndEvent } from "../../core/progress/events.js";
import type { Reason } from "../../core/progress/reasons.js";
import type { ExitCode, InterruptedError } from "../../errors.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { createProgressView } from "../../view/progress/index.js";
import type { WaitOptions } from "../shared/flags.js";

/** The last word on a rollout in steps. */
export interface LastWord {
  state: EndEvent["state"];
  reason: Reason | InterruptedError["signal"];
  code: ExitCode;
  message: string;
  next?: NextStep[];
}

/** Tells how a rollout in steps ended, in the form that every wait ends in. */
export class DriveEnd {
  private readonly startedAt: number;

  constructor(
    private readonly context: Pick<Context, "clock" | "err">,
    private readonly about: { namespace: string; name: string; wait: WaitOptions },
  ) {
    this.startedAt = context.clock.now();
  }

  tell({ state, reason, code, message, next = [] }: LastWord): void {
    const { clock, err } = this.context;
    const { namespace, name, wait } = this.about;
    const now = clock.now();
    const event: EndEvent = {
      ...{ v: eventVersion, time: new Date(now).toISOString(), type: "end", namespace, set: name },
      ...{ state, reason, message, exitCode: code },
      ...{ seconds: seconds(now - this.startedAt), ordinals: [], log: [], events: [], next },
    };
    const view = createProgressView(wait.progress, err, clock);
    view.show(event);
    view.close();
  }
}
