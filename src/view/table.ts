import { sanitizeLine } from "./sanitize.js";
import { textWidth } from "./width.js";

/** Go's tabwriter as kubectl sets it up: columns are at least this wide, and this far apart. */
const narrowest = 6;
const padding = 3;

/** Rows in columns, kubectl's way. A row may be shorter than the others. Ends with a newline. */
export function formatTable(table: readonly (readonly string[])[]): string {
  const rows = table.map((row) => row.map(sanitizeLine));
  const widths = columnWidths(rows);
  return rows.map((row) => `${formatRow(row, widths)}\n`).join("");
}

/** How wide each column must be for these rows, its padding included. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: count }, (_unused, column) => {
    const widest = rows.reduce(
      (most, row) => Math.max(most, column < row.length - 1 ? textWidth(row[column] ?? "") : 0),
      0,
    );
    return Math.max(narrowest, widest + padding);
  });
}

/** The last cell is not padded. `paint` colours a cell, which takes no room. */
export function formatRow(
  row: readonly string[],
  widths: readonly number[],
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  return row
    .map((cell, column) => {
      const missing = (widths[column] ?? narrowest) - textWidth(cell);
      const padded = column === row.length - 1 ? "" : " ".repeat(Math.max(1, missing));
      return paint(cell, column) + padded;
    })
    .join("");
}
