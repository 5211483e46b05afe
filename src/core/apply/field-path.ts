import { isMapping, type FieldPath } from "../manifest/shape.js";

/**
 * The value at a path as server-side apply writes it in a conflict:
 * `.spec.template.spec.containers[name="main"].image`. Undefined where there is none.
 */
export function valueAt(object: unknown, path: string): unknown {
  return stepsTo(object, path)?.reduce<unknown>((inner, step) => childOf(inner, step), object);
}

/** A copy of the object with another value at a path; undefined where the object has nothing at it. */
export function withValueAt<T>(object: T, path: string, value: unknown): T | undefined {
  const steps = stepsTo(object, path);
  return steps && (replaceAt(object, steps, value) as T);
}

function replaceAt(object: unknown, [step, ...rest]: FieldPath, value: unknown): unknown {
  if (step === undefined) return value;
  const inner = replaceAt(childOf(object, step), rest, value);
  if (Array.isArray(object)) return object.map((item, index) => (index === step ? inner : (item as unknown)));
  return { ...(object as object), [step]: inner };
}

function childOf(object: unknown, step: string | number): unknown {
  return (object as Record<string | number, unknown> | undefined)?.[step];
}

/** The same path as steps along the object: names may have dots in them, so they are read along the object: the longest that fits, then shorter ones. */
export function stepsTo(value: unknown, path: string): FieldPath | undefined {
  if (path === "") return [];
  if (Array.isArray(value)) return elementSteps(value, path);
  if (!isMapping(value) || !path.startsWith(".")) return undefined;
  const fits = Object.keys(value).filter((key) => isHead(path.slice(1), key));
  for (const key of fits.toSorted((a, b) => b.length - a.length)) {
    const inner = stepsTo(value[key], path.slice(1 + key.length));
    if (inner) return [key, ...inner];
  }
  return undefined;
}

function isHead(path: string, key: string): boolean {
  return path.startsWith(key) && ["", ".", "["].includes(path.charAt(key.length));
}

const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
const bracket = new RegExp(String.raw`^\[((?:[^\]"]|${quoted})*)\]`);
const keyed = new RegExp(String.raw`([^=,\s]*)=(${quoted}|[^,]+)`, "g");

/** `[name="main"]`, `[containerPort=80,protocol="TCP"]`, `[="value"]`. */
function elementSteps(list: readonly unknown[], path: string): FieldPath | undefined {
  const [all = "", inner = ""] = bracket.exec(path) ?? [];
  const keys = [...inner.matchAll(keyed)].map(([, key = "", text = ""]): Key => [key, parseValue(text)]);
  if (keys.length === 0) return undefined;
  const exact = list.findIndex((item) => isElement(item, keys));
  const index = exact < 0 ? list.findIndex((item) => isElement(item, keys, true)) : exact;
  const rest = index < 0 ? undefined : stepsTo(list[index], path.slice(all.length));
  return rest && [index, ...rest];
}

type Key = readonly [name: string, value: unknown];

/** With `defaulted` a key that a manifest leaves out is taken for its default, which the path names: `protocol="TCP"`. */
function isElement(item: unknown, keys: readonly Key[], defaulted = false): boolean {
  return keys.every(([name, value]) => {
    if (name === "") return item === value;
    return isMapping(item) && (item[name] === value || (defaulted && item[name] === undefined));
  });
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
