import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { each, forbidden, invalid, required, tooLong } from "./errors.js";
import { configKey } from "./names.js";
import type { Rule } from "./rules.js";

/** Of all values together: what etcd takes. */
const largest = 1024 * 1024;

/** Keys that can be file names. */
function keys(field: string, values: Json): FieldError[] {
  return Object.keys(values).flatMap((key) => each(`${field}[${key}]`, key, configKey(key)));
}

const bytesOf = (values: Json): number =>
  Object.values<string>(values).reduce((sum, value) => sum + Buffer.byteLength(value, "base64"), 0);

export const configMap: Rule = ({ data = {}, binaryData = {} }: AnyObject) => {
  const texts = Object.values<string>(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  return [
    ...keys("data", data),
    ...twice.map((key) => invalid(`data[${key}]`, key, "duplicate of key present in binaryData")),
    ...keys("binaryData", binaryData),
    // The API means the object as a whole.
    ...tooLong("[]", texts + bytesOf(binaryData), largest),
  ];
};

export function validateConfigMapUpdate(one: AnyObject, old: AnyObject): FieldError[] {
  if (!old.immutable) return [];
  const text = "field is immutable when `immutable` is set";
  const changed = ["data", "binaryData"].filter((field) => !isDeepStrictEqual(one[field], old[field]));
  return [...(one.immutable ? [] : ["immutable"]), ...changed].map((field) => forbidden(field, text));
}

/** What a secret of a type must have; of two in one entry, either. */
const needed: ReadonlyMap<string, readonly string[]> = new Map([
  ["kubernetes.io/dockercfg", [".dockercfg"]],
  ["kubernetes.io/dockerconfigjson", [".dockerconfigjson"]],
  ["kubernetes.io/ssh-auth", ["ssh-privatekey"]],
  ["kubernetes.io/tls", ["tls.crt", "tls.key"]],
]);

export const secret: Rule = ({ metadata, type, data = {} }: AnyObject) => {
  const account = "kubernetes.io/service-account.name";
  const nameless = type === "kubernetes.io/service-account-token" && !metadata.annotations?.[account];
  const either = ["username", "password"];
  const anonymous = type === "kubernetes.io/basic-auth" && !either.some((key) => Object.hasOwn(data, key));
  const missing = (needed.get(type) ?? []).filter((key) => !Object.hasOwn(data, key));
  return [
    ...keys("data", data),
    ...tooLong("data", bytesOf(data), largest),
    ...(nameless ? [required(`metadata.annotations[${account}]`)] : []),
    ...[...missing, ...(anonymous ? either : [])].map((key) => required(`data[${key}]`)),
    ...(type === "kubernetes.io/tls" ? [] : dockerConfig(needed.get(type)?.[0], data)),
  ];
};

function dockerConfig(key: string | undefined, data: Json): FieldError[] {
  if (!key?.startsWith(".docker") || !Object.hasOwn(data, key)) return [];
  try {
    JSON.parse(Buffer.from(data[key], "base64").toString("utf8"));
    return [];
  } catch {
    return [invalid(`data[${key}]`, "<secret contents redacted>", "unexpected end of JSON input")];
  }
}

export function validateSecretUpdate(one: AnyObject, old: AnyObject): FieldError[] {
  const type = one.type === old.type ? [] : [invalid("type", one.type, "field is immutable")];
  return [...type, ...validateConfigMapUpdate(one, old)];
}
