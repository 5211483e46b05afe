import { claimTemplateNames } from "../../../core/identity.js";
import type { Pod, StatefulSet } from "../../../core/model.js";
import { createBoard, type Board } from "../../../core/progress/board.js";
import { seconds, type EndEvent, type EventBody } from "../../../core/progress/events.js";
import { Reason } from "../../../core/progress/reasons.js";
import { Progress } from "../../../core/progress/progress.js";
import type { Snapshot } from "../../../core/progress/snapshot.js";
import { stalled, timedOut } from "../../../core/progress/outcomes.js";
import type { Question, Verdict } from "../../../core/progress/verdict.js";
import type { Trouble } from "../../../core/progress/trouble.js";
import type { WaitOptions } from "../flags.js";
import { lastEvents } from "./failure.js";
import { Sight } from "./sight.js";
import { Soaking } from "./soaking.js";
import type { Sources } from "./sources.js";
import type { FollowTarget, Operation } from "./target.js";

/** How long a pod may wait for a node before its claims are looked at: a healthy one never gets there. */
const claimsAfter = 3_000;

/** How long a failure waits for the first event that tells more about it, in milliseconds. */
const eventPatience = 1_000;

/** What the sessions of one run have in common. Times are milliseconds of our clock. */
export interface Run {
  operation: Operation;
  wait: WaitOptions;
  startedAt: number;
  /** What the server's clock is ahead of ours. */
  skew(): number;
  emit(target: FollowTarget, event: EventBody): void;
}

/** Follows one target: takes its state from the sources, tells what changed, and keeps its verdict. */
export class Session {
  verdict: Verdict = {
    state: "InProgress",
    reason: "WaitingForController",
    message: "reading the set",
    next: [],
  };
  /** Done by the mirrors' word, and not confirmed yet. */
  unconfirmed = false;
  ended = false;
  /** Its end has been told. */
  told = false;
  /** What was told. */
  end: EndEvent | undefined;
  snapshot: Snapshot | undefined;
  private progress: Progress | undefined;
  private readonly sight: Sight;
  private readonly soaking: Soaking;
  private lastAdvance: number;
  private schedulingSince: number | undefined;
  private failedSince: number | undefined;
  private nextMoment: number | undefined;

  constructor(
    readonly target: FollowTarget,
    private readonly run: Run,
    private readonly sources: Sources,
    private readonly question: Question,
  ) {
    const { soakMs, name } = target;
    const warn = (message: string): void => run.emit(target, { type: "warning", message });
    this.lastAdvance = run.startedAt;
    this.sight = new Sight(target, sources);
    this.soaking = new Soaking(soakMs, name, question.naming, warn);
  }

  /** Looks at the state as the mirrors show it, and tells what changed. */
  look(now: number): void {
    if (this.ended || !this.sight.isReady) return;
    const snapshot = this.sight.take(now + this.run.skew());
    const progress = (this.progress ??= this.begin(snapshot, now));
    const { changes, verdict, advanced, nextMoment } = progress.observe(snapshot, now);
    this.snapshot = snapshot;
    this.nextMoment = nextMoment === undefined ? undefined : nextMoment - this.run.skew();
    if (advanced || this.soaking.isUnderWay) this.lastAdvance = now;
    for (const change of changes) this.run.emit(this.target, change);
    this.watchClaims(now);
    this.verdict = this.temper(this.soaking.judge(verdict, snapshot, now));
    this.unconfirmed = this.verdict.state === "Done";
    this.ended = !this.unconfirmed && this.verdict.state !== "InProgress" && !this.awaitsEvent(now);
  }

  /** Takes in a set that was read from the server just now; undefined where there is none. */
  confirm(set: StatefulSet | undefined, now: number): void {
    this.sight.refresh(set);
    this.look(now);
    if (!this.unconfirmed) return;
    this.unconfirmed = false;
    const { soakMs = 0 } = this.target;
    if (!this.snapshot || !this.soaking.begin(this.snapshot, now)) {
      this.ended = true;
      return;
    }
    this.run.emit(this.target, { type: "soak", seconds: seconds(soakMs) });
    this.look(now);
  }

  /** The set that is meant: one made later under its name is another. */
  identify(set: StatefulSet): void {
    this.sight.identify(set);
  }

  /** Ends the session of a set that was gone before it could be followed. */
  endGone(): void {
    this.verdict = { state: "Done", reason: Reason.Gone, message: "gone", next: [] };
    this.ended = true;
  }

  /** Ends the session when time is up. */
  expire(now: number): void {
    const { timeout, stallTimeout } = this.run.wait;
    if (this.ended) return;
    const verdict =
      timeout !== undefined && now >= this.run.startedAt + timeout
        ? timedOut(this.verdict, timeout)
        : stallTimeout !== undefined && now >= this.lastAdvance + stallTimeout
          ? stalled(this.verdict, stallTimeout)
          : undefined;
    if (!verdict) return;
    this.verdict = verdict;
    this.ended = true;
  }

  /** When to look again though nothing happened. */
  alarm(): number {
    const { timeout = Infinity, stallTimeout = Infinity } = this.run.wait;
    if (this.ended) return Infinity;
    const claims = this.schedulingSince === undefined ? Infinity : this.schedulingSince + claimsAfter;
    const limits = [this.run.startedAt + timeout, this.lastAdvance + stallTimeout];
    if (this.failedSince !== undefined) limits.push(this.failedSince + eventPatience);
    return Math.min(...limits, this.nextMoment ?? Infinity, claims, this.soaking.alarm);
  }

  summary(now: number) {
    return this.progress?.summary(this.target.name, { startedAt: this.run.startedAt, now }) ?? [];
  }

  /** The pod of the ordinal that the verdict names. */
  blockingPod(): Pod | undefined {
    const { ordinal } = this.verdict;
    return ordinal === undefined ? undefined : this.snapshot?.pods.get(ordinal);
  }

  /** What is wrong with the pod that the verdict names. */
  blockingTrouble(): Trouble | undefined {
    if (this.verdict.reason === Reason.SoakFailed) return this.soaking.broken;
    return this.progress?.ordinals.find(({ ordinal }) => ordinal === this.verdict.ordinal)?.trouble;
  }

  heartbeat(now: number): EventBody {
    const { reason, message } = this.verdict;
    return { type: "heartbeat", reason, message, seconds: seconds(now - this.run.startedAt) };
  }

  board(now: number): Board | undefined {
    const { progress, verdict } = this;
    if (!this.snapshot || !progress) return undefined;
    const snapshot = { ...this.snapshot, now: now + this.run.skew() };
    const { goal, title, notes } = this.target;
    return createBoard({
      goal,
      title,
      notes,
      snapshot,
      ordinals: progress.ordinals,
      gone: progress.times.filter(({ outcome }) => outcome === "gone").map(({ ordinal }) => ordinal),
      verdict,
      direction: this.direction(),
      elapsedMs: now - this.run.startedAt,
      finished: this.ended,
      activity: this.soaking.progress(now),
    });
  }

  /** Upwards while pods are made; downwards where they are replaced or taken away. Fixed, so that no row jumps. */
  private direction(): "up" | "down" {
    const { goal, before } = this.target;
    if (goal.type === "scaled") return (before?.length ?? 0) > goal.replicas ? "down" : "up";
    return this.run.operation === "create" ? "up" : "down";
  }

  private begin(snapshot: Snapshot, now: number): Progress {
    const known = this.sight.before(snapshot);
    const baseline = this.run.operation === "create" ? known : (known ?? snapshot);
    return new Progress(this.question, baseline, known ? this.run.startedAt : now);
  }

  /** Who sees a failure first is chance: the event that tells why may be on its way yet. */
  private awaitsEvent(now: number): boolean {
    if (this.verdict.state !== "Failed") {
      this.failedSince = undefined;
      return false;
    }
    this.failedSince ??= now;
    return now < this.failedSince + eventPatience && lastEvents(this).length === 0;
  }

  /** Opens the claims once a pod has waited for a node for a while. */
  private watchClaims(now: number): void {
    const { set } = this.snapshot ?? {};
    const waits = this.progress?.ordinals.some(({ phase, wanted }) => phase === "scheduling" && wanted);
    if (!waits || !set || claimTemplateNames(set).length === 0) {
      this.schedulingSince = undefined;
      return;
    }
    this.schedulingSince ??= now;
    if (now < this.schedulingSince + claimsAfter) return;
    this.sources.openClaims(this.target.namespace);
    this.schedulingSince = Infinity;
  }

  /** Adds how to go back to a failure; without fail-fast, one is only something to say. */
  private temper(verdict: Verdict): Verdict {
    if (verdict.state !== "Failed") return verdict;
    // A soak that failed cannot come to a good end any more.
    const isFinal = this.run.wait.failFast || verdict.reason === Reason.SoakFailed;
    const { back, unstick = false } = this.target;
    const isFreed = unstick && verdict.reason === Reason.Deadlock;
    if (!isFinal || isFreed) return { ...verdict, state: "InProgress" };
    const isNew = back && !verdict.next.some(({ command }) => command === back.command);
    return isNew ? { ...verdict, next: [...verdict.next, back] } : verdict;
  }
}
