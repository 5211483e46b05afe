/** What a field of a file may hold. A table of them describes an object of the file. */
type FieldType = "string" | "boolean" | "strings" | "map" | "base64" | "anything";
export interface Shape {
  [field: string]: FieldType | Shape;
}

interface FieldValues {
  string: string;
  boolean: boolean;
  strings: string[];
  map: Record<string, string>;
  base64: Buffer;
  anything: unknown;
}

export type Shaped<S extends Shape> = {
  -readonly [Field in keyof S]?: S[Field] extends FieldType
    ? FieldValues[S[Field]]
    : S[Field] extends Shape
      ? Shaped<S[Field]>
      : never;
} & {
  /** The object as it was, with every field. */
  all: Readonly<Record<string, unknown>>;
};

type Fail = (problem: string) => never;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const checks: { [Type in FieldType]: { what: string; take(value: unknown): FieldValues[Type] | undefined } } =
  {
    string: { what: "a string", take: (value) => (typeof value === "string" ? value : undefined) },
    boolean: { what: "true or false", take: (value) => (typeof value === "boolean" ? value : undefined) },
    strings: {
      what: "a list of strings",
      take: (value) =>
        Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined,
    },
    map: {
      what: "an object of strings",
      take: (value) =>
        isObject(value) && Object.values(value).every((item) => typeof item === "string")
          ? (value as Record<string, string>)
          : undefined,
    },
    base64: {
      what: "base64",
      take: (value) => {
        if (typeof value !== "string") return undefined;
        const text = value.replace(/[\r\n]/g, "");
        const valid = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
        return valid ? Buffer.from(text, "base64") : undefined;
      },
    },
    anything: { what: "anything", take: (value) => value },
  };

/** Takes the fields of `shape` from an object; `null` counts as left out, other fields are ignored, wrong types fail. */
export function read<S extends Shape>(shape: S, value: unknown, place: string, fail: Fail): Shaped<S> {
  if (!isObject(value)) return fail(`${place ? `${place}: ` : ""}expected an object, found ${kindOf(value)}`);
  const taken: Record<string, unknown> = { all: value };
  for (const [field, type] of Object.entries(shape)) {
    const given = value[field];
    if (given === undefined || given === null) continue;
    const at = place ? `${place}.${field}` : field;
    taken[field] = typeof type === "string" ? check(type, given, at, fail) : read(type, given, at, fail);
  }
  return taken as Shaped<S>;
}

function check(type: FieldType, value: unknown, place: string, fail: Fail): unknown {
  // Never with the value itself: it may be a secret.
  return checks[type].take(value) ?? fail(`${place}: expected ${checks[type].what}, found ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "nothing";
  return typeof value === "object"
    ? "an object"
    : typeof value === "string"
      ? "other text"
      : `a ${typeof value}`;
}
