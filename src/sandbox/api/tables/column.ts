import type { AnyObject } from "../../port.js";
import { ageText } from "./age.js";

type Cell = string | number | boolean;

/** What a cell may look at besides its object. */
export interface Printing {
  /** Milliseconds since the epoch, for ages. */
  now: number;
  /** `1.37` */
  kubernetesVersion: string;
  /** All rows of a list; undefined for an object by itself, and in a watch. */
  listed?: readonly AnyObject[] | undefined;
}

/** A column of a kind's table as the API publishes it (`TableColumnDefinition` of meta/v1), and how an object fills it. */
export interface Column {
  name: string;
  /** Of OpenAPI. It does not bind the cells: the API has numbers in columns of strings, too. */
  type: string;
  /** `name` for the column that names the object, else empty. */
  format: string;
  /** 0 for what is always shown, 1 for `kubectl get -o wide`. */
  priority: number;
  cell(object: AnyObject, printing: Printing): Cell;
}

type Traits = Partial<Pick<Column, "type" | "format" | "priority">>;

/** A column; of strings and always shown, unless `traits` say otherwise. */
export function column(name: string, cell: Column["cell"], traits: Traits = {}): Column {
  return { name, type: "string", format: "", priority: 0, ...traits, cell };
}

export const wide = { priority: 1 };
export const whole = { type: "integer" };

/** The column of names, in which something may be unusual. */
export function nameColumnWith(
  traits: Traits,
  cell: Column["cell"] = ({ metadata }) => metadata.name ?? "",
): Column {
  return column("Name", cell, { format: "name", ...traits });
}

export const nameColumn = nameColumnWith({});

export const ageColumn = column("Age", ({ metadata }, { now }) => since(metadata.creationTimestamp, now));

/** What is printed of kinds without columns of their own. */
export const defaultColumns: readonly Column[] = [
  nameColumn,
  // Go prints a time that is not set, as in a bookmark.
  column("Created At", ({ metadata }) => metadata.creationTimestamp ?? "0001-01-01T00:00:00Z", {
    type: "date",
  }),
];

/** The time from `timestamp` to `now`: `5m`. */
export function since(timestamp: string | null | undefined, now: number): string {
  return timestamp ? ageText(now - Date.parse(timestamp)) : "<unknown>";
}

/** The first `max` of a list: `a,b,c + 2 more...`. */
export function firstOf(texts: readonly string[], max: number, separator = ","): string {
  const shown = texts.slice(0, max).join(separator);
  return texts.length > max ? `${shown} + ${texts.length - max} more...` : shown;
}
