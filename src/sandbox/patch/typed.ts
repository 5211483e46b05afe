import { fieldInfo, fieldsOf, isObject, typeInfo } from "../kinds/schema.js";
import { elementPath, rootType, type Owned } from "./field-compare.js";
import { pathText } from "./field-set.js";
import { goText } from "./go-text.js";

/**
 * Why an applied configuration does not have the types of its kind, in the words of structured-merge-diff (`validate`);
 * empty when it has. Of the fields that an object does not have, only the first is named.
 */
export function typedErrors(kind: string, configuration: unknown): string[] {
  const errors: string[] = [];
  check(rootType(kind), configuration, "", errors);
  return errors;
}

function check(type: Owned, value: unknown, path: string, errors: string[]): void {
  if (value === null || value === undefined) return;
  const say = (what: string): void => void errors.push(`${path}: ${what}`);
  switch (type.shape) {
    case "list":
      if (!Array.isArray(value)) return say(`expected list, got &{${goText(value)}}`);
      return checkList(type, value, path, errors);
    case "struct":
    case "map":
      if (!isObject(value)) return say(`expected map, got &{${goText(value)}}`);
      return checkMembers(type, value, path, errors);
    case "string":
    case "time":
    case "bytes":
      if (typeof value !== "string")
        say(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      return;
    case "int":
    case "float":
      if (typeof value !== "number") say(`expected numeric (int or float), got ${goType(value)}`);
      return;
    case "bool":
      if (typeof value !== "boolean") say(`expected boolean, got &{${goText(value)}}`);
      return;
    case "quantity":
    case "intOrString":
      if (typeof value === "object") say(`expected any scalar, got &{${goText(value)}}`);
      return;
    case "any":
      return;
  }
}

function checkMembers(type: Owned, value: Record<string, unknown>, path: string, errors: string[]): void {
  const rows = fieldsOf(type.name);
  for (const [name, inner] of Object.entries(value)) {
    const row = rows[name];
    if (type.shape === "map") check(memberOf(type), inner, `${path}.${name}`, errors);
    else if (row !== undefined) check(fieldInfo(row), inner, `${path}.${name}`, errors);
    else return void errors.push(`${path}.${name}: field not declared in schema`);
  }
}

function memberOf({ element }: Owned): Owned {
  return { ...typeInfo(element), mapKeys: [], set: false, atomic: false };
}

function checkList(type: Owned, list: unknown[], path: string, errors: string[]): void {
  const seen = new Set<string>();
  const { mapKeys, set } = type;
  for (const [index, item] of list.entries()) {
    let part = `[${index}]`;
    if (mapKeys.length > 0 || set) {
      const problem = mapKeys.length > 0 ? keyProblem(type, item) : undefined;
      if (problem) return void errors.push(`${path}: element ${index}: ${problem}`);
      part = pathText([elementPath(type, item)]);
      if (seen.has(part)) errors.push(`${path}: duplicate entries for key ${part}`);
      seen.add(part);
    }
    check(memberOf(type), item, `${path}${part}`, errors);
  }
}

/** Why the element of an associative list has no name. */
function keyProblem({ element, mapKeys }: Owned, item: unknown): string | undefined {
  if (item === null) return "associative list with keys may not have a null element";
  if (!isObject(item)) return "associative list with keys may not have non-map elements";
  const rows = fieldsOf(typeInfo(element).name);
  const preset = (key: string): unknown =>
    rows[key] === undefined ? undefined : fieldInfo(rows[key]).default;
  if (mapKeys.some((key) => item[key] !== undefined || preset(key) !== undefined)) return undefined;
  const keys = mapKeys.map((key) => JSON.stringify(key)).join(" ");
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "map[string]interface {}";
}

/** A value as Go's `%#v` prints it. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${goSyntax(inner)}`);
  return `map[string]interface {}{${members.sort().join(", ")}}`;
}
