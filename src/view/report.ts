import { formatElapsed } from "../core/duration.js";
import type { OrdinalSummary } from "../core/progress/events.js";
import type { PartReport, Report, RolloutReport } from "../core/report/report.js";
import { markdownBlock, markdownCode, markdownTable, markdownText } from "./markdown.js";
import { documentLook } from "./progress/look.js";
import { phasesText } from "./progress/phases.js";
import { slowestOf } from "./progress/summary.js";
import { endText, revisionsText, timelineLines, timelineRows } from "./progress/timeline.js";
import { sanitizeJson } from "./sanitize.js";

/** A report as docs/report.schema.json has it. */
export function formatReportJson(report: Report): string {
  return `${JSON.stringify(sanitizeJson(report), undefined, 2)}\n`;
}

/** A report for a pull request, or for the summary of a CI run. */
export function formatReportMarkdown({ rollouts }: Report): string {
  return rollouts.map((rollout) => `${rolloutLines(rollout).join("\n")}\n`).join("\n");
}

const outcomes: Record<RolloutReport["state"], string> = {
  Done: "✓ done in",
  InProgress: "… under way after",
  Failed: "✗ failed after",
  Stalled: "✗ stalled after",
  Conflict: "✗ changed by somebody else after",
  TimedOut: "… not finished after",
  Interrupted: "… interrupted after",
};

function outcome({ state, seconds }: Pick<RolloutReport, "state" | "seconds">): string {
  return `${outcomes[state]} ${formatElapsed(seconds * 1_000)}`;
}

function rolloutLines(rollout: RolloutReport): string[] {
  const { namespace, set, change, parts } = rollout;
  const [only, ...others] = parts;
  const steps =
    others.length > 0
      ? parts.map((part, index) => `${index + 1}. ${markdownText(part.title)}: ${stepOutcome(part)}`)
      : [only?.title ?? ""].filter((title) => title !== `${namespace}/${set}`).map(markdownText);
  return [
    `## ${markdownText(`${namespace}/${set}`)}: ${outcome(rollout)}`,
    ...paragraph(change === undefined ? [] : [markdownText(change)]),
    ...paragraph(steps),
    ...paragraph(ordinalTable(rollout)),
    ...paragraph(timeline(rollout)),
    ...parts.flatMap((part) => (others.length > 0 && part.state === "Done" ? [] : endLines(part))),
  ];
}

/** A step that went well has no more to say. */
function stepOutcome(part: PartReport): string {
  return part.state === "Done" ? `${outcome(part)} (${markdownText(part.message)})` : outcome(part);
}

/** Lines with an empty one before them, where there are any. */
function paragraph(lines: readonly string[]): string[] {
  return lines.length > 0 ? ["", ...lines] : [];
}

function ordinalTable({ set, parts }: RolloutReport): string[] {
  const several = parts.length > 1;
  const rows = parts.flatMap(({ ordinals }, index) =>
    ordinals.map((ordinal) => [
      ...(several ? [String(index + 1)] : []),
      ordinal.pod,
      revisionsText(set, ordinal),
      tookText(ordinal),
      phasesText(ordinal),
    ]),
  );
  const header = [
    ...(several ? ["step"] : []),
    "ordinal",
    "before → after",
    "took",
    "where the time went (s)",
  ];
  return rows.length > 0 ? markdownTable(header, rows) : [];
}

function tookText(ordinal: OrdinalSummary): string {
  const { length: restarts } = ordinal.restarts;
  const count = restarts > 0 ? [`${restarts} ${restarts === 1 ? "restart" : "restarts"}`] : [];
  const open = ordinal.outcome === "open" ? ["not ready"] : [];
  return [...open, endText(ordinal), ...count].join(", ");
}

/** All parts over one axis. */
function timeline({ set, parts, startedAt }: RolloutReport): string[] {
  const rows = parts.flatMap(({ state, ordinals, startedAt: from }) => {
    const later = (Date.parse(from) - Date.parse(startedAt)) / 1_000;
    const shown = timelineRows({ set, state, ordinals }, slowestOf(ordinals).shown, later);
    // The table above has the numbers.
    return shown.map((row) => ({ ...row, phases: "" }));
  });
  const lines = rows.length > 0 ? timelineLines(rows, documentLook()) : undefined;
  return lines ? markdownBlock(lines) : [];
}

/** How a part ended: what it came to, why, and what to do next. */
function endLines({ state, message, log, events, next }: PartReport): string[] {
  const why = state === "Done" ? markdownText(message) : `**${markdownText(message)}**`;
  return [
    ...paragraph([why]),
    ...paragraph(log.length > 0 ? markdownBlock(log) : []),
    ...paragraph(events.map((event) => `- ${markdownText(event)}`)),
    ...paragraph(next.map(({ label, command }) => `- ${markdownText(label)}: ${markdownCode(command)}`)),
  ];
}
