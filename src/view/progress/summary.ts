import { formatElapsed } from "../../core/duration.js";
import type { EndEvent, OrdinalSummary } from "../../core/progress/events.js";
import { timedPhases, type TimedPhase } from "../../core/progress/timing.js";
import { sanitizeLine } from "../sanitize.js";
import type { Theme, Tone } from "../theme.js";

const phaseNames: Record<TimedPhase, string> = {
  terminating: "terminating",
  scheduling: "scheduling",
  volumes: "volumes",
  images: "image",
  starting: "starting",
  notReady: "not ready",
  minReady: "min-ready",
};

/** More ordinals than this are summed up by the slowest. */
const mostLines = 20;

/** How long each ordinal took and where the time went: `web-3  ready in 6.1 s   scheduling 0.2 · volumes 1.4`. */
export function summaryLines({ ordinals }: EndEvent, theme: Theme): string[] {
  const moved = ordinals.filter(({ outcome }) => outcome !== "open");
  const slowest = [...moved].sort((left, right) => right.seconds - left.seconds).slice(0, mostLines);
  const shown = moved.length > mostLines ? moved.filter((ordinal) => slowest.includes(ordinal)) : moved;
  const width = Math.max(0, ...shown.map(({ pod }) => pod.length));
  const took = Math.max(0, ...shown.map((ordinal) => outcome(ordinal).length));
  const lines = shown.map((ordinal) => {
    const head = `${ordinal.pod.padEnd(width)}  ${theme.tone("good", outcome(ordinal).padEnd(took))}`;
    return `  ${head}   ${theme.dim(phases(ordinal))}`.trimEnd();
  });
  const hidden = moved.length - shown.length;
  return hidden > 0 ? [...lines, `  and ${hidden} quicker ones`] : lines;
}

function outcome({ outcome: end, seconds }: OrdinalSummary): string {
  return `${end} in ${formatElapsed(seconds * 1_000)}`;
}

/** Phases that took a tenth of a second or more. */
function phases({ phases: times }: OrdinalSummary): string {
  return timedPhases
    .flatMap((phase) => {
      const time = times[phase] ?? 0;
      return time < 0.05 ? [] : [`${phaseNames[phase]} ${time.toFixed(1)}`];
    })
    .join(" · ");
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
