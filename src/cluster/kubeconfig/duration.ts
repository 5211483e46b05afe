import { KubeconfigError } from "../errors.js";

const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const whole = new RegExp(`^(?:${part.source})+$`);

/**
 * Milliseconds of `--request-timeout`: seconds, or a Go duration (`1m30s`); left out or `0` is no timeout.
 * Throws a `KubeconfigError` with kubectl's text (client-go, `clientcmd.ParseTimeout`).
 */
export function parseTimeout(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!whole.test(text)) {
    throw new KubeconfigError(
      "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a " +
        "corresponding time unit (e.g. 1s | 2m | 3h)",
    );
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(part)) total += Number(count) * (units[unit ?? ""] ?? 0);
  return total;
}
