import { clip, textWidth } from "../width.js";

/** A column of the live table. */
export interface Column<Row> {
  title: string;
  read(row: Row): string;
  /** At least and at most this wide in a window of so many columns. */
  least?(columns: number): number;
  most?(columns: number): number;
}

const gap = 2;
const indent = 2;

/**
 * Widths that fit a window, for the columns that do. The last columns go first; two always stay. `memory` holds the
 * widest seen of each column, so that nothing jumps back and forth while it is drawn again and again.
 */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  window: number,
  memory: Map<string, number>,
): number[] {
  const widths = columns.map(({ title, read, most }) => {
    const natural = Math.max(
      title.length,
      ...rows.map((row) => textWidth(read(row))),
      memory.get(title) ?? 0,
    );
    memory.set(title, natural);
    return Math.min(natural, most?.(window) ?? natural);
  });
  while (widths.length > 2 && totalWidth(widths) > window) widths.pop();
  const over = totalWidth(widths) - window;
  const last = widths.length - 1;
  if (over > 0) widths[last] = Math.max(1, (widths[last] ?? 0) - over);
  return widths;
}

function totalWidth(widths: readonly number[]): number {
  return indent + widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, widths.length - 1);
}

/** One line of cells, each cut and filled to its width; the caller colours the cells with `paint`. */
export function layLine(
  cells: readonly string[],
  widths: readonly number[],
  paint: (text: string, column: number) => string = (text) => text,
): string {
  const texts = widths.map((width, column) => {
    const text = clip(cells[column] ?? "", width);
    // Filled up outside the colours, so that the end of a line can be trimmed.
    return paint(text, column) + (column === widths.length - 1 ? "" : " ".repeat(width - textWidth(text)));
  });
  return " ".repeat(indent) + texts.join(" ".repeat(gap));
}
