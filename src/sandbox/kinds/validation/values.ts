import { duplicate, each, forbidden, invalid, notSupported, required } from "./errors.js";
import type { NameRule } from "./names.js";
import { below, defined, given, isEmpty, type Rule } from "./rules.js";

/** Something must be there. */
export const needed: Rule = neededTo("");

export function neededTo(detail: string): Rule {
  return (value, path) => (isEmpty(value) ? [required(path, detail)] : []);
}

// oxlint-disable-next-line no-explicit-any
export function must(holds: (value: any) => boolean, why: string): Rule {
  return (value, path) => (holds(value) ? [] : [invalid(path, value, why)]);
}

/** What an object must be like for its field `name` to be as it is. */
// oxlint-disable-next-line no-explicit-any
export function fieldMust(name: string, holds: (owner: any) => boolean, why: string): Rule {
  return (owner, path) => (holds(owner) ? [] : [invalid(below(path, name), owner[name] ?? "", why)]);
}

/** What may not be there. */
export function mayNotBe(why: string): Rule {
  return given((_value, path) => [forbidden(path, why)]);
}

/** One of the values that the API knows, in the order in which it lists them. */
export function oneOf(...values: readonly string[]): Rule {
  return (value, path) => (values.includes(value) ? [] : [notSupported(path, value, values)]);
}

/** One of the rules for names and texts. */
export function named(rule: NameRule): Rule {
  return (value: string | undefined, path) => each(path, value ?? "", rule(value ?? ""));
}

export const unlike: Rule = (value, path, earlier) => (earlier?.has(value) ? [duplicate(path, value)] : []);

export function between(least: number, most: number): Rule {
  return must((value) => value >= least && value <= most, `must be between ${least} and ${most}, inclusive`);
}

export const portNumber = between(1, 65_535);

export const notNegative = defined(must((value) => !(value < 0), "must be greater than or equal to 0"));
