import { sortKeys } from "./output-keys.js";
import { parseSteps, type Part, type Step } from "./jsonpath-parse.js";

/** A path does not fit the object: an index out of bounds, a filter on what is no list. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

/** Fills a template, as `kubectl get -o jsonpath=…` prints it. Throws a JsonPathError. */
export function fillTemplate(parts: readonly Part[], data: unknown): string {
  return parts.map((part) => fillPart(part, data)).join("");
}

function fillPart(part: Part, data: unknown): string {
  if (part.type === "text") return part.text;
  const found = walk(part.steps, [data]);
  if (part.type === "path") return found.map(printValue).join(" ");
  return found.map((value) => fillTemplate(part.body, value)).join("");
}

const goEscapes: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };

/** Lists and mappings as JSON, the way Go writes it; everything else as it is. */
function printValue(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(sortKeys(value)).replace(/[<>&]/g, (letter) => goEscapes[letter] ?? letter);
}

/**
 * A path as `--sort-by` and `custom-columns` take it: with braces or without, with a dot in front or without.
 * Throws a UsageError.
 */
export function parseRelaxedPath(text: string): Step[] {
  const bare = /^\{(.*)\}$/s.exec(text.trim())?.[1] ?? text.trim();
  return parseSteps(/^[.[$@]/.test(bare) ? bare : `.${bare}`, text);
}

/** What a path finds from some values on. A field that is not there is nothing, and no error. */
export function walk(steps: readonly Step[], from: readonly unknown[]): unknown[] {
  return steps.reduce<unknown[]>((values, step) => take(step, values), [...from]);
}

function take(step: Step, values: unknown[]): unknown[] {
  if (step.type === "literal") return values.length > 0 ? [step.value] : [];
  if (step.type === "union") return step.branches.flatMap((branch) => walk(branch, values));
  return values.flatMap((value) => (value === null || value === undefined ? [] : takeOne(step, value)));
}

type OfOneValue = Exclude<Step, { type: "literal" | "union" }>;

function takeOne(step: OfOneValue, value: unknown): unknown[] {
  if (step.type === "field") return field(value, step.name);
  if (step.type === "wildcard") return children(value);
  if (step.type === "recursive") return descend(value);
  if (!Array.isArray(value)) {
    throw new JsonPathError(
      `${describeType(value)} is not array or slice${step.type === "filter" ? " and cannot be filtered" : ""}`,
    );
  }
  return step.type === "slice" ? slice(value, step) : value.filter((item) => passes(item, step));
}

function field(value: unknown, name: string): unknown[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : [];
}

/** In the order of the keys, as Go's printers sort them. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, child]) => child as unknown);
}

/** Every mapping and list below a value that is not empty, and the value itself. */
function descend(value: unknown): unknown[] {
  const inside = children(value);
  return inside.length === 0 ? [] : [value, ...inside.flatMap(descend)];
}

function describeType(value: unknown): string {
  return typeof value === "object" ? "map[string]interface {}" : typeof value;
}

function slice(list: unknown[], step: Extract<Step, { type: "slice" }>): unknown[] {
  const { length } = list;
  const fromEnd = (index: number) => (index < 0 ? index + length : index);
  const from = fromEnd(step.from ?? 0);
  const to = step.single ? from + 1 : fromEnd(step.to ?? length);
  if (from === to) return [];
  const outside = (index: number) =>
    new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
  if (from >= length || from < 0) throw outside(from);
  if (to > length || to < 0) throw outside(to - 1);
  if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
  if (step.by <= 0) throw new JsonPathError("step must be > 0");
  return list.slice(from, to).filter((_item, index) => index % step.by === 0);
}

function passes(item: unknown, { left, operator, right }: Extract<Step, { type: "filter" }>): boolean {
  if (operator === "exists") return exists(left, item);
  const [a, b] = [walk(left, [item]), walk(right, [item])];
  if (a.length === 0 || b.length === 0) return false;
  if (a.length > 1 || b.length > 1) throw new JsonPathError("can only compare one element at a time");
  return compare(a[0], operator, b[0]);
}

function exists(steps: readonly Step[], item: unknown): boolean {
  try {
    return walk(steps, [item]).length > 0;
  } catch (error) {
    if (error instanceof JsonPathError) return false;
    throw error;
  }
}

function compare(a: unknown, operator: string, b: unknown): boolean {
  if (typeof a !== typeof b || typeof a === "object") {
    throw new JsonPathError("incompatible types for comparison");
  }
  if (operator === "==") return a === b;
  if (operator === "!=") return a !== b;
  const order = (a as string | number) < (b as string | number) ? -1 : a === b ? 0 : 1;
  if (operator === "<") return order < 0;
  if (operator === ">") return order > 0;
  return operator === "<=" ? order <= 0 : order >= 0;
}
