import type { Context } from "../../../context.js";
import {
  eventVersion,
  seconds,
  type EndEvent,
  type EventBody,
  type ProgressEvent,
} from "../../../core/progress/events.js";
import type { NextStep } from "../../../core/progress/verdict.js";
import type { ExitCode } from "../../../errors.js";
import { createProgressView } from "../../../view/progress/index.js";
import type { ProgressMode } from "../../../view/progress/mode.js";
import type { ProgressView } from "../../../view/progress/view.js";

/** Silence after which it is said what is waited for, in milliseconds. */
const silence = 30_000;

/** Says what happens to the claims of one set: lines, or events as JSON. */
export class Teller {
  private readonly view: ProgressView;
  private readonly startedAt: number;
  private lastWord: number;

  constructor(
    private readonly context: Pick<Context, "err" | "clock">,
    private readonly set: { namespace: string; name: string },
    mode: ProgressMode,
  ) {
    // Claims have no table of their own: each change is a line on a terminal, too.
    const lines = mode === "auto" || mode === "tty" ? "plain" : mode;
    this.view = createProgressView(lines, context.err, context.clock);
    this.startedAt = context.clock.now();
    this.lastWord = this.startedAt;
  }

  emit(body: EventBody): void {
    const now = this.context.clock.now();
    this.lastWord = now;
    const { namespace, name } = this.set;
    const { type, ...rest } = body;
    const head = { v: eventVersion, time: new Date(now).toISOString(), type, namespace, set: name };
    this.view.show({ ...head, ...rest } as ProgressEvent);
  }

  /** When it is time to say what is waited for. */
  heartbeatAt(): number {
    return this.lastWord + silence;
  }

  heartbeat(message: string): void {
    this.emit({ type: "heartbeat", reason: "Waiting", message, seconds: this.elapsed() });
  }

  end(
    state: EndEvent["state"],
    exitCode: ExitCode,
    { reason, message, next = [] }: { reason: string; message: string; next?: NextStep[] },
  ): void {
    const told = { ordinals: [], log: [], events: [], next };
    this.emit({
      type: "end",
      operation: "resize",
      ...{ state, reason, message, exitCode },
      seconds: this.elapsed(),
      ...told,
    });
  }

  private elapsed(): number {
    return seconds(this.context.clock.now() - this.startedAt);
  }
}
