import { unsupportedBody } from "./body.js";
import { messages, type Field } from "./protobuf-messages.js";

/** kubectl sends what its `create` and `auth` subcommands make in this form, and nothing else. */
export const protobufType = "application/vnd.kubernetes.protobuf";

const magic = Buffer.from("k8s\0");

/**
 * The object in a protobuf body, as JSON has it. Throws the API's 415 for a kind or a field that is not understood:
 * better than to lose it.
 */
export function decodeProtobuf(body: Buffer): Record<string, unknown> {
  if (!body.subarray(0, 4).equals(magic)) throw unsupportedBody();
  const { typeMeta, raw } = message("Unknown", body.subarray(4));
  const { apiVersion, kind } = (typeMeta ?? {}) as Record<string, unknown>;
  if (typeof kind !== "string" || !(raw instanceof Buffer)) throw unsupportedBody();
  return { kind, apiVersion, ...message(kind, raw) };
}

function message(name: string, bytes: Buffer): Record<string, unknown> {
  const fields = Object.hasOwn(messages, name) ? messages[name] : undefined;
  if (!fields) throw unsupportedBody();
  const object: Record<string, unknown> = {};
  for (const [number, value] of entries(bytes)) {
    const field = fields[number];
    if (field?.[1] === "skip") continue;
    // Go's encoder writes empty values, too.
    if (!field && isEmpty(value)) continue;
    if (!field) throw unsupportedBody();
    add(object, field, value);
  }
  return object;
}

function isEmpty(value: number | Buffer): boolean {
  return typeof value === "number" ? value === 0 : value.length === 0;
}

function add(object: Record<string, unknown>, [name, type]: Field, value: number | Buffer): void {
  if (type.startsWith("[]")) {
    object[name] = [...((object[name] as unknown[] | undefined) ?? []), decoded(type.slice(2), value)];
  } else if (type.startsWith("map ")) {
    const [key, item] = mapEntry(type.slice(4), value);
    object[name] = { ...(object[name] as object | undefined), [key]: item };
  } else if (type !== "string" || !isEmpty(value)) {
    object[name] = decoded(type, value);
  }
}

function decoded(type: string, value: number | Buffer): unknown {
  if (type === "int") return value;
  if (type === "bool") return value !== 0;
  if (typeof value === "number") throw unsupportedBody();
  if (type === "string") return value.toString("utf8");
  if (type === "bytes") return value.toString("base64");
  if (type === "raw") return value;
  if (type === "quantity") return message("Quantity", value)["string"];
  if (type !== "intOrString") return message(type, value);
  const { type: isString, intVal = 0, strVal = "" } = message("IntOrString", value);
  return isString ? strVal : intVal;
}

function mapEntry(type: string, value: number | Buffer): [key: string, value: unknown] {
  if (typeof value === "number") throw unsupportedBody();
  const parts = new Map(entries(value));
  const text = (number: number) => parts.get(number) ?? Buffer.alloc(0);
  return [String(decoded("string", text(1))), decoded(type, text(2))];
}

/** The fields of a message as they come: their numbers with what is in them. */
function* entries(bytes: Buffer): Generator<[number: number, value: number | Buffer]> {
  let position = 0;
  const varint = (): number => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[position++];
      if (byte === undefined || shift > 63n) throw unsupportedBody();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, result));
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) yield [tag >>> 3, varint()];
    else if (wire !== 2) throw unsupportedBody();
    else {
      const length = varint();
      if (length < 0 || position + length > bytes.length) throw unsupportedBody();
      position += length;
      yield [tag >>> 3, bytes.subarray(position - length, position)];
    }
  }
}
