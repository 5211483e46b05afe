import type { StatefulSet } from "../model.js";
import { availableAt } from "../pod-state.js";
import { podRevision } from "../revision.js";
import { diagnose, type Diagnosed } from "./diagnosis.js";
import { Changes, stateName } from "./diff.js";
import { seconds, type EventBody, type OrdinalSummary } from "./events.js";
import type { Snapshot } from "./snapshot.js";
import { closedAt, phaseTotals, Timing, type OrdinalTime, type TimedPhase } from "./timing.js";
import { judge, type Question, type Verdict } from "./verdict.js";
import { podName } from "../identity.js";

/** What one look at the set brought. */
interface Look {
  changes: EventBody[];
  verdict: Verdict;
  /** Something came further than it had been. */
  advanced: boolean;
  /** When the verdict may change though nothing happens, by the server's clock; undefined for never. */
  nextMoment: number | undefined;
}

/** Follows one set from snapshot to snapshot: what changed, what it means, where the time went. Knows no clock. */
export class Progress {
  private readonly changes: Changes;
  private readonly timing = new Timing();
  private readonly milestones = new Set<string>();
  private latest: readonly Diagnosed[] = [];

  /** `before` is the state that is known already, at `now` of our clock. */
  constructor(
    private readonly question: Question,
    before: Snapshot | undefined,
    now: number,
  ) {
    this.changes = new Changes(before);
    if (before) this.timing.observe(diagnose(before), now);
  }

  /** Ordinals as of the last look. */
  get ordinals(): readonly Diagnosed[] {
    return this.latest;
  }

  get times(): readonly OrdinalTime[] {
    return this.timing.ordinals;
  }

  observe(snapshot: Snapshot, now: number): Look {
    const diagnosed = diagnose(snapshot);
    this.latest = diagnosed;
    this.timing.observe(diagnosed, now);
    const changes = this.changes.next(snapshot, diagnosed, this.timing);
    const verdict = judge(snapshot, this.question);
    const advanced = this.reach(snapshot, diagnosed);
    return { changes, verdict, advanced, nextMoment: nextMoment(snapshot, diagnosed) };
  }

  /**
   * Whether a milestone was reached for the first time. A container that restarts for ever, or a pod that is made anew
   * at the same revision and comes no further, reaches none.
   */
  private reach(snapshot: Snapshot, diagnosed: readonly Diagnosed[]): boolean {
    const before = this.milestones.size;
    for (const milestone of milestonesOf(snapshot, diagnosed)) this.milestones.add(milestone);
    return this.milestones.size > before;
  }

  /** Where the time went, for the summary; what is still open ends `now`. Milliseconds of our clock. */
  summary(set: string, { startedAt, now }: { startedAt: number; now: number }): OrdinalSummary[] {
    const since = (moment: number): number => seconds(Math.max(0, moment - startedAt));
    return this.times
      .filter(({ stretches }) => stretches.length > 0)
      .map((time) => closedAt(time, now))
      .map((time) => ({
        ordinal: time.ordinal,
        pod: podName(set, time.ordinal),
        outcome: time.outcome,
        seconds: seconds(time.to - time.from),
        phases: inSeconds(phaseTotals(time)),
        from: since(time.from),
        stretches: time.stretches.map(({ phase, from, to }) => ({ phase, from: since(from), to: since(to) })),
        restarts: time.restarts.map(since),
        ...(time.revisionBefore !== undefined && { revisionBefore: time.revisionBefore }),
        ...(time.revisionAfter !== undefined && { revisionAfter: time.revisionAfter }),
        ...(time.outcome === "open" && { state: this.stateOf(time.ordinal) }),
      }));
  }

  private stateOf(ordinal: number): string {
    const { pod, phase, trouble, broken } = this.latest.find((other) => other.ordinal === ordinal) ?? {};
    if (broken && trouble) return trouble.reason;
    return pod && phase ? stateName(pod, phase, trouble?.reason) : (trouble?.reason ?? "Gone");
  }
}

function inSeconds(totals: Partial<Record<TimedPhase, number>>): Partial<Record<TimedPhase, number>> {
  return Object.fromEntries(Object.entries(totals).map(([phase, ms]) => [phase, seconds(ms)]));
}

const steps = new Set(["scheduling", "volumes", "images", "starting", "minReady", "ready", "terminating"]);

function* milestonesOf({ set, claims }: Snapshot, diagnosed: readonly Diagnosed[]): Generator<string> {
  if (set) yield `observed/${observed(set)}`;
  else yield "gone";
  const revisions = set?.status?.updateRevision ?? "";
  for (const { ordinal, pod, phase, wanted } of diagnosed) {
    if (pod && steps.has(phase)) yield `${ordinal}/${podRevision(pod)}/${phase}`;
    if (!pod) yield `${ordinal}/${revisions}/absent`;
    if (!wanted) yield `${ordinal}/surplus`;
  }
  const surplus = diagnosed.filter(({ wanted }) => !wanted).length;
  yield `surplus/${surplus}`;
  for (const [name, claim] of claims) if (claim.status?.phase === "Bound") yield `claim/${name}`;
}

function observed({ status }: StatefulSet): number {
  return status?.observedGeneration ?? 0;
}

/** The next moment at which patience ends with some pod, or one has been ready for long enough. */
function nextMoment({ set, now }: Snapshot, diagnosed: readonly Diagnosed[]): number | undefined {
  const minReady = set?.spec.minReadySeconds ?? 0;
  const moments = diagnosed.flatMap(({ pod, trouble, phase }) => [
    trouble?.fatalFrom ?? Infinity,
    trouble?.until ?? Infinity,
    phase === "minReady" && pod ? (availableAt(pod, minReady) ?? Infinity) : Infinity,
  ]);
  const next = moments.reduce((least, moment) => (moment > now && moment < least ? moment : least), Infinity);
  return next === Infinity ? undefined : next;
}
