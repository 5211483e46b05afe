import Table from "cli-table3";

/**
 * A framed table for a few rows of words, wrapped to a width. Not for objects: 10,000 rows take cli-table3 over 40 s
 * (measured), so what lists those is `table.ts`.
 */
export function formatFramed(
  head: readonly [string, string],
  rows: readonly (readonly [string, string])[],
  width: number,
): string {
  const first = Math.max(...[head, ...rows].map(([cell]) => cell.length)) + 2;
  const widest = Math.max(...[head, ...rows].map(([, cell]) => cell.length)) + 2;
  const colWidths = [first, Math.max(20, Math.min(widest, width - first - 3))];
  const style = { head: [], border: [], compact: true };
  const table = new Table({ head: [...head], colWidths, wordWrap: true, style });
  for (const row of rows) table.push([...row]);
  return `${table.toString()}\n`;
}
