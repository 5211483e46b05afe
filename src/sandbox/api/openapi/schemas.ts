import { fieldInfo, fieldsOf, typeInfo, type FieldInfo } from "../../kinds/schema.js";
import data from "./data.json" with { type: "json" };

/** A schema of OpenAPI 3.0, as the API's documents have them; without descriptions. */
export type Schema = Record<string, unknown>;

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const timeOf = (name: string): string => (name === "MicroTime" ? name : "Time");

// What the API's documents say of its types besides what kinds/schema.json has, from scripts/sandbox-schema.mjs. Lists are
// words apart by spaces; fields are `Struct.field`.
const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const required = words(data.required);
/** Lists that no marker says the type of. */
const plainLists = words(data.plainLists);
/** Structs and maps of which the field says that they are owned as a whole, or part by part. */
const atomic = words(data.atomic);
const granular = words(data.granular);
/** Structs owned as a whole wherever they are. */
const atomicStructs = words(data.atomicStructs);
/** Fields that are left out when empty and whose default says that empty is what they are. */
const zeroes = words(data.zeroes);
/** The values of enumerations, by type. */
const enums: Readonly<Record<string, string>> = data.enums;
/** What structs are called whose names another package has, too. */
const renamed: Readonly<Record<string, string>> = data.renamed;

const packages = new Map(
  Object.entries(data.packages).flatMap(([home, structs]) =>
    structs.split(" ").map((struct): [string, string] => [struct, home]),
  ),
);

/** `io.k8s.api.apps.v1.StatefulSet` of `StatefulSet`. */
export function schemaName(struct: string): string {
  return `${packages.get(struct) ?? meta}.${renamed[struct] ?? struct}`;
}

export function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Types that are no structs and yet have schemas of their own, by what they look like. */
const named: Readonly<Record<string, { name: (type: string) => string; schema: Schema }>> = {
  time: {
    name: (type) => `${meta}.${timeOf(type)}`,
    schema: { type: "string", format: "date-time" },
  },
  quantity: {
    name: () => "io.k8s.apimachinery.pkg.api.resource.Quantity",
    schema: { oneOf: [{ type: "string" }, { type: "number" }] },
  },
  intOrString: {
    name: () => "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    schema: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  },
  any: {
    name: (type) =>
      type === "FieldsV1" ? `${meta}.FieldsV1` : "io.k8s.apimachinery.pkg.runtime.RawExtension",
    schema: { type: "object" },
  },
};

/** The schemas that documents refer to, found as they are referred to. */
export class Schemas {
  readonly #found = new Map<string, Schema>();

  /** The schema of a struct by its name, with everything that it is made of. */
  add(struct: string): string {
    const name = schemaName(struct);
    if (this.#found.has(name)) return name;
    this.#found.set(name, {});
    this.#found.set(name, this.#struct(struct));
    return name;
  }

  set(name: string, schema: Schema): void {
    this.#found.set(name, schema);
  }

  has(name: string): boolean {
    return this.#found.has(name);
  }

  /** Says of a schema which kinds it is of. */
  mark(name: string, ...kinds: { group: string; version: string; kind: string }[]): void {
    const marked = kinds.map(({ group, version, kind }) => ({ group, kind, version }));
    this.#found.set(name, { ...this.#found.get(name), "x-kubernetes-group-version-kind": marked });
  }

  /** All of them by their names, sorted. */
  all(): Record<string, Schema> {
    return Object.fromEntries([...this.#found].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #struct(struct: string): Schema {
    const rows = Object.entries(fieldsOf(struct));
    const needed = rows.map(([field]) => field).filter((field) => required.has(`${struct}.${field}`));
    const properties = rows
      .map(([field, row]): [string, Schema] => [field, this.#field(`${struct}.${field}`, fieldInfo(row))])
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return {
      type: "object",
      ...(needed.length > 0 && { required: needed }),
      ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
      ...(atomicStructs.has(struct) && { "x-kubernetes-map-type": "atomic" }),
    };
  }

  #field(path: string, field: FieldInfo): Schema {
    const type = this.#type(field.name);
    const preset = defaultOf(path, field);
    const bare = "$ref" in type ? { allOf: [type] } : type;
    return { ...bare, ...(preset !== undefined && { default: preset }), ...extensions(path, field) };
  }

  #type(name: string): Schema {
    const { shape, element } = typeInfo(name);
    const known = named[shape];
    if (known && name !== "string") {
      this.#found.set(known.name(name), known.schema);
      return reference(known.name(name));
    }
    switch (shape) {
      case "struct":
        return reference(this.add(name));
      case "list":
        return { type: "array", items: this.#type(element.replace("*", "")) };
      case "map":
        return { type: "object", additionalProperties: this.#type(element) };
      case "int":
        return { type: "integer", format: name.endsWith("32") ? "int32" : "int64" };
      case "bytes":
        return { type: "string", format: "byte" };
      case "bool":
        return { type: "boolean" };
      case "float":
        return { type: "number", format: "double" };
      default: {
        const values = enums[name]?.split(" ");
        return { type: "string", ...(values && { enum: values }) };
      }
    }
  }
}

const zeroValues: Readonly<Record<string, unknown>> = { string: "", int: 0, bool: false, struct: {} };

/** What is there when nothing is given: the API's default, or what Go always writes. */
function defaultOf(path: string, field: FieldInfo): unknown {
  if (field.default !== undefined) return field.default;
  const zero = (field.alwaysWritten && !field.pointer) || zeroes.has(path);
  return zero ? zeroValues[field.shape] : undefined;
}

function extensions(path: string, field: FieldInfo): Schema {
  const { shape, mapKeys, set, mergeKey, retainKeys, replace } = field;
  const strategies = [
    ...(mergeKey !== undefined ? ["merge"] : []),
    ...(retainKeys ? ["retainKeys"] : []),
    ...(replace ? ["replace"] : []),
  ];
  const listType = set ? "set" : mapKeys.length > 0 ? "map" : "atomic";
  return {
    ...(mapKeys.length > 0 && { "x-kubernetes-list-map-keys": mapKeys }),
    ...(shape === "list" && !plainLists.has(path) && { "x-kubernetes-list-type": listType }),
    ...(atomic.has(path) && { "x-kubernetes-map-type": "atomic" }),
    ...(granular.has(path) && { "x-kubernetes-map-type": "granular" }),
    ...(mergeKey && { "x-kubernetes-patch-merge-key": mergeKey }),
    ...(strategies.length > 0 && { "x-kubernetes-patch-strategy": strategies.join(",") }),
  };
}
