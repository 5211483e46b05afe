import { sanitize, sanitizeLine } from "./sanitize.js";

/** Text from the cluster as text of Markdown: nothing in it is a sign of Markdown or of HTML. */
export function markdownText(text: string): string {
  return sanitizeLine(text)
    .replace(/[\\`*_[\]|~#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** The same as code within a line, outside of tables. */
export function markdownCode(text: string): string {
  const line = sanitizeLine(text);
  const ticks = "`".repeat(longestTicks(line) + 1);
  const space = /^`|`$/.test(line) ? " " : "";
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** Lines that are shown as they are. */
export function markdownBlock(lines: readonly string[]): string[] {
  const safe = lines.map(sanitize);
  const fence = "`".repeat(Math.max(3, longestTicks(safe.join("\n")) + 1));
  return [`${fence}text`, ...safe, fence];
}

/** A table; its cells are texts from the cluster. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(" | ")} |`;
  return [line(header), `|${" --- |".repeat(header.length)}`, ...rows.map(line)];
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}
