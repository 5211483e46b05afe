import type { Clock } from "../../simulator/clock.js";

export interface WorkQueueOptions {
  clock: Clock;
  /** How many keys are worked on at a time; never the same key twice at a time. */
  workers?: number;
  /** Told of each failure; the key is tried again in any case. */
  onError?: ((error: unknown, key: string) => void) | undefined;
}

/** client-go's default rate limiter: 5 ms, doubled with each failure in a row, 1,000 s at most. */
const firstRetry = 5;
const lastRetry = 1_000_000;

/**
 * Keys that need attention, each once however often it is added, as client-go's work queue has it: a key that is
 * added while it is worked on is worked on again afterwards.
 */
export class WorkQueue {
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  readonly #later = new Map<string, { due: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #running = false;

  constructor(
    private readonly sync: (key: string) => Promise<void>,
    private readonly options: WorkQueueOptions,
  ) {}

  add(key: string): void {
    this.#waiting.add(key);
    this.#wake();
  }

  /** Adds the key after `milliseconds`; of two times asked for the same key the earlier counts. */
  addAfter(key: string, milliseconds: number): void {
    const { clock } = this.options;
    const due = clock.now() + milliseconds;
    const planned = this.#later.get(key);
    if (planned && planned.due <= due) return;
    planned?.cancel();
    const cancel = clock.after(milliseconds, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { due, cancel });
  }

  start(): void {
    this.#running = true;
    this.#wake();
  }

  stop(): void {
    this.#running = false;
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
  }

  #wake(): void {
    if (!this.#running) return;
    for (const key of this.#waiting) {
      if (this.#working.size >= (this.options.workers ?? 1)) return;
      if (this.#working.has(key)) continue;
      this.#waiting.delete(key);
      this.#working.add(key);
      // Not at once: what arrives in the same turn becomes one sync, and input and output get their turn.
      setImmediate(() => void this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    try {
      if (this.#running) await this.sync(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.options.onError?.(error, key);
      if (this.#running) this.addAfter(key, Math.min(firstRetry * 2 ** failures, lastRetry));
    }
    this.#working.delete(key);
    this.#wake();
  }
}
