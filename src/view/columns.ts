import { UsageError } from "../core/errors.js";
import type { Step } from "./jsonpath-parse.js";
import { parseRelaxedPath, walk } from "./jsonpath.js";
import { formatTable } from "./table.js";

/** A column of `-o custom-columns`. */
export interface Column {
  header: string;
  path: Step[];
}

const form = "write NAME:.metadata.name,READY:.status.readyReplicas";

/** Reads `HEADER:PATH,HEADER:PATH`. Throws a UsageError. */
export function parseColumns(spec: string): Column[] {
  if (spec.trim() === "")
    throw new UsageError(`custom-columns format specified but no custom columns given: ${form}`);
  return splitColumns(spec).map((column) => {
    const split = column.indexOf(":");
    if (split < 1 || split === column.length - 1) {
      throw new UsageError(
        `unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>: ${form}`,
      );
    }
    return { header: column.slice(0, split), path: parseRelaxedPath(column.slice(split + 1)) };
  });
}

/** At commas outside brackets: `A:.spec['a,b'],B:.kind` has two columns. */
function splitColumns(spec: string): string[] {
  return spec.split(/,(?![^[\]]*\])/);
}

/** Several values of a cell are joined by commas; nothing found is `<none>`. */
export function formatColumns(
  columns: readonly Column[],
  objects: readonly unknown[],
  headers: boolean,
): string {
  const rows = objects.map((object) =>
    columns.map(({ path }) => walk(path, [object]).map(goText).join(",") || "<none>"),
  );
  return formatTable(headers ? [columns.map(({ header }) => header), ...rows] : rows);
}

/** A value as Go's `%v` prints it, which is what kubectl shows in custom columns. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (value === null || value === undefined) return "<nil>";
  if (typeof value !== "object") return String(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, field]) => `${key}:${goText(field)}`).join(" ")}]`;
}
