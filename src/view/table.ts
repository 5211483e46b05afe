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
  const widths: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length; column += 1) {
      const width = column < row.length - 1 ? textWidth(row[column] ?? "") + padding : 0;
      widths[column] = Math.max(widths[column] ?? narrowest, width);
    }
  }
  return widths;
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
