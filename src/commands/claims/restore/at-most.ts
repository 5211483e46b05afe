/** Runs `work` when its turn has come; rejects with the signal's reason when that aborts before. */
export type Limit = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Lets only so many run at a time; the others wait, first come first served. */
export function atMost(count: number): Limit {
  let free = count;
  const queue: (() => void)[] = [];
  return async (signal, work) => {
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
