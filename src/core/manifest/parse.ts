import { UsageError } from "../errors.js";

/** Ends parsing of one value of a flag: what, where, what to do. */
export function refuse(flag: string, value: string, problem: string): never {
  throw new UsageError(`--${flag}: "${value}" ${problem}`);
}

/** Throws when a rule of names.ts finds a problem with a part of a flag's value. */
export function checkName(
  flag: string,
  name: string,
  rule: (name: string) => string | undefined,
  what = "",
): string {
  const problem = name === "" ? "is empty" : rule(name);
  if (problem) refuse(flag, name, what ? `as ${what} ${problem}` : problem);
  return name;
}

/** Splits at the first separator; undefined where there is none. */
export function splitAt(text: string, separator: string): [before: string, after: string] | undefined {
  const index = text.indexOf(separator);
  return index < 0 ? undefined : [text.slice(0, index), text.slice(index + separator.length)];
}

/** Reads `cpu=1,memory=2Gi` over all values of a flag. Throws for a part without `=` and for a key given twice. */
export function parsePairs(flag: string, values: readonly string[], form: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of values.flatMap((value) => value.split(","))) {
    const [key = "", value = ""] = splitAt(part.trim(), "=") ?? refuse(flag, part, `is not ${form}`);
    if (key === "") refuse(flag, part, `is not ${form}`);
    if (pairs.has(key)) refuse(flag, part, `gives ${key} twice`);
    pairs.set(key, value);
  }
  return pairs;
}

/** Throws when two values are the same where each may be there once. */
export function checkDistinct(flag: string, values: readonly string[], what: string): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated !== undefined) refuse(flag, repeated, `is there twice as ${what}`);
}

/** A whole number from 0 up, or a percentage from 0 to 100, as `IntOrString` fields take them. */
export function parseCount(flag: string, text: string): number | string {
  const [, digits = "", percent] =
    /^(\d{1,9})(%?)$/.exec(text) ?? refuse(flag, text, "is not a number or P%");
  if (!percent) return Number(digits);
  if (Number(digits) > 100) refuse(flag, text, "is more than 100%");
  return `${Number(digits)}%`;
}

/** The object without its undefined fields and empty lists and mappings: what a person would write. */
export function present(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
