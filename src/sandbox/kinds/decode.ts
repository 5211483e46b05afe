import { parseQuantity } from "./quantity.js";
import { fieldInfo, fieldsOf, isObject, typeInfo } from "./schema.js";
import type { Json, TypeInfo } from "./schema.js";

/** What the API's decoder finds wrong with an object of a kind before anything else looks at it. */
export interface DecodeFindings {
  /** Go's text for the first value of a wrong type: the request is refused (400) whatever `fieldValidation` says. */
  error: string | undefined;
  /** Paths of fields that the kind does not have: `spec.template.spec.containers[0].imagee`, in the order of the document. */
  unknown: string[];
}

interface Place {
  findings: DecodeFindings;
  /** The innermost struct, as Go's texts name it. */
  struct: string;
  /** With indexes, for unknown fields. */
  path: string;
  /** Without indexes and map keys, for type errors. */
  goPath: string;
}

/** Compares `object` with the fields of its kind. A kind that the schema does not know has nothing wrong with it. */
export function decodeFindings(kind: string, object: unknown): DecodeFindings {
  const findings: DecodeFindings = { error: undefined, unknown: [] };
  if (Object.keys(fieldsOf(kind)).length > 0)
    checkType(typeInfo(kind), object, { findings, struct: "", path: "", goPath: "" });
  return findings;
}

/** Fields of `object` that its kind does not have. */
export function unknownFields(kind: string, object: unknown): string[] {
  return decodeFindings(kind, object).unknown;
}

/** The text of the 400 that `fieldValidation=Strict` gives for unknown fields. */
export function strictDecodingError(unknown: string[]): string {
  return `strict decoding error: ${unknown.map((path) => `unknown field "${path}"`).join(", ")}`;
}

function checkType(type: TypeInfo, value: unknown, place: Place): void {
  if (value === null || value === undefined) return;
  if (type.shape === "struct" && isObject(value)) checkStruct(type, value, place);
  else if (type.shape === "list" && Array.isArray(value))
    value.forEach((item, index) =>
      checkType(typeInfo(type.element), item, { ...place, path: `${place.path}[${index}]` }),
    );
  else if (type.shape === "map" && isObject(value))
    for (const [key, item] of Object.entries(value))
      checkType(typeInfo(type.element), item, { ...place, path: `${place.path}.${key}` });
  else place.findings.error ??= leafError(type, value, place);
}

function checkStruct(type: TypeInfo, value: Json, place: Place): void {
  const rows = fieldsOf(type.name);
  for (const [name, inner] of Object.entries(value)) {
    const path = place.path ? `${place.path}.${name}` : name;
    const row = rows[name];
    if (row === undefined) place.findings.unknown.push(path);
    else {
      const field = fieldInfo(row);
      const goPath = [place.goPath, field.within, name].filter((part) => part !== "").join(".");
      checkType(field, inner, { ...place, struct: type.name, path, goPath });
    }
  }
}

const ranges: Record<string, number> = { int32: 2 ** 31, int64: 2 ** 63, int: 2 ** 63 };

/** Undefined when `value` fits the leaf `type`. */
function leafError(type: TypeInfo, value: unknown, place: Place): string | undefined {
  const found = jsonType(value);
  const cannot = (what: string, goType: string): string =>
    `json: cannot unmarshal ${what} into Go struct field ${place.struct.replace(/^Discovery/, "")}.${place.goPath} of type ${goType}`;
  switch (type.shape) {
    case "any":
      return undefined;
    case "quantity":
      return (found === "string" || found === "number") && parseQuantity(value) ? undefined : quantityError;
    case "time":
      return found !== "string" && isMicroTime(place) ? cannot(found, "string") : timeError(value);
    case "intOrString":
      if (found === "string") return undefined;
      return intError(value, "int32") ? cannot(intError(value, "int32") ?? "", "int32") : undefined;
    case "int": {
      const wrong = intError(value, underlying(type.name));
      return wrong === undefined ? undefined : cannot(wrong, goName(type.name));
    }
    case "bytes":
      return typeof value === "string" ? base64Error(value) : cannot(found, "[]uint8");
    default: {
      const wanted = {
        string: "string",
        bool: "bool",
        float: "number",
        list: "array",
        map: "object",
        struct: "object",
      };
      return found === wanted[type.shape] ? undefined : cannot(found, goName(type.name));
    }
  }
}

const quantityError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Go's words for text that is no base64, line breaks aside. */
function base64Error(text: string): string | undefined {
  const plain = text.replace(/[\r\n]/g, "");
  const valid = /^[A-Za-z0-9+/]*={0,2}/.exec(plain)?.[0].length ?? 0;
  if (valid === plain.length && plain.length % 4 === 0) return undefined;
  return `illegal base64 data at input byte ${valid === plain.length ? valid - (valid % 4) : valid}`;
}

/** Times to the microsecond read themselves in another way, which shows where they are not text. */
function isMicroTime({ struct, goPath }: Place): boolean {
  return struct === "LeaseSpec" || goPath === "eventTime" || goPath === "series.lastObservedTime";
}

function timeError(value: unknown): string | undefined {
  if (typeof value !== "string")
    return `json: cannot unmarshal ${jsonType(value)} into Go value of type string`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) return undefined;
  return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`;
}

/** What Go calls a value that is no integer of this size. */
function intError(value: unknown, size: string): string | undefined {
  if (typeof value !== "number") return jsonType(value);
  const range = ranges[size] ?? 2 ** 63;
  return Number.isInteger(value) && value < range && value >= -range ? undefined : `number ${value}`;
}

function underlying(name: string): string {
  return /^u?int\d*$/.test(name) ? name : "int64";
}

function jsonType(value: unknown): string {
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Types of autoscaling/v2 by their names. */
const second =
  /^(HorizontalPodAutoscaler|HPAScaling|CrossVersionObject|Metric|ContainerResourceMetric|ObjectMetric)/;

/** `[]Container` is `[]v1.Container` to Go, `UID` is `types.UID`, and a type of two groups has one name. */
export function goName(name: string): string {
  return name.replace(/\b[A-Z]\w*$/, (type) => {
    if (type === "UID") return "types.UID";
    return `${second.test(type) ? "v2" : "v1"}.${type.replace(/^Discovery/, "")}`;
  });
}
