import type { Clock } from "../../../src/sandbox/simulator/clock.js";

/** Time that jumps from one timer to the next. */
export class VirtualClock implements Clock {
  private time = Date.parse("2026-11-21T10:00:00Z");
  private readonly timers = new Set<{ due: number; run: () => void }>();

  now(): number {
    return this.time;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { due: this.time + milliseconds, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** When the next timer is due; `Infinity` without one. */
  get nextDue(): number {
    let next = Infinity;
    for (const { due } of this.timers) next = Math.min(next, due);
    return next;
  }

  /** Moves on to `time` and runs what is due by then. */
  moveTo(time: number): void {
    this.time = Math.max(this.time, time);
    for (const timer of [...this.timers]) {
      if (timer.due <= this.time && this.timers.delete(timer)) timer.run();
    }
  }
}
