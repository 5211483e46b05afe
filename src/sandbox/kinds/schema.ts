import schema from "./schema.json" with { type: "json" };

/**
 * The types of the Kubernetes API that the sandbox's kinds are made of, as scripts/sandbox-schema.mjs reads them from the
 * Go types: of a struct its fields, `NAME: TYPE FLAGS` each and apart by `; `; of any other type what it is.
 *
 * - `!`: written even when empty (what has no omitempty, and structs and times without omitzero); the others are left out
 * - `map=KEYS`, `set`: how lists are owned in managedFields (others as a whole); `atomic`: owned as a whole
 * - `merge=KEY`, `merge`, `retainKeys`, `replace`: what a strategic merge patch does
 * - `default=JSON`: what the API sets where nothing is
 * - `#NUMBER`: of protobuf; of a field that Go has in another struct within the struct, `#NUMBER.NUMBER` and `in=STRUCT`
 */
const { structs, aliases }: Readonly<Record<"structs" | "aliases", Readonly<Record<string, string>>>> =
  schema;

/** A JSON object whose fields nobody has looked at yet. */
export type Json = Record<string, any>; // oxlint-disable-line no-explicit-any -- the sandbox handles every kind as JSON

/** What the Go type of a value is made of, aliases resolved. */
export interface TypeInfo {
  /** `struct`, `list`, `map`, or what a leaf looks like in JSON. */
  shape:
    | "struct"
    | "list"
    | "map"
    | "string"
    | "int"
    | "float"
    | "bool"
    | "time"
    | "quantity"
    | "intOrString"
    | "any"
    | "bytes";
  /** The Go type as declared, pointer taken off: `RestartPolicy`, `[]Container`, `int32`. */
  name: string;
  /** The type of the elements of a list or a map. */
  element: string;
  pointer: boolean;
}

/** A field of a struct: its type and what the API's tags and markers say of it. */
export interface FieldInfo extends TypeInfo {
  alwaysWritten: boolean;
  /** The keys that tell the elements of an associative list apart in managedFields. */
  mapKeys: string[];
  /** A list owned value by value in managedFields. */
  set: boolean;
  /** A struct or map (or the elements of a list) owned as a whole in managedFields. */
  atomic: boolean;
  /** How a strategic merge patch treats a list: by this key, by value (`""`), or (undefined) it replaces it. */
  mergeKey: string | undefined;
  retainKeys: boolean;
  /** A struct that a strategic merge patch replaces. */
  replace: boolean;
  default: unknown;
  /** Its number in protobuf: of a field of an inlined struct, that struct's number and then its own; empty for none. */
  numbers: number[];
  /** The struct that Go has the field inlined from; empty for a field of its own. */
  within: string;
}

const leaves: Record<string, TypeInfo["shape"]> = {
  string: "string",
  bool: "bool",
  bytes: "bytes",
  time: "time",
  quantity: "quantity",
  intOrString: "intOrString",
  any: "any",
};

/** Remembers what a pure function of a string gave: rows of the table are read for every field of every write. */
export function memoized<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) known.set(text, (result = read(text)));
    return result;
  };
}

/** What `type` (`*int32`, `[]Container`, `ResourceList`) is made of. */
export const typeInfo = memoized(readType);

function readType(type: string): TypeInfo {
  const pointer = type.startsWith("*");
  const name = pointer ? type.slice(1) : type;
  const resolved = aliases[name] ?? name;
  const container = /^(\[\]|map\[\w+\])(.*)$/.exec(resolved);
  const base = { name, element: container?.[2] ?? "", pointer };
  if (container) return { ...base, shape: container[1] === "[]" ? "list" : "map" };
  if (isStruct(name)) return { ...base, shape: "struct" };
  if (/^u?int\d*$/.test(resolved)) return { ...base, shape: "int" };
  return { ...base, shape: leaves[resolved] ?? (resolved.startsWith("float") ? "float" : "any") };
}

/** Whether the table has a struct of this name. */
export function isStruct(name: string): boolean {
  return Object.hasOwn(structs, name);
}

/**
 * The fields of a struct by their JSON names, in the order of the Go type; empty for what the table does not know. Without
 * a prototype: somebody's field may be called `toString`.
 */
export const fieldsOf = memoized((struct: string): Readonly<Record<string, string>> => {
  const rows = isStruct(struct) ? structs[struct]?.split("; ").map((row) => row.split(": ", 2)) : undefined;
  return Object.assign(Object.create(null), rows && Object.fromEntries(rows));
});

/** Reads a field's row of the table. The result is shared: nobody may change it. */
export const fieldInfo = memoized(readField);

function readField(row: string): FieldInfo {
  const [type = "", ...flags] = row.split(" ");
  const value = (name: string): string | undefined =>
    flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
  const preset = value("default");
  const number = flags.find((flag) => flag.startsWith("#"));
  return {
    ...typeInfo(type),
    alwaysWritten: flags.includes("!"),
    mapKeys: value("map")?.split(",") ?? [],
    set: flags.includes("set"),
    atomic: flags.includes("atomic"),
    mergeKey: flags.includes("merge") ? "" : value("merge"),
    retainKeys: flags.includes("retainKeys"),
    replace: flags.includes("replace"),
    default: preset === undefined ? undefined : JSON.parse(preset),
    numbers: number === undefined ? [] : number.slice(1).split(".").map(Number),
    within: value("in") ?? "",
  };
}

/** The fields of a struct that are never missing: always written, or with a default. */
export const presentFields = memoized((struct: string): [string, FieldInfo][] =>
  Object.entries(fieldsOf(struct))
    .map(([name, row]): [string, FieldInfo] => [name, fieldInfo(row)])
    .filter(([, field]) => field.alwaysWritten || field.default !== undefined),
);

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Calls `visit` for every struct in `value`, which is of the type `type`, outer ones first. */
export function visitStructs(
  type: string,
  value: unknown,
  visit: (struct: string, value: Json) => void,
): void {
  const { shape, name, element } = typeInfo(type);
  if (shape === "list" && Array.isArray(value)) for (const item of value) visitStructs(element, item, visit);
  if (shape === "map" && isObject(value))
    for (const item of Object.values(value)) visitStructs(element, item, visit);
  if (shape !== "struct" || !isObject(value)) return;
  visit(name, value);
  const rows = fieldsOf(name);
  for (const [field, inner] of Object.entries(value)) {
    const row = rows[field];
    if (row !== undefined && typeof inner === "object")
      visitStructs(row.split(" ", 1)[0] ?? "", inner, visit);
  }
}
