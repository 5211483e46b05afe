import { decodeFindings, goName } from "../kinds/decode.js";
import { fieldsOf, isObject, typeInfo, type TypeInfo } from "../kinds/schema.js";

/**
 * Why an object does not fit its kind, as a strategic merge patch says it: that one does not come out of JSON again, but
 * is converted value by value (apimachinery, `DefaultUnstructuredConverter`). Undefined when it fits.
 */
export function conversionError(kind: string, object: unknown): string | undefined {
  return convert(typeInfo(kind), object) ?? decodeFindings(kind, object).error;
}

function convert(type: TypeInfo, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const found = goKind(value);
  switch (type.shape) {
    case "struct": {
      if (!isObject(value)) return `cannot restore struct from: ${found}`;
      const rows = Object.entries(fieldsOf(type.name)).filter(([name]) => Object.hasOwn(value, name));
      return first(rows, ([name, row]) => convert(typeInfo(row.split(" ", 1)[0] ?? ""), value[name]));
    }
    case "list":
      if (!Array.isArray(value)) return `cannot restore slice from ${found}`;
      return first(value, (item) => convert(typeInfo(type.element), item));
    case "map":
      if (!isObject(value)) return `cannot restore map from ${found}`;
      return first(Object.values(value), (item) => convert(typeInfo(type.element), item));
    case "string":
      return leaf(type, found, found === "string", found === "int64");
    case "bool":
      return leaf(type, found, found === "bool", false);
    case "int":
      return leaf(type, found, found === "int64", found === "float64");
    default:
      return undefined;
  }
}

/** Go can turn a whole number into text and a fraction into a whole number, and the converter will not. */
function leaf({ name }: TypeInfo, found: string, fits: boolean, convertible: boolean): string | undefined {
  if (fits) return undefined;
  const goType = /^(u?int\d*|bool|string)$/.exec(name)?.[1];
  return convertible
    ? `cannot convert ${found} to ${goName(name)}`
    : `unrecognized type: ${goType ?? "string"}`;
}

function first<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const error = check(item);
    if (error !== undefined) return error;
  }
  return undefined;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "map";
}
