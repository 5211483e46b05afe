import { formatSeconds } from "../../core/duration.js";
import type { FaultName, FaultReport } from "../../sandbox/faults/types.js";
import { faultWords } from "../../sandbox/faults/words.js";
import { formatTable } from "../../view/table.js";

/** What came of a fault that happens once, or ends otherwise; the others are on. */
const outcomes: Partial<Record<FaultName, (report: FaultReport) => string>> = {
  away: ({ milliseconds = 0 }) => `away for ${formatSeconds(milliseconds)}`,
  "drop-watches": ({ hits = 0 }) => `${watches(hits)} cut`,
  compact: ({ hits = 0 }) => `history forgotten, ${watches(hits)} ended with 410`,
  "kill-node": ({ node }) => `node ${node} is lost`,
  "restore-node": ({ node }) => `node ${node} is back`,
};

function watches(count: number): string {
  return count === 1 ? "1 watch" : `${count} watches`;
}

/** What is said of a fault that was put on: `throttle-1 is on`. */
export function faultLine(report: FaultReport): string {
  return outcomes[report.type]?.(report) ?? `${report.name} is on`;
}

/** The faults of a sandbox with what came of them. */
export function faultTable(reports: readonly FaultReport[], now: number): string {
  const rows = reports.map((report) => {
    const { name, state, seen, hits, until } = report;
    const ends =
      state === "over" || until === undefined ? "-" : formatSeconds(Math.max(0, Date.parse(until) - now));
    return [name, state, shown(seen), shown(hits), ends, faultWords(report)];
  });
  return formatTable([["NAME", "STATE", "SEEN", "HITS", "ENDS", "FAULT"], ...rows]);
}

function shown(count: number | undefined): string {
  return count === undefined ? "-" : String(count);
}
