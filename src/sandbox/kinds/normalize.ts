import { canonicalQuantity } from "./quantity.js";
import { fieldInfo, fieldsOf, isObject, presentFields, typeInfo } from "./schema.js";
import type { FieldInfo, Json, TypeInfo } from "./schema.js";

/**
 * Leaves in `object` what a trip through the Go type `struct` leaves: fields unknown to it are gone, and so are nulls
 * and empty values of fields that are optional; fields that are always written are there; quantities are in the
 * API's form (`1.5Gi` is `1536Mi`). Works in place.
 */
export function normalizeStruct(struct: string, object: Json): void {
  const rows = fieldsOf(struct);
  for (const [name, value] of Object.entries(object)) {
    const row = rows[name];
    const kept = row === undefined ? undefined : normalized(fieldInfo(row), value);
    if (kept === undefined) drop(object, name);
    else object[name] = kept;
  }
  for (const [name, field] of presentFields(struct)) {
    if (field.default !== undefined && object[name] === undefined) object[name] = field.default;
    if (field.alwaysWritten && object[name] === undefined) object[name] = zero(field);
  }
}

const emptied = Symbol("fields that were given empty");

/** Takes a field out. That a list or a map was given, if an empty one, is kept in mind for the texts of errors. */
function drop(object: Json, name: string): void {
  const value: unknown = object[name];
  delete object[name];
  if (typeof value !== "object" || value === null) return;
  const known = (object as { [emptied]?: object })[emptied];
  Object.defineProperty(object, emptied, { value: { ...known, [name]: value }, configurable: true });
}

/** The list or map at `name`, which errors show as `[]` or `{}` where it was given empty, and else as null. */
export function shownEmpty(object: Json | undefined, name: string): unknown {
  const known = (object as { [emptied]?: Json } | undefined)?.[emptied];
  return object?.[name] ?? known?.[name] ?? null;
}

/** A field's value as it is written back; undefined where it is left out. */
function normalized(field: FieldInfo, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const result = inType(field, value);
  // An empty list that is always written comes back as null.
  if (field.shape === "list" && field.alwaysWritten && isEmpty(field, result)) return null;
  return field.pointer || field.alwaysWritten || !isEmpty(field, result) ? result : undefined;
}

function inType(type: TypeInfo, value: unknown): unknown {
  if (type.shape === "quantity") return canonicalQuantity(value);
  if (type.shape === "struct" && isObject(value)) normalizeStruct(type.name, value);
  if (type.shape === "list" && Array.isArray(value)) return value.map((item) => inside(type.element, item));
  if (type.shape === "map" && isObject(value))
    for (const key of Object.keys(value)) value[key] = inside(type.element, value[key]);
  return value;
}

function inside(element: string, value: unknown): unknown {
  const type = typeInfo(element);
  if (value === null || value === undefined) return type.pointer ? null : zero(type);
  return inType(type, value);
}

function isEmpty({ shape }: TypeInfo, value: unknown): boolean {
  if (shape === "list") return Array.isArray(value) && value.length === 0;
  if (shape === "map") return isObject(value) && Object.keys(value).length === 0;
  return value === "" || value === false || (value === 0 && shape !== "intOrString");
}

/** The zero of a Go type as JSON shows it. */
function zero(type: TypeInfo): unknown {
  if (type.pointer) return null;
  if (type.shape === "string") return "";
  if (type.shape === "bool") return false;
  if (type.shape === "int" || type.shape === "float" || type.shape === "intOrString") return 0;
  if (type.shape === "quantity") return "0";
  if (type.shape !== "struct") return null;
  const value: Json = {};
  normalizeStruct(type.name, value);
  return value;
}
