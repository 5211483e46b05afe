import { formatElapsed } from "../../core/duration.js";
import type { EndEvent, OrdinalSummary } from "../../core/progress/events.js";
import { sanitizeLine } from "../sanitize.js";
import type { Theme, Tone } from "../theme.js";
import type { Look } from "./look.js";
import { phasesText } from "./phases.js";
import { endText, timelineLines, timelineRows } from "./timeline.js";

/** More ordinals than this are summed up by the slowest. */
const mostLines = 20;

/**
 * How long each ordinal took and where the time went: for a rollout a timeline, where there is room for one, otherwise
 * `web-3  ready in 6.1 s   scheduling 0.2 · volumes 1.4`.
 */
export function summaryLines(event: EndEvent, look: Look): string[] {
  const isRollout = event.operation === "rollout";
  const moved = event.ordinals.filter(({ outcome }) => isRollout || outcome !== "open");
  if (moved.length === 0) return [];
  const { shown, hidden } = slowestOf(moved);
  const timeline = isRollout ? timelineLines(timelineRows(event, shown), look) : undefined;
  const lines = timeline ?? phaseLines(shown, look.theme);
  return hidden > 0 ? [...lines, `  and ${hidden} quicker ones`] : lines;
}

/** The slowest in the order that they are in, and how many others there are; what is not ready comes before all. */
export function slowestOf(moved: readonly OrdinalSummary[]): {
  shown: readonly OrdinalSummary[];
  hidden: number;
} {
  const weight = ({ outcome, seconds }: OrdinalSummary): number => (outcome === "open" ? Infinity : seconds);
  const heaviest = [...moved]
    .sort((left, right) => (weight(left) < weight(right) ? 1 : -1))
    .slice(0, mostLines);
  const shown = moved.length > mostLines ? moved.filter((ordinal) => heaviest.includes(ordinal)) : moved;
  return { shown, hidden: moved.length - shown.length };
}

function phaseLines(shown: readonly OrdinalSummary[], theme: Theme): string[] {
  const width = Math.max(0, ...shown.map(({ pod }) => pod.length));
  const took = Math.max(0, ...shown.map((ordinal) => outcome(ordinal).length));
  return shown.map((ordinal) => {
    const tone = ordinal.outcome === "open" ? "bad" : "good";
    const head = `${ordinal.pod.padEnd(width)}  ${theme.tone(tone, outcome(ordinal).padEnd(took))}`;
    return `  ${head}   ${theme.dim(phasesText(ordinal))}`.trimEnd();
  });
}

function outcome(ordinal: OrdinalSummary): string {
  const { outcome: end, seconds } = ordinal;
  return end === "open" ? endText(ordinal) : `${end} in ${formatElapsed(seconds * 1_000)}`;
}

const marks: Record<EndEvent["state"], { mark: string; tone: Tone }> = {
  Done: { mark: "", tone: "good" },
  InProgress: { mark: "… ", tone: "moving" },
  Failed: { mark: "✗ ", tone: "bad" },
  Stalled: { mark: "✗ ", tone: "bad" },
  Conflict: { mark: "✗ ", tone: "bad" },
  TimedOut: { mark: "… ", tone: "moving" },
  Interrupted: { mark: "", tone: "moving" },
};

/** The last word on a set: what it came to, why, and what to do next. */
export function endLines(event: EndEvent, theme: Theme): string[] {
  const { state, namespace, set, next } = event;
  const { mark, tone } = marks[state];
  const subject = `${namespace}/${set}`;
  const head = theme.tone(tone, `${mark}${subject}: ${sanitizeLine(endWords(event))}`);
  const label = Math.max(10, ...next.map((step) => step.label.length));
  return [
    head,
    ...event.log.map((line) => `    log    ${sanitizeLine(line)}`),
    ...event.events.map((line) => `    event  ${sanitizeLine(line)}`),
    ...next.map((step) => `  ${step.label.padEnd(label)}  ${theme.strong(sanitizeLine(step.command))}`),
  ];
}

function endWords({ state, message, seconds }: EndEvent): string {
  const [, held] = message.split(/; (.*)/s);
  if (state !== "Done") return message;
  const done = `done in ${formatElapsed(seconds * 1_000)}`;
  return held ? `${done}; ${held}` : done;
}
