import type { Clock } from "../../../context.js";

/** The longest a timer is set for: beyond 2^31 ms Node's timers fire at once. */
const longest = 3_600_000;

/** Lets a loop sleep until something happens, an alarm is due, or a signal aborts. What comes while it is awake counts. */
export class Waker {
  private due = false;
  private wake: (() => void) | undefined;
  private readonly onAbort = (): void => this.now();

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", this.onAbort);
  }

  /** Wakes the loop. */
  now(): void {
    this.due = true;
    this.wake?.();
  }

  /** Resolves at once when something happened since the last time; at `alarm` (of the clock, ms) at the latest. */
  async next(alarm: number): Promise<void> {
    if (!this.due && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        const cancel = this.clock.after(Math.min(Math.max(0, alarm - this.clock.now()), longest), resolve);
        this.wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.wake = undefined;
    this.due = false;
  }

  close(): void {
    this.signal.removeEventListener("abort", this.onAbort);
    this.now();
  }
}
