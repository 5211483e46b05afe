/** Time, so that tests can hold it and `speed` can bend it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, `milliseconds` from now; returns what calls it off. */
  after(milliseconds: number, run: () => void): () => void;
}

// What is longer setTimeout takes for no time at all.
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const next = left > longestTimer ? () => arm(left - longestTimer) : run;
      timer = setTimeout(next, Math.min(left, longestTimer));
    };
    arm(milliseconds);
    return () => clearTimeout(timer);
  },
};

/** An API timestamp (`metav1.Time`): RFC 3339 in whole seconds. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
}
