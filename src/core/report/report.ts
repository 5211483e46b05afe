import type { EndEvent, OrdinalSummary } from "../progress/events.js";
import type { NextStep } from "../progress/verdict.js";

/** The version of the report (docs/report.schema.json). Fields may be added within a version, none changed. */
const reportVersion = 1;

/** One part of a rollout that was waited for: the whole of it, or one of its steps. */
export interface ReportPart {
  /** `step 1 of 3: web-4`. */
  title: string;
  /** Of a step: what all of them roll out, `nginx → nginx:1.29`. */
  change?: string;
  end: EndEvent;
}

/** How something ended. */
interface Outcome {
  state: EndEvent["state"];
  reason: string;
  message: string;
  exitCode: number;
  /** RFC 3339, by the clock of the machine that ran `sts`. */
  startedAt: string;
  endedAt: string;
  seconds: number;
}

export interface PartReport extends Outcome {
  title: string;
  /** Those that moved, in the order in which they began; their times count from the start of the part. */
  ordinals: OrdinalSummary[];
  log: string[];
  events: string[];
  next: NextStep[];
}

/** The rollout of one set. */
export interface RolloutReport extends Outcome {
  namespace: string;
  set: string;
  /** What was rolled out, where that is not the title of its only part: `nginx → nginx:1.29`. */
  change?: string;
  /** In order of time. */
  parts: PartReport[];
}

/** How a command's rollouts went. */
export interface Report {
  v: typeof reportVersion;
  rollouts: RolloutReport[];
}

/** Puts the parts of each set together, in order of time. A rollout ended as its first part that is not done did. */
export function createReport(parts: readonly ReportPart[]): Report {
  const sets = new Map<string, ReportPart[]>();
  for (const part of parts) {
    const key = `${part.end.namespace}/${part.end.set}`;
    sets.set(key, [...(sets.get(key) ?? []), part]);
  }
  return { v: reportVersion, rollouts: [...sets.values()].flatMap((own) => rolloutOf(own) ?? []) };
}

function rolloutOf(own: readonly ReportPart[]): RolloutReport | undefined {
  const parts = own
    .map(partOf)
    .toSorted((left, right) => Date.parse(left.startedAt) - Date.parse(right.startedAt));
  const [first, last] = [parts[0], parts.at(-1)];
  const end = own[0]?.end;
  if (!first || !last || !end) return undefined;
  const { state, reason, message, exitCode } = parts.find((part) => part.state !== "Done") ?? last;
  const { startedAt } = first;
  const endedAt = parts.map((part) => part.endedAt).reduce((late, each) => (each > late ? each : late));
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
  const { namespace, set } = end;
  const change = own.find((part) => part.change !== undefined)?.change;
  const about = { namespace, set, ...(change !== undefined && { change }) };
  return { ...about, state, reason, message, exitCode, startedAt, endedAt, seconds, parts };
}

function partOf({ title, end }: ReportPart): PartReport {
  const { state, reason, message, exitCode, seconds, ordinals, log, events, next, time } = end;
  const startedAt = new Date(Date.parse(time) - seconds * 1_000).toISOString();
  const outcome = { state, reason, message, exitCode, startedAt, endedAt: time, seconds };
  return { title, ...outcome, ordinals, log, events, next };
}
