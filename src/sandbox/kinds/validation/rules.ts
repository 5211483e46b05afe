import type { FieldError } from "../kind.js";
import { Earlier } from "./earlier.js";
import { declared, forbidden } from "./errors.js";

/**
 * A rule of the API: what it has against the value at `path`, none if it holds. Rules of objects and lists are put
 * together from rules of their parts, in the order in which the API looks at them; `earlier` gives what the elements
 * before this one in a list have in the same place.
 */
// oxlint-disable-next-line no-explicit-any -- the sandbox handles every kind as JSON
export type Rule = (value: any, path: string, earlier?: Earlier) => FieldError[];

/** Every one of the rules. */
export function all(...rules: readonly Rule[]): Rule {
  return (value, path, earlier) => rules.flatMap((rule) => rule(value, path, earlier));
}

/** The rules up to the first that finds something. */
export function first(...rules: readonly Rule[]): Rule {
  return (value, path, earlier) => {
    for (const rule of rules) {
      const errors = rule(value, path, earlier);
      if (errors.length > 0) return errors;
    }
    return [];
  };
}

/** A rule for each of these fields of an object, be they there or not. */
export function fields(rules: Readonly<Record<string, Rule>>): Rule {
  const entries = Object.entries(rules);
  return (value, path, earlier) =>
    entries.flatMap(([name, rule]) => rule(value?.[name], below(path, name), earlier?.of(name)));
}

/** `spec.replicas` of `spec` and `replicas`. */
export function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** A rule for each element of a list. @param before what counts as elements before the first, to `unlike` */
export function items(rule: Rule, before: readonly unknown[] = []): Rule {
  return (list: readonly unknown[] | null | undefined, path) => {
    const earlier = Earlier.in([...before, ...(list ?? [])]);
    return (list ?? []).flatMap((item, at) => rule(item, `${path}[${at}]`, earlier(before.length + at)));
  };
}

export function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

/** Asked only where there is something: neither nothing, nor an empty text or list, nor zero. */
export function given(...rules: readonly Rule[]): Rule {
  return where((value) => !isEmpty(value), ...rules);
}

/** Asked only where the field is there, be it empty. */
export function defined(...rules: readonly Rule[]): Rule {
  return where((value) => value !== undefined, ...rules);
}

/** Asked only where `applies` says so. */
// oxlint-disable-next-line no-explicit-any
export function where(applies: (value: any) => boolean, ...rules: readonly Rule[]): Rule {
  const rule = all(...rules);
  return (value, path, earlier) => (applies(value) ? rule(value, path, earlier) : []);
}

/** Of these fields one may be given: it is looked at, and the others are refused. */
export function onlyOne(names: readonly string[], rules: Readonly<Record<string, Rule>>, why: string): Rule {
  return (value, path) =>
    names
      .filter((name) => value[name])
      .flatMap((name, nth) => {
        const place = below(path, name);
        return nth > 0 ? [forbidden(place, why)] : (rules[name]?.(value[name], place) ?? []);
      });
}

/** A rule that the API has as a declaration from 1.37 on (see `declared`); @param message what it says then */
export function declares(rule: Rule, message?: string): Rule {
  return (value, path) => rule(value, path).map((error) => declared(error, message));
}
