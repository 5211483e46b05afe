const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Milliseconds to wait after so many failures in a row: doubling up to ten seconds, half of it left to chance. */
export function backoff(failures: number, random: () => number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1)) * (0.5 + random() / 2);
}
