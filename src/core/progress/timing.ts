import type { Pod } from "../model.js";
import { isTerminating, restartCount } from "../pod-state.js";
import { podRevision } from "../revision.js";
import type { Phase, Standing } from "./standing.js";

/** Where the time of an ordinal goes, in the summary's words and order. */
export const timedPhases = [
  "terminating",
  "scheduling",
  "volumes",
  "images",
  "starting",
  "notReady",
  "minReady",
] as const;
export type TimedPhase = (typeof timedPhases)[number];

/** One stretch of an ordinal's time; milliseconds of our clock. */
interface Stretch {
  phase: TimedPhase;
  from: number;
  to: number;
}

/** What became of one ordinal that moved. */
export interface OrdinalTime {
  ordinal: number;
  /** `ready`, `gone`, or `open` while it is neither. */
  outcome: "ready" | "gone" | "open";
  /** From its first movement to its end, or so far. */
  from: number;
  to: number;
  stretches: Stretch[];
  /** When a container was seen to have restarted. */
  restarts: number[];
  /** Of the pod that was there before, and of the last one; undefined for none, or one that nobody saw. */
  revisionBefore: string | undefined;
  revisionAfter: string | undefined;
}

/** What was last seen of an ordinal's pod. */
interface Seen {
  uid: string;
  restarts: number;
  revision: string | undefined;
}

/** Restarts and stretches that are kept of one ordinal. */
const most = 64;

/** How long an ordinal spent in each phase, in milliseconds; phases without time are left out. */
export function phaseTotals({ stretches }: OrdinalTime): Partial<Record<TimedPhase, number>> {
  const totals: Partial<Record<TimedPhase, number>> = {};
  for (const { phase, from, to } of stretches) totals[phase] = (totals[phase] ?? 0) + to - from;
  return totals;
}

/**
 * Keeps the times of every ordinal that moves. Fed with each state as it was seen, by our own clock: the server's
 * times are whole seconds. The memory is bounded: a pod that flaps for ever joins its stretches in the oldest ones.
 */
export class Timing {
  private readonly moved = new Map<number, OrdinalTime>();
  private readonly wasReady = new Map<number, string>();
  private readonly seen = new Map<number, Seen>();
  private begun = false;
  /** Ordinals that had a pod at the last look. */
  private present: readonly number[] = [];

  /** Ordinals that moved, in the order in which they began. */
  get ordinals(): readonly OrdinalTime[] {
    return [...this.moved.values()].sort((left, right) => left.from - right.from);
  }

  of(ordinal: number): OrdinalTime | undefined {
    return this.moved.get(ordinal);
  }

  observe(standings: readonly Standing[], now: number): void {
    const seen = new Set(standings.map(({ ordinal }) => ordinal));
    const unseen = this.present.filter((ordinal) => !seen.has(ordinal) && !this.moved.has(ordinal));
    // They went so fast that nobody saw them leave: before anything that moves now, and the highest first.
    for (const ordinal of unseen.toSorted((left, right) => right - left)) {
      this.open(ordinal, now).stretches.push({ phase: "terminating", from: now, to: now });
    }
    this.present = standings.filter(({ pod }) => pod).map(({ ordinal }) => ordinal);
    for (const standing of standings) {
      if (standing.pod) this.observePod(standing, standing.pod, now);
      else this.close(standing.ordinal, standing.wanted ? "open" : "gone", now);
    }
    for (const ordinal of this.moved.keys()) if (!seen.has(ordinal)) this.close(ordinal, "gone", now);
    this.begun = true;
  }

  private observePod(standing: Standing, pod: Pod, now: number): void {
    this.advance(standing, pod, now);
    const { ordinal } = standing;
    const { uid } = pod.metadata;
    const [last, restarts, revision] = [this.seen.get(ordinal), restartCount(pod), podRevision(pod)];
    this.seen.set(ordinal, { uid, restarts, revision });
    const time = this.moved.get(ordinal);
    if (!time) return;
    // A pod of the first look brings its restarts along.
    const known = last?.uid === uid ? last.restarts : this.begun ? 0 : restarts;
    if (restarts > known) time.restarts = [...time.restarts, now].slice(-most);
    if (!isTerminating(pod)) time.revisionAfter = revision;
  }

  private advance({ ordinal, phase, settled }: Standing, pod: Pod, now: number): void {
    const { uid } = pod.metadata;
    if (phase === "ready") this.wasReady.set(ordinal, uid);
    if (settled) return this.close(ordinal, "ready", now);
    const timed = this.timedPhase(ordinal, uid, phase);
    if (!timed) return;
    const leaving = timed === "terminating" ? podRevision(pod) : undefined;
    const time = this.open(ordinal, now, leaving);
    const last = time.stretches.at(-1);
    if (last && last.to === Infinity) {
      if (last.phase === timed) return;
      last.to = now;
    }
    time.stretches.push({ phase: timed, from: now, to: Infinity });
    if (time.stretches.length > most) joinOldest(time.stretches);
  }

  /** A pod that was ready before and is not now is not starting: it stopped being ready. */
  private timedPhase(ordinal: number, uid: string, phase: Phase): TimedPhase | undefined {
    if (phase === "starting" && this.wasReady.get(ordinal) === uid) return "notReady";
    return timedPhases.find((timed) => timed === phase);
  }

  private open(ordinal: number, now: number, leaving?: string): OrdinalTime {
    const known = this.moved.get(ordinal);
    if (known) {
      known.outcome = "open";
      known.to = Infinity;
      return known;
    }
    const revisionBefore = this.seen.get(ordinal)?.revision ?? leaving;
    const time: OrdinalTime = {
      ...{ ordinal, outcome: "open", from: now, to: Infinity, stretches: [], restarts: [] },
      ...{ revisionBefore, revisionAfter: undefined },
    };
    this.moved.set(ordinal, time);
    return time;
  }

  private close(ordinal: number, outcome: OrdinalTime["outcome"], now: number): void {
    const time = this.moved.get(ordinal);
    if (!time) return;
    const last = time.stretches.at(-1);
    if (last && last.to === Infinity) last.to = now;
    if (outcome === "open" || time.outcome !== "open") return;
    time.outcome = outcome;
    time.to = now;
  }
}

function joinOldest(stretches: Stretch[]): void {
  const [first, second] = stretches;
  if (first && second) stretches.splice(0, 2, { phase: first.phase, from: first.from, to: second.to });
}

/** The same times with everything that is still open ended at `now`. */
export function closedAt(time: OrdinalTime, now: number): OrdinalTime {
  const stretches = time.stretches.map((stretch) => ({ ...stretch, to: Math.min(stretch.to, now) }));
  return { ...time, to: Math.min(time.to, now), stretches };
}
