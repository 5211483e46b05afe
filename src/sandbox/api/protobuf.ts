import { unsupportedBody } from "./body.js";

/** kubectl sends what its `create` and `auth` subcommands make in this form, and nothing else. */
export const protobufType = "application/vnd.kubernetes.protobuf";

/** A field of a message: its name in JSON and its type; `[]` repeats, `skip` is not for clients to say. */
type Field = readonly [name: string, type: string];

const metadata: Field = ["metadata", "ObjectMeta"];
const status: Field = ["status", "skip"];

/** The messages that are understood, by their field numbers in the API's generated.proto. */
const messages: Readonly<Record<string, Readonly<Record<number, Field>>>> = {
  Unknown: {
    1: ["typeMeta", "TypeMeta"],
    2: ["raw", "raw"],
    3: ["contentEncoding", "skip"],
    4: ["contentType", "skip"],
  },
  TypeMeta: { 1: ["apiVersion", "string"], 2: ["kind", "string"] },
  ObjectMeta: {
    1: ["name", "string"],
    2: ["generateName", "string"],
    3: ["namespace", "string"],
    4: ["selfLink", "skip"],
    5: ["uid", "string"],
    6: ["resourceVersion", "string"],
    7: ["generation", "skip"],
    8: ["creationTimestamp", "skip"],
    11: ["labels", "map string"],
    12: ["annotations", "map string"],
    14: ["finalizers", "[]string"],
  },
  Namespace: { 1: metadata, 2: ["spec", "skip"], 3: status },
  ConfigMap: {
    1: metadata,
    2: ["data", "map string"],
    3: ["binaryData", "map bytes"],
    4: ["immutable", "bool"],
  },
  Secret: {
    1: metadata,
    2: ["data", "map bytes"],
    3: ["type", "string"],
    4: ["stringData", "map string"],
    5: ["immutable", "bool"],
  },
  ServiceAccount: { 1: metadata },
  Service: { 1: metadata, 2: ["spec", "ServiceSpec"], 3: status },
  ServiceSpec: {
    1: ["ports", "[]ServicePort"],
    2: ["selector", "map string"],
    3: ["clusterIP", "string"],
    4: ["type", "string"],
    7: ["sessionAffinity", "string"],
    8: ["loadBalancerIP", "string"],
    10: ["externalName", "string"],
    11: ["externalTrafficPolicy", "string"],
    12: ["healthCheckNodePort", "int"],
    13: ["publishNotReadyAddresses", "bool"],
    18: ["clusterIPs", "[]string"],
  },
  ServicePort: {
    1: ["name", "string"],
    2: ["protocol", "string"],
    3: ["port", "int"],
    4: ["targetPort", "intOrString"],
    5: ["nodePort", "int"],
    6: ["appProtocol", "string"],
  },
  IntOrString: { 1: ["type", "int"], 2: ["intVal", "int"], 3: ["strVal", "string"] },
  Role: { 1: metadata, 2: ["rules", "[]PolicyRule"] },
  ClusterRole: { 1: metadata, 2: ["rules", "[]PolicyRule"] },
  PolicyRule: {
    1: ["verbs", "[]string"],
    2: ["apiGroups", "[]string"],
    3: ["resources", "[]string"],
    4: ["resourceNames", "[]string"],
    5: ["nonResourceURLs", "[]string"],
  },
  RoleBinding: { 1: metadata, 2: ["subjects", "[]Subject"], 3: ["roleRef", "RoleRef"] },
  ClusterRoleBinding: { 1: metadata, 2: ["subjects", "[]Subject"], 3: ["roleRef", "RoleRef"] },
  RoleRef: { 1: ["apiGroup", "string"], 2: ["kind", "string"], 3: ["name", "string"] },
  Subject: {
    1: ["kind", "string"],
    2: ["apiGroup", "string"],
    3: ["name", "string"],
    4: ["namespace", "string"],
  },
  PodDisruptionBudget: { 1: metadata, 2: ["spec", "PodDisruptionBudgetSpec"], 3: status },
  PodDisruptionBudgetSpec: {
    1: ["minAvailable", "intOrString"],
    2: ["selector", "LabelSelector"],
    3: ["maxUnavailable", "intOrString"],
    4: ["unhealthyPodEvictionPolicy", "string"],
  },
  LabelSelector: { 1: ["matchLabels", "map string"], 2: ["matchExpressions", "[]LabelSelectorRequirement"] },
  LabelSelectorRequirement: { 1: ["key", "string"], 2: ["operator", "string"], 3: ["values", "[]string"] },
  Eviction: { 1: metadata, 2: ["deleteOptions", "DeleteOptions"] },
  DeleteOptions: {
    1: ["gracePeriodSeconds", "int"],
    2: ["preconditions", "Preconditions"],
    4: ["propagationPolicy", "string"],
    5: ["dryRun", "[]string"],
  },
  Preconditions: { 1: ["uid", "string"], 2: ["resourceVersion", "string"] },
  SelfSubjectReview: { 1: metadata, 2: status },
  SelfSubjectAccessReview: { 1: metadata, 2: ["spec", "SelfSubjectAccessReviewSpec"], 3: status },
  SelfSubjectAccessReviewSpec: {
    1: ["resourceAttributes", "ResourceAttributes"],
    2: ["nonResourceAttributes", "NonResourceAttributes"],
  },
  NonResourceAttributes: { 1: ["path", "string"], 2: ["verb", "string"] },
  ResourceAttributes: {
    1: ["namespace", "string"],
    2: ["verb", "string"],
    3: ["group", "string"],
    4: ["version", "string"],
    5: ["resource", "string"],
    6: ["subresource", "string"],
    7: ["name", "string"],
  },
};

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
