import { structuredPatch } from "diff";
import { sanitize, sanitizeLine } from "./sanitize.js";
import type { Theme, Tone } from "./theme.js";

/** One side of a comparison: the text, and what it is called. */
export interface DiffSide {
  label: string;
  text: string;
}

/** Lines around each change, as `diff -u` gives. */
const context = 3;

/** How a line is shown, by the mark that it begins with. */
const tones: Readonly<Record<string, Tone>> = { "+": "good", "-": "bad", " ": "plain", "\\": "plain" };

/**
 * What leads from one text to the other, as `diff -u` writes it; empty when nothing a terminal could show differs.
 * The texts may come from the cluster: terminal escapes are taken out of them.
 */
export function unifiedDiff(before: DiffSide, after: DiffSide, theme: Theme): string {
  const [old, now] = [sanitize(before.text), sanitize(after.text)];
  if (old === now) return "";
  const { hunks } = structuredPatch("", "", old, now, undefined, undefined, { context });
  const lines = hunks.flatMap((hunk) => [
    theme.dim(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`),
    ...hunk.lines.map((line) => theme.tone(tones[line.charAt(0)] ?? "plain", line)),
  ]);
  const head = [
    theme.dim(`--- ${sanitizeLine(before.label)}`),
    theme.dim(`+++ ${sanitizeLine(after.label)}`),
  ];
  return `${[...head, ...lines].join("\n")}\n`;
}

/** Lines of one side, as `diff -u` counts them: a count of 1 is left out, and an empty part names the line before it. */
function range(start: number, count: number): string {
  if (count === 1) return String(start);
  return `${count === 0 ? start - 1 : start},${count}`;
}
