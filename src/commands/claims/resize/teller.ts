import type { Context } from "../../../context.js";
import {
  eventVersion,
  seconds,
  type EndEvent,
  type EventBody,
  type ProgressEvent,
} from "../../../core/progress/events.js";
import { podName } from "../../../core/identity.js";
import type { Standing } from "../../../core/claims/resize/standing.js";
import type { NextStep } from "../../../core/progress/verdict.js";
import type { ExitCode } from "../../../errors.js";
import { silence } from "../../shared/heartbeat.js";
import { GrowthTable, type GrowthRow } from "../../../view/claims/resize-live.js";
import { createProgressView } from "../../../view/progress/index.js";
import type { ProgressMode } from "../../../view/progress/mode.js";
import type { ProgressView } from "../../../view/progress/view.js";

/** What a table on a terminal shows of itself. */
const shownByTable: readonly string[] = ["claim", "heartbeat"];

/** Says what happens to the claims of one set: a table on a terminal, lines elsewhere, or events as JSON. */
export class Teller {
  private readonly view: ProgressView;
  private readonly startedAt: number;
  private readonly isLive: boolean;
  private table: GrowthTable | undefined;
  private lastWord: number;

  constructor(
    private readonly context: Pick<Context, "err" | "clock">,
    private readonly set: { namespace: string; name: string },
    private readonly mode: ProgressMode,
  ) {
    this.isLive = mode === "tty" || (mode === "auto" && context.err.isTerminal);
    this.view = createProgressView(this.isLive ? "plain" : mode, context.err, context.clock);
    this.startedAt = context.clock.now();
    this.lastWord = this.startedAt;
  }

  emit(body: EventBody): void {
    const now = this.context.clock.now();
    this.lastWord = now;
    const { namespace, name } = this.set;
    const { type, ...rest } = body;
    const head = { v: eventVersion, time: new Date(now).toISOString(), type, namespace, set: name };
    if (this.isLive && shownByTable.includes(type)) return;
    this.aside(() => this.view.show({ ...head, ...rest } as ProgressEvent));
  }

  /** The waiting begins. For people the plan has said so. */
  start(title: string): void {
    if (this.mode === "json") this.emit({ type: "start", operation: "resize", title, notes: [] });
  }

  /** How the claims stand, for a terminal. */
  show(standings: readonly Standing[]): void {
    if (!this.isLive) return;
    this.table ??= new GrowthTable(this.context.err, this.context.clock);
    this.table.update(standings.map((standing) => rowOf(standing, this.set.name)));
  }

  /** Writes something that stays, beside the table. */
  aside(write: () => void): void {
    if (this.table) this.table.aside(write);
    else write();
  }

  /** Nothing grows for now: others may write. */
  pause(): void {
    this.table?.close();
    this.table = undefined;
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

function rowOf({ planned, growth, needs }: Standing, set: string): GrowthRow {
  const { claim, ordinal, capacity: from, to } = planned;
  const words = needs === "pod" ? `until ${podName(set, ordinal)} has mounted it` : growth.message;
  return { name: claim.metadata.name, from, to, state: growth.state, ...(words !== undefined && { words }) };
}
