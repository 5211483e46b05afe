import type { Clock } from "../../src/context.js";

interface Timer {
  at: number;
  run: () => void;
}

/** A clock that stands still until a test moves it; timers fire in order, with time for what they set off. */
export class HandClock implements Clock {
  private time: number;
  private readonly timers = new Set<Timer>();

  constructor(start = "2026-11-21T10:00:00.000Z") {
    this.time = Date.parse(start);
  }

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), run: callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.after(ms, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        reject(signal.reason);
      });
    });
  }

  /** Lets everything run that is due now, or follows from it. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves on by `ms`, stopping at every timer on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await this.settle();
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
      if (!next) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await this.settle();
    }
    this.time = end;
    await this.settle();
  }
}
