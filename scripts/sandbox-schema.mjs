/**
 * Reads the Go types of the Kubernetes API (the folders of its modules are the arguments), and prints the files of data
 * that the sandbox has of them, as JSON of texts by path: for scripts/generate.mjs.
 *
 *   node scripts/sandbox-schema.mjs K8S.IO/API K8S.IO/APIMACHINERY
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [api, apimachinery] = process.argv.slice(2);
const sources = [
  [apimachinery, "pkg/apis/meta/v1/types.go"],
  [apimachinery, "pkg/apis/meta/v1/watch.go"],
  ...[
    "core/v1",
    "apps/v1",
    "storage/v1",
    "policy/v1",
    "discovery/v1",
    "coordination/v1",
    "rbac/v1",
    "autoscaling/v2",
    "autoscaling/v1",
    "authentication/v1",
    "authorization/v1",
  ].map((group) => [api, `${group}/types.go`]),
];
const roots = `
  Namespace Node Service Endpoints EndpointSlice ConfigMap Secret ServiceAccount StatefulSet ControllerRevision Pod Binding
  PersistentVolumeClaim PersistentVolume StorageClass PodDisruptionBudget Eviction HorizontalPodAutoscaler Scale Event Lease
  DeleteOptions Role RoleBinding ClusterRole ClusterRoleBinding SelfSubjectReview SelfSubjectAccessReview SubjectAccessReview
  LocalSubjectAccessReview SelfSubjectRulesReview   ListMeta Status WatchEvent APIResourceList`
  .trim()
  .split(/\s+/);
/** From other files of the API, or leaves whose JSON is not their Go type's. */
const known = {
  Time: "time",
  MicroTime: "time",
  Quantity: "quantity",
  IntOrString: "intOrString",
  RawExtension: "any",
  FieldsV1: "any",
  Duration: "string",
  UID: "string",
  NodeSelectorOperator: "string",
};

/** Every `type X …` of a file: `{ name, alias }` or `{ name, fields, markers }`. */
function* declarations(text) {
  const lines = text.split("\n");
  let markers = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at].trim();
    const struct = /^type (\w+) struct \{(\})?$/.exec(line);
    const alias = /^(?:type )?(\w+) (string|u?int\d*|bool|map\[.*|\[\].*)$/.exec(line);
    if (line.startsWith("//")) markers.push(line.slice(2).trim());
    else if (struct) {
      const fields = [];
      let own = [];
      while (!struct[2] && lines[++at] !== "}") {
        const row = lines[at].trim();
        if (row.startsWith("//")) own.push(row.slice(2).trim());
        else if (row.includes("`")) fields.push({ row, markers: own.splice(0) });
        else if (row === "") own = [];
      }
      yield { name: struct[1], fields, markers: markers.splice(0) };
    } else {
      if (alias && line.startsWith("type ")) yield { name: alias[1], alias: alias[2], markers };
      if (line !== "") markers = [];
    }
  }
}

/** The name of the package of a source in OpenAPI: `io.k8s.api.core.v1`. */
const packageOf = (file) =>
  `io.k8s.${file.startsWith("pkg/") ? "apimachinery" : "api"}.${dirname(file).replaceAll("/", ".")}`;

// By their names; a struct that has the name of an earlier one is known by that of its group besides: DiscoveryEndpointPort.
const types = new Map();
for (const [root, file] of sources)
  for (const declaration of declarations(readFileSync(join(root, file), "utf8"))) {
    const { name } = declaration;
    const group = file.split("/")[0];
    const unique =
      types.has(name) && declaration.fields ? group[0].toUpperCase() + group.slice(1) + name : name;
    if (!types.has(unique)) types.set(unique, { ...declaration, unique, package: packageOf(file) });
  }
const own = (name, declaration) =>
  [...types.values()].find((one) => one.name === name && one.package === declaration.package)?.unique ?? name;

const plain = (type) => type.replace(/\b\w+\.(?=[A-Z])/g, "").replace("[]byte", "bytes");
const marker = (markers, name) =>
  markers.filter((text) => text.startsWith(`+${name}=`)).map((text) => text.split("=").slice(1).join("="));
const element = (type) => type.replace(/^(\*|\[\]|map\[\w+\])+/, "");

function flags(type, tag, own) {
  const result = [];
  const json = /json:"([^"]*)"/.exec(tag)[1];
  const value = types.get(type)?.fields || type === "Time" || type === "MicroTime";
  if (!json.includes("omitempty") || (value && !json.includes("omitzero"))) result.push("!");
  const listType = marker(own, "listType")[0];
  if (listType === "map") result.push(`map=${marker(own, "listMapKey").join(",")}`);
  if (listType === "set") result.push("set");
  const strategy = /patchStrategy:"([^"]*)"/.exec(tag)?.[1] ?? "";
  const key = /patchMergeKey:"([^"]*)"/.exec(tag)?.[1];
  if (strategy.includes("merge")) result.push(key ? `merge=${key}` : "merge");
  if (strategy.includes("retainKeys")) result.push("retainKeys");
  if (strategy.includes("replace")) result.push("replace");
  const granular =
    [...marker(own, "structType"), ...marker(own, "mapType")][0] ??
    marker(types.get(element(type))?.markers ?? [], "structType")[0];
  if (granular === "atomic") result.push("atomic");
  const preset = marker(own, "default")[0];
  const pointless = preset === '""' || (!type.startsWith("*") && ["0", "false"].includes(preset));
  if (preset !== undefined && !pointless)
    result.push(`default=${preset.startsWith("ref(") ? JSON.stringify(constant(preset)) : preset}`);
  return result;
}

const constants = sources.map(([root, file]) => readFileSync(join(root, file), "utf8")).join("\n");
const constant = (ref) =>
  new RegExp(`\\b${/\((?:.*\.)?(\w+)\)/.exec(ref)[1]}\\b[^=\\n]*= "([^"]*)"`).exec(constants)[1];

const out = {};
function emit(name) {
  if (out[name] || /^(string|bool|u?int\d*|byte|float\d+|bytes)$/.test(name)) return;
  if (known[name]) return void (out[name] = known[name]);
  const declaration = types.get(name);
  if (!declaration) throw new Error(`no type ${name}`);
  if (declaration.alias) {
    out[name] = plain(declaration.alias);
    return emit(element(out[name]));
  }
  out[name] = {};
  for (const { row, markers } of declaration.fields) fieldOf(out[name], row, markers, declaration);
}

/** @param within the struct that the field is inlined from, with its number in protobuf if it has one */
function fieldOf(target, row, markers, declaration, within) {
  const [, head, tag] = /^(.*?)\s*`(.*)`/.exec(row);
  const words = head.split(/\s+/);
  const type = plain(words.at(-1)).replace(/[A-Z]\w*$/, (name) => own(name, declaration));
  const name = /json:"([^",]*)/.exec(tag)?.[1];
  if (name === "-") return;
  const number = /protobuf:"\w+,(\d+)/.exec(tag)?.[1];
  if (words.length === 1 && !name) {
    for (const inner of types.get(type).fields)
      fieldOf(target, inner.row, inner.markers, declaration, { struct: type, number });
    return;
  }
  const place = !within ? `#${number}` : `#${within.number}.${number} in=${within.struct}`;
  const hasNumber = number !== undefined && (!within || within.number !== undefined);
  target[name] = [type, ...flags(type, tag, markers), ...(hasNumber ? [place] : [])].join(" ");
  emit(element(type));
  noteOpenApi(declaration.unique, name, type, tag, markers);
}

/** What OpenAPI says of fields and the table of types does not: lists of `Struct.field`. */
const openApi = { required: [], plainLists: [], atomic: [], granular: [], zeroes: [] };

function noteOpenApi(struct, name, type, tag, markers) {
  const path = `${struct}.${name}`;
  const omitted = /json:"[^"]*omitempty/.test(tag);
  const needed = markers.includes("+required") || (!omitted && !markers.includes("+optional"));
  if (needed) openApi.required.push(path);
  const isList = [type, out[type]].some((one) => typeof one === "string" && /^\*?\[\]/.test(one));
  if (isList && marker(markers, "listType").length === 0) openApi.plainLists.push(path);
  const granular = [...marker(markers, "structType"), ...marker(markers, "mapType")];
  for (const value of granular) openApi[value].push(path);
  const preset = marker(markers, "default")[0];
  if ((omitted || type.startsWith("*")) && ['""', "0", "false"].includes(preset)) openApi.zeroes.push(path);
}

for (const root of roots) emit(root);

/** The values of the types that are marked as enumerations, sorted. */
const enums = {};
for (const { name, alias, unique, markers, package: home } of types.values())
  if (alias && out[unique] && markers.includes("+enum")) {
    const files = sources.filter(([, file]) => packageOf(file) === home);
    const text = files.map(([root, file]) => readFileSync(join(root, file), "utf8")).join("\n");
    const values = text.matchAll(new RegExp(`^\\s*(?:const )?\\w+\\s+${name}\\s*= "([^"]*)"`, "gm"));
    const converted = text.matchAll(new RegExp(`= ${name}\\((.*)\\)$`, "gm"));
    const found = [
      ...[...values].map(([, value]) => value),
      ...[...converted].map(([, value]) =>
        value.startsWith('"') ? JSON.parse(value) : constant(`(${value})`),
      ),
    ];
    enums[unique] = [...new Set(found)].sort().join(" ");
  }

const declared = [...types.values()].filter(
  ({ unique, fields }) => fields && typeof out[unique] === "object",
);
const packages = {};
for (const { unique, package: home } of declared) (packages[home] ??= []).push(unique);
const renamed = Object.fromEntries(
  declared.filter(({ name, unique }) => name !== unique).map(({ name, unique }) => [unique, name]),
);
const atomicStructs = declared
  .filter(({ markers }) => marker(markers, "structType").includes("atomic"))
  .map(({ unique }) => unique);

const fieldsOf = (struct) =>
  Object.entries(struct)
    .map(([field, row]) => `${field}: ${row}`)
    .join("; ");
const typesWhere = (wanted, text) =>
  Object.fromEntries(
    Object.entries(out)
      .filter(([, type]) => typeof type === wanted)
      .map(([name, type]) => [name, text(type)]),
  );
const wordsOf = (lists) =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.join(" ")]));
const files = {
  "src/sandbox/kinds/schema.json": {
    structs: typesWhere("object", fieldsOf),
    aliases: typesWhere("string", String),
  },
  "src/sandbox/api/openapi/data.json": {
    packages: wordsOf(packages),
    renamed,
    enums,
    atomicStructs: atomicStructs.join(" "),
    ...wordsOf(openApi),
  },
};
for (const [name, data] of Object.entries(files)) files[name] = `${JSON.stringify(data, null, 2)}\n`;
process.stdout.write(JSON.stringify(files));
