interface Sleeper {
  milliseconds: number;
  wakesAt: number;
  wake(): void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  readonly #sleepers = new Set<Sleeper>();

  readonly now = (): number => this.#now;

  readonly sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(asError(signal.reason));
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(asError(signal?.reason));
      };
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const sleeper: Sleeper = { milliseconds, wakesAt: this.#now + milliseconds, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", abort, { once: true });
    });

  readonly after = (milliseconds: number, callback: () => void): (() => void) => {
    const wake = (): void => {
      this.#sleepers.delete(sleeper);
      callback();
    };
    const sleeper: Sleeper = { milliseconds, wakesAt: this.#now + milliseconds, wake };
    this.#sleepers.add(sleeper);
    return () => this.#sleepers.delete(sleeper);
  };

  /** Moves time on and wakes who is due. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const sleeper of this.#sleepers) if (sleeper.wakesAt <= this.#now) sleeper.wake();
  }

  /** Waits until somebody sleeps for a time between the two, and lets exactly that time pass. Returns it. */
  async pass(least: number, most = least): Promise<number> {
    const due = (): Sleeper | undefined =>
      [...this.#sleepers].find(({ milliseconds }) => milliseconds >= least && milliseconds <= most);
    await until(() => due() !== undefined, `a sleep of ${least} to ${most} ms`);
    const sleeper = due();
    if (!sleeper) throw new Error("nobody sleeps");
    this.advance(sleeper.wakesAt - this.#now);
    return sleeper.milliseconds;
  }
}

/** Waits, one turn of the event loop at a time, until something holds; at most ten seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error("aborted"));
