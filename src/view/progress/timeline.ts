import { formatElapsed } from "../../core/duration.js";
import type { EndEvent, OrdinalSummary } from "../../core/progress/events.js";
import { shortRevision } from "../../core/revision.js";
import { sanitizeLine } from "../sanitize.js";
import type { Theme, Tone } from "../theme.js";
import { pad, textWidth } from "../width.js";
import { axisLine } from "./axis.js";
import { barCells, legend, paintCells, type BarRow, type Scale } from "./bars.js";
import type { Look } from "./look.js";
import { phasesText } from "./phases.js";

/** An ordinal of a rollout, as it stands in a timeline. */
export interface TimelineRow extends BarRow {
  pod: string;
  /** `6d9f8 → 84c7b`. */
  revisions: string;
  /** How long it took, or where it got stuck. */
  took: string;
  /** Where the time went. */
  phases: string;
}

/** Rows narrower than this say nothing; wider ones no more. In cells. */
const narrowest = 24;
const widest = 60;
/** A window in which there is no room for a bar beside its words. */
const leastColumns = 60;
/** What is over this soon has no course. */
const leastSeconds = 0.2;
const gap = "  ";

/** The rows of one wait, in the order in which the ordinals began to move. */
export function timelineRows(
  { set, state, ordinals }: Pick<EndEvent, "set" | "state" | "ordinals">,
  shown: readonly OrdinalSummary[] = ordinals,
  later = 0,
): TimelineRow[] {
  const left = state === "Failed" || state === "Stalled" || state === "TimedOut" ? "failed" : "open";
  return shown.map((ordinal) => ({
    pod: ordinal.pod,
    from: ordinal.from + later,
    seconds: ordinal.seconds,
    stretches: ordinal.stretches.map(({ phase, from, to }) => ({
      phase,
      from: from + later,
      to: to + later,
    })),
    restarts: ordinal.restarts.map((moment) => moment + later),
    end: ordinal.outcome === "open" ? left : ordinal.outcome,
    revisions: revisionsText(set, ordinal),
    took: endText(ordinal),
    phases: phasesText(ordinal),
  }));
}

/** `6d9f8 → 84c7b`; one where it stayed the same, or there was no pod before, or is none after. */
export function revisionsText(set: string, { revisionBefore, revisionAfter }: OrdinalSummary): string {
  const names = [revisionBefore, revisionAfter].flatMap((name) => name ?? []);
  return [...new Set(names.map((name) => sanitizeLine(shortRevision(set, name))))].join(" → ");
}

/** `12.1 s`, or where it got stuck: `CrashLoopBackOff`. */
export function endText({ state, seconds }: OrdinalSummary): string {
  return state === undefined ? formatElapsed(seconds * 1_000) : sanitizeLine(state);
}

/** A bar for every row over one axis, and what its symbols mean; undefined where there is no room for bars, or no time. */
export function timelineLines(rows: readonly TimelineRow[], look: Look): string[] | undefined {
  const { columns, theme, ascii } = look;
  const seconds = Math.max(0, ...rows.map((row) => row.from + row.seconds));
  const layout = columns < leastColumns || seconds < leastSeconds ? undefined : fit(rows, columns - 1);
  if (!layout) return undefined;
  const scale: Scale = { width: layout.bar, seconds };
  const bars = rows.map((row) => barCells(row, scale));
  const lines = rows.map((row, index) => {
    const bar = paintCells(bars[index] ?? [], theme, ascii);
    const texts = layout.texts.map(({ width, paint, read }) =>
      paint(row, theme, pad(arrow(read(row), ascii), width)),
    );
    return [`  ${pad(row.pod, layout.name)}`, bar, ...texts].join(gap).trimEnd();
  });
  const axis = `  ${" ".repeat(layout.name)}${gap}${axisLine(scale)}`;
  return [
    theme.dim(axis),
    ...lines,
    ...wrap(legend(bars.flat(), ascii), columns - 1).map((line) => theme.dim(line)),
  ];
}

interface Text {
  read(row: TimelineRow): string;
  paint(row: TimelineRow, theme: Theme, text: string): string;
}

const tones: Record<TimelineRow["end"], Tone> = {
  ready: "good",
  gone: "held",
  failed: "bad",
  open: "moving",
};

/** What stands behind a bar; the last go first. */
const texts: readonly Text[] = [
  { read: ({ revisions }) => revisions, paint: (_row, _theme, text) => text },
  { read: ({ took }) => took, paint: ({ end }, theme, text) => theme.tone(tones[end], text) },
  { read: ({ phases }) => phases, paint: (_row, theme, text) => theme.dim(text) },
];

function fit(rows: readonly TimelineRow[], room: number) {
  const name = Math.max(0, ...rows.map(({ pod }) => pod.length));
  const measured = texts.map((text) => ({
    ...text,
    width: Math.max(0, ...rows.map((row) => textWidth(text.read(row)))),
  }));
  for (let count = measured.length; count >= 0; count -= 1) {
    const shown = measured.slice(0, count).filter(({ width }) => width > 0);
    const taken = shown.reduce((sum, { width }) => sum + gap.length + width, 2 + name + gap.length);
    if (room - taken >= narrowest) return { name, texts: shown, bar: Math.min(widest, room - taken) };
  }
  return undefined;
}

function arrow(text: string, ascii: boolean): string {
  return ascii ? text.replaceAll("→", "->").replaceAll("·", "-") : text;
}

/** Words in lines of a width. */
function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const longer = last === undefined ? `  ${word}` : `${last}${gap}${word}`;
    if (last !== undefined && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(`  ${word}`);
  }
  return lines;
}
