import type { Clock } from "../../context.js";

/** What a promise resolves to, if it does within `ms` milliseconds; undefined otherwise, and where it is rejected. */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | undefined> {
  const waiting = new AbortController();
  const never = (): undefined => undefined;
  const late = clock.sleep(ms, waiting.signal).then(never, never);
  try {
    return await Promise.race([promise.catch(never), late]);
  } finally {
    waiting.abort();
  }
}
