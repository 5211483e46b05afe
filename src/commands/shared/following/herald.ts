import type { Cluster } from "../../../cluster/cluster.js";
import type { Context } from "../../../context.js";
import {
  eventVersion,
  seconds,
  type EndEvent,
  type EventBody,
  type ProgressEvent,
} from "../../../core/progress/events.js";
import { ownCommand } from "../../../core/progress/naming.js";
import type { NextStep } from "../../../core/progress/verdict.js";
import { exitCodeOf, type InterruptedError } from "../../../errors.js";
import { createProgressView } from "../../../view/progress/index.js";
import type { ProgressView } from "../../../view/progress/view.js";
import { silence } from "../heartbeat.js";
import type { Contact } from "./contact.js";
import { lastEvents, lastLog } from "./failure.js";
import type { Session } from "./session.js";
import type { FollowRequest, FollowTarget } from "./target.js";
import { verdictCodes } from "./verdict-codes.js";

/** Makes events of what happens and gives them to the view. */
export class Herald {
  readonly view: ProgressView;
  private lastWord: number;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly request: FollowRequest,
    private readonly startedAt: number,
  ) {
    this.lastWord = startedAt;
    this.view = createProgressView(request.wait.progress, context.err, context.clock);
  }

  emit({ namespace, name }: FollowTarget, body: EventBody): ProgressEvent {
    const now = this.context.clock.now();
    const time = new Date(now).toISOString();
    // What only machines want does not break the silence that a heartbeat is for.
    if (body.type !== "set") this.lastWord = now;
    const { type, ...rest } = body;
    const event = { v: eventVersion, time, type, namespace, set: name, ...rest } as ProgressEvent;
    this.view.show(event);
    return event;
  }

  start(): void {
    const { operation, targets } = this.request;
    for (const target of targets) {
      const { title, notes } = target;
      this.emit(target, { type: "start", operation, title, notes });
    }
  }

  /** Something that concerns no set more than another. */
  warn(message: string): void {
    const [target] = this.request.targets;
    if (target) this.emit(target, { type: "warning", message });
  }

  contact(contact: Contact): void {
    const news = contact.news(this.context.clock.now());
    const [target] = this.request.targets;
    if (!news || !target) return;
    const { lost, ms, message } = news;
    this.emit(target, {
      type: "contact",
      lost,
      seconds: seconds(ms),
      ...(message !== undefined && { message }),
    });
  }

  /** Says what is waited for when nothing was said for a while. */
  heartbeat(sessions: readonly Session[]): void {
    const now = this.context.clock.now();
    if (now < this.lastWord + silence) return;
    for (const session of sessions) this.emit(session.target, session.heartbeat(now));
  }

  /** When a heartbeat is due. */
  alarm(): number {
    return this.lastWord + silence;
  }

  async end(session: Session): Promise<EndEvent> {
    const { verdict, target } = session;
    const failed = verdict.state === "Failed" || verdict.state === "Stalled" || verdict.state === "TimedOut";
    const log = failed ? await lastLog(this.cluster, this.context.clock, session) : [];
    const again = this.again(target);
    const unfinished = verdict.state === "TimedOut" || verdict.state === "Stalled";
    return this.emit(target, {
      ...this.endBody(session),
      state: verdict.state,
      reason: verdict.reason,
      message: verdict.message,
      exitCode: verdictCodes[verdict.state],
      log,
      events: failed ? lastEvents(session) : [],
      next: unfinished ? withStep(verdict.next, again) : verdict.next,
    }) as EndEvent;
  }

  interrupted(session: Session, error: InterruptedError): void {
    // Time may have passed since the last look, and nothing else.
    session.look(this.context.clock.now());
    this.emit(session.target, {
      ...this.endBody(session),
      state: "Interrupted",
      reason: error.signal,
      message: `left as it is: ${session.verdict.message}`,
      exitCode: exitCodeOf(error),
      log: [],
      events: [],
      next: withStep(session.verdict.next, this.again(session.target)),
    });
  }

  private again(target: FollowTarget): NextStep {
    const { again, naming } = this.request;
    const command = again?.(target) ?? ownCommand(naming(target.namespace), `rollout status ${target.name}`);
    return { label: "watch again", command };
  }

  private endBody(
    session: Session,
  ): Pick<EventBody<EndEvent>, "type" | "operation" | "seconds" | "ordinals" | "ordinal"> {
    const now = this.context.clock.now();
    const { ordinal } = session.verdict;
    return {
      type: "end",
      operation: this.request.operation,
      seconds: seconds(now - this.startedAt),
      ...(ordinal !== undefined && { ordinal }),
      ordinals: session.summary(now),
    };
  }
}

/** The steps with one more, unless one of them is the same command. */
function withStep(steps: readonly NextStep[], one: NextStep): NextStep[] {
  return steps.some(({ command }) => command === one.command) ? [...steps] : [...steps, one];
}
