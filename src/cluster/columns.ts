import type { Columns } from "./cluster.js";

/** A server's answer to who asks for a table; one that makes none answers with the objects. */
export interface TablePage {
  columnDefinitions: { name: string }[];
  rows: { cells: unknown[] }[] | null;
}

/** Who cannot make a table is asked for the objects (API concepts, "Receiving resources as Tables"). */
export const tableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** Without the metadata of each object, which is most of a table. */
export const tableQuery = { includeObject: "None" };

export function isTable(page: object): page is TablePage {
  return "kind" in page && page.kind === "Table";
}

/** Undefined where the table lacks one of the columns: what a table shows is not promised to stay. */
export function projectRows<P>(
  { columnDefinitions, rows }: TablePage,
  { titles, project }: Columns<P>,
): P[] | undefined {
  const places = titles.map((title) => columnDefinitions.findIndex(({ name }) => name === title));
  if (places.includes(-1)) return undefined;
  return (rows ?? []).map(({ cells }) => project(places.map((place) => String(cells[place] ?? ""))));
}
