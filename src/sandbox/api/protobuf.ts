import { unsupportedBody } from "./body.js";
import { scanJson } from "../kinds/json-scanner.js";
import { fieldInfo, fieldsOf, isStruct, memoized, typeInfo } from "../kinds/schema.js";
import type { FieldInfo, Json, TypeInfo } from "../kinds/schema.js";
import { setField } from "../store/json.js";

/** kubectl sends what its `create` and `auth` subcommands make in this form, and nothing else. */
export const protobufType = "application/vnd.kubernetes.protobuf";

const magic = Buffer.from("k8s\0");

/**
 * The object in a protobuf body, as JSON has it. Throws the API's 415 for a kind or a field that is not understood:
 * better than to lose it.
 */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, 4).equals(magic)) throw unsupportedBody();
  const { 1: typeMeta, 2: raw } = parts(body.subarray(4));
  const { 1: apiVersion, 2: kind } = parts(inside(typeMeta));
  const struct = textOf(kind);
  if (!isStruct(struct)) throw unsupportedBody();
  return { kind: struct, apiVersion: textOf(apiVersion), ...message(numbered(struct), inside(raw)) };
}

/** The fields of a struct by their numbers; of one that is inlined, its fields. */
type Numbered = Map<number, [name: string, field: FieldInfo] | Numbered>;

const numbered = memoized((struct: string): Numbered => {
  const fields: Numbered = new Map();
  for (const [name, row] of Object.entries(fieldsOf(struct))) {
    const field = fieldInfo(row);
    const [first, second] = field.numbers;
    if (first === undefined) continue;
    if (second === undefined) fields.set(first, [name, field]);
    else {
      const inlined = fields.get(first);
      const inner: Numbered = inlined instanceof Map ? inlined : new Map();
      fields.set(first, inner.set(second, [name, field]));
    }
  }
  return fields;
});

type Value = number | Buffer;

function message(fields: Numbered, bytes: Buffer): Json {
  const object: Json = {};
  for (const [number, value] of entries(bytes)) {
    const field = fields.get(number);
    if (field instanceof Map) Object.assign(object, message(field, inside(value)));
    else if (field) add(object, ...field, value);
    // Go's encoder writes empty values, too.
    else if (!isEmpty(value)) throw unsupportedBody();
  }
  return object;
}

function isEmpty(value: Value): boolean {
  return typeof value === "number" ? value === 0 : value.length === 0;
}

function add(object: Json, name: string, field: FieldInfo, value: Value): void {
  const element = typeInfo(field.element);
  if (field.shape === "list") {
    const list: unknown[] = (object[name] ??= []);
    for (const item of unpacked(element, value)) list.push(decoded(element, item));
  } else if (field.shape === "map") {
    const { 1: key, 2: item = Buffer.alloc(0) } = parts(inside(value));
    setField((object[name] ??= {}), textOf(key), decoded(element, item));
  } else if (field.shape !== "string" || field.pointer || !isEmpty(value)) {
    object[name] = decoded(field, value);
  }
}

/** Numbers of a list come one by one, as Go sends them, or several in one field. */
function unpacked({ shape }: TypeInfo, value: Value): readonly Value[] {
  if ((shape !== "int" && shape !== "bool") || typeof value === "number") return [value];
  const reader = new Reader(value);
  const values: number[] = [];
  while (!reader.isAtEnd) values.push(reader.varint());
  return values;
}

function decoded({ shape, name }: TypeInfo, value: Value): unknown {
  if (shape === "int") return numberOf(value);
  if (shape === "bool") return numberOf(value) !== 0;
  const bytes = inside(value);
  switch (shape) {
    case "string":
      return bytes.toString("utf8");
    case "bytes":
      return bytes.toString("base64");
    case "quantity":
      return textOf(parts(bytes)[1]);
    case "intOrString": {
      const { 1: isText, 2: number = 0, 3: text } = parts(bytes);
      return isText ? textOf(text) : numberOf(number);
    }
    case "time":
      return timeOf(name, bytes);
    case "any":
      return documentOf(parts(bytes)[1]);
    case "struct":
      return message(numbered(name), bytes);
    default:
      throw unsupportedBody();
  }
}

/** A time that is not set is nothing at all. */
function timeOf(type: string, bytes: Buffer): string | undefined {
  const { 1: seconds = 0, 2: nanos = 0 } = parts(bytes);
  const time = new Date(numberOf(seconds) * 1_000);
  if (bytes.length === 0) return undefined;
  if (Number.isNaN(time.getTime())) throw unsupportedBody();
  const fraction =
    type === "MicroTime" ? `.${String(Math.trunc(numberOf(nanos) / 1_000)).padStart(6, "0")}` : "";
  return time.toISOString().replace(/\.\d+/, fraction);
}

/** What has no type of its own is in protobuf as JSON. */
function documentOf(value: Value | undefined): unknown {
  const text = textOf(value);
  if (scanJson(text).error !== undefined) throw unsupportedBody();
  return JSON.parse(text);
}

function inside(value: Value | undefined): Buffer {
  if (typeof value === "number") throw unsupportedBody();
  return value ?? Buffer.alloc(0);
}

function numberOf(value: Value): number {
  if (typeof value !== "number") throw unsupportedBody();
  return value;
}

const textOf = (value: Value | undefined): string => inside(value).toString("utf8");

/** The fields of a small message by their numbers. */
const parts = (bytes: Buffer): Record<number, Value> => Object.fromEntries(entries(bytes));

/** The fields of a message as they come: their numbers with what is in them. */
function* entries(bytes: Buffer): Generator<[number: number, value: Value]> {
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    // No field has a number beyond 29 bits, or none.
    if (tag < 8 || tag >= 2 ** 32) throw unsupportedBody();
    const wire = tag & 7;
    if (wire === 0) yield [tag >>> 3, reader.varint()];
    else if (wire === 2) yield [tag >>> 3, reader.bytes()];
    else throw unsupportedBody();
  }
}

class Reader {
  #position = 0;

  constructor(private readonly all: Buffer) {}

  get isAtEnd(): boolean {
    return this.#position >= this.all.length;
  }

  varint(): number {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.all[this.#position++];
      if (byte === undefined || shift > 63n) throw unsupportedBody();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, result));
    }
  }

  /** As many bytes as the number before them says. */
  bytes(): Buffer {
    const length = this.varint();
    const end = this.#position + length;
    if (length < 0 || end > this.all.length) throw unsupportedBody();
    const found = this.all.subarray(this.#position, end);
    this.#position = end;
    return found;
  }
}
