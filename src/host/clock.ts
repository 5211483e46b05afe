import type { Clock } from "../context.js";

/** The most that a timer of Node.js can wait, in milliseconds; asked for more, it fires at once. */
const longest = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),

  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const cancel = after(ms, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  },

  after,
};

function after(ms: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const next = (): void => (left > longest ? wait(left - longest) : callback());
    timer = setTimeout(next, Math.min(left, longest));
  };
  wait(ms);
  return () => clearTimeout(timer);
}
