import { map, maps, services, set, sets, service, type Case } from "./field-validation-given.js";

const patches = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

const text = JSON.stringify;
const named = (object: { metadata: object }, name: string, more: object = {}): Record<string, unknown> => ({
  ...object,
  ...more,
  metadata: { ...object.metadata, name },
});

/** Bodies of a create that are wrong, by what is wrong with them. */
const wrong: Record<string, [path: string, body: string | object]> = {
  "an unknown field": [maps, { ...named(map, "x"), dat: {} }],
  "unknown fields at every depth": [
    sets,
    {
      ...named(set, "x"),
      zzz: 1,
      spec: {
        ...set.spec,
        replicass: 1,
        template: {
          ...set.spec.template,
          spec: { containers: [{ name: "a", image: "b", imagee: "c", ports: [{ prt: 1 }] }], restart: "x" },
        },
        aaa: { inner: { deep: 1 } },
      },
    },
  ],
  "an unknown field in metadata": [maps, { ...map, metadata: { name: "x", lables: {} } }],
  "a duplicate field": [maps, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","name":"x"}}'],
  "a field that is there three times": [
    maps,
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","name":"x","name":"x"}}',
  ],
  "a duplicate key of a map": [
    maps,
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","a":"2"}}',
  ],
  "duplicate and unknown fields": [
    sets,
    text({ ...named(set, "x"), metadata: { name: "x", b: 1 } }).replace(
      '"replicas":0',
      '"aaa":1,"replicas":0,"replicas":0,"bbb":2,"bbb":3',
    ),
  ],
  "a duplicate field in an unknown one": [
    maps,
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"more":{"a":"1","a":"2"}}',
  ],
  "a field in other letters": [maps, { ...named(map, "x"), Data: { b: "2" } }],
  "a field of another kind": [maps, { ...named(map, "x"), spec: {} }],
  "a null for an unknown field": [maps, { ...named(map, "x"), spec: null }],
  "a wrong type": [sets, named(set, "x", { spec: { ...set.spec, replicas: "three" } })],
  "a wrong type and an unknown field": [
    sets,
    named(set, "x", { zzz: 1, spec: { ...set.spec, replicas: "three" } }),
  ],
  "an unknown field of what is invalid": [sets, named(set, "x", { spec: { serviceName: "x", foo: 1 } })],
};

const creates: Case[] = Object.entries(wrong).flatMap(([what, [path, body]]) =>
  ["", "Strict", "Warn", "Ignore"].map((mode) => ({
    name: `create with ${what}${mode && `, ${mode}`}`,
    method: "POST",
    path: `${path}?dryRun=All${mode && `&fieldValidation=${mode}`}`,
    body,
  })),
);

const yaml = (what: string, body: string): Case[] =>
  ["Strict", "Warn", "Ignore"].map((mode) => ({
    name: `create of YAML with ${what}, ${mode}`,
    method: "POST",
    path: `${maps}?dryRun=All&fieldValidation=${mode}`,
    type: "application/yaml",
    body,
  }));

const inYaml: Case[] = [
  ...yaml("an unknown field", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  nme: z\n"),
  ...yaml("a duplicate field", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  name: z\n"),
  ...yaml(
    "both",
    "apiVersion: v1\nkind: ConfigMap\nfoo: 1\nmetadata:\n  name: x\n  name: z\n  nme: z\ndata:\n  a: b\n  a: c\n",
  ),
];

const updates: Case[] = ["Strict", "Warn", "Ignore"].flatMap((mode) => [
  {
    name: `update with unknown fields, ${mode}`,
    method: "PUT",
    path: `${maps}/settings?dryRun=All&fieldValidation=${mode}`,
    body: { ...map, foo: 1, metadata: { name: "settings", bar: 2 } },
  },
  {
    name: `update of status with an unknown field, ${mode}`,
    method: "PUT",
    path: `${services}/web/status?dryRun=All&fieldValidation=${mode}`,
    body: { ...service, status: { foo: 1 } },
  },
  {
    name: `update of scale with an unknown field, ${mode}`,
    method: "PUT",
    path: `${sets}/web/scale?dryRun=All&fieldValidation=${mode}`,
    body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replica: 1 } },
  },
]);

const patchBodies: [what: string, path: string, body: object | string, types?: (keyof typeof patches)[]][] = [
  ["an unknown field", `${maps}/settings`, { foo: 1 }],
  ["unknown fields", `${maps}/settings`, { foo: 1, metadata: { zoo: 1, bar: 2 }, aaa: 3 }],
  ["an unknown field that is null", `${maps}/settings`, { foo: null }],
  ["a duplicate field", `${maps}/settings`, '{"data":{"a":"1"},"data":{"b":"2"}}'],
  ["duplicate and unknown fields", `${maps}/settings`, '{"data":{"a":"1","a":"2"},"foo":{"b":"2","b":1}}'],
  ["a wrong type", `${services}/web`, { spec: { ports: "none" } }],
  ["a wrong type and unknown fields", `${services}/web`, { foo: 1, spec: { sessionAffinity: 1 } }],
  ["an unknown field in a list", `${services}/web`, { spec: { ports: [{ port: 80, prt: 1 }] } }],
  ["an unknown subfield of scale", `${sets}/web/scale`, { spec: { replica: 1 } }, ["merge", "json"]],
];

const jsonPatches: Record<string, string | object> = {
  "an unknown field": [{ op: "add", path: "/foo", value: 1 }],
  "an unknown field of an operation": [{ op: "add", path: "/data/b", value: "1", foo: 1 }],
  both: [{ op: "add", path: "/foo", value: 1, from: "", what: 2 }],
  "a duplicate field": '[{"op":"add","op":"add","path":"/data/b","value":"1"}]',
  "a wrong type": [{ op: "add", path: "/data", value: "x" }],
  "no list": { op: "add" },
  "an unknown operation": [{ op: "plus", path: "/data", value: "x" }],
  "a test that fails": [{ op: "test", path: "/data/a", value: "2" }],
  "a path that is not there": [{ op: "remove", path: "/data/zzz" }],
};

const patchCases: Case[] = ["", "Strict", "Warn", "Ignore"].flatMap((mode) => {
  const query = `dryRun=All${mode && `&fieldValidation=${mode}`}`;
  return [
    ...patchBodies.flatMap(([what, path, body, types = ["merge", "strategic"]]) =>
      types
        .filter((type) => type !== "json")
        .map((type) => ({
          name: `${type} patch with ${what}${mode && `, ${mode}`}`,
          method: "PATCH",
          path: `${path}?${query}`,
          type: patches[type],
          body,
        })),
    ),
    ...Object.entries(jsonPatches).map(([what, body]) => ({
      name: `JSON patch with ${what}${mode && `, ${mode}`}`,
      method: "PATCH",
      path: `${maps}/settings?${query}`,
      type: patches.json,
      body,
    })),
  ];
});

const applies: Case[] = [
  ["an unknown field", text({ ...map, foo: 1 })],
  [
    "a duplicate field",
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","name":"settings"}}',
  ],
  [
    "a duplicate field in YAML",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  name: settings\n",
  ],
  ["a wrong type", text({ ...map, data: "x" })],
  ["a number for text", text({ ...map, data: { a: 1 } })],
  ["no kind", text({ apiVersion: "v1", metadata: { name: "settings" } })],
  ["a list for an object", "[]"],
  ["another name", text(named(map, "other"))],
  ["managedFields", text({ ...map, metadata: { name: "settings", managedFields: [] } })],
  ["managedFields that are some", text({ ...map, metadata: { name: "settings", managedFields: [{}] } })],
  ["another namespace", text({ ...map, metadata: { name: "settings", namespace: "other" } })],
].flatMap(([what, body]) =>
  ["", "Strict", "Ignore"].map((mode) => ({
    name: `apply with ${what}${mode && `, ${mode}`}`,
    method: "PATCH",
    path: `${maps}/settings?dryRun=All&fieldManager=me${mode && `&fieldValidation=${mode}`}`,
    type: patches.apply,
    body: body ?? "",
  })),
);

const applyLists: Case[] = [
  ["a list's element without its key", { spec: { ports: [{ name: "x" }] } }],
  ["a list's element twice", { spec: { ports: [{ port: 1 }, { port: 1 }] } }],
  ["an unknown field in a list", { spec: { ports: [{ port: 80, prt: 1 }] } }],
  ["a wrong type in a list", { spec: { ports: [{ port: "eighty" }] } }],
  ["no list", { spec: { ports: {} } }],
  ["finalizers twice", { metadata: { name: "web", finalizers: ["a.b/c", "a.b/c"] } }],
].map(([what, more]) => ({
  name: `apply of ${String(what)}`,
  method: "PATCH",
  path: `${services}/web?dryRun=All&fieldManager=me`,
  type: patches.apply,
  body: text({ apiVersion: "v1", kind: "Service", metadata: { name: "web" }, ...(more as object) }),
}));

const options: Case[] = [
  { name: "an unknown mode", path: `${maps}?fieldValidation=Never` },
  { name: "a mode in small letters", path: `${maps}?fieldValidation=strict` },
  { name: "an unknown dry run", path: `${maps}?dryRun=Some` },
  { name: "a manager with a long name", path: `${maps}?fieldManager=${"x".repeat(129)}` },
  { name: "a manager that cannot be printed", path: `${maps}?fieldManager=%01` },
].map((one) => ({ ...one, method: "POST", body: map }));

const applyOptions: Case[] = [
  { name: "apply without a manager", path: `${maps}/settings`, type: patches.apply },
  { name: "force without apply", path: `${maps}/settings?force=true`, type: patches.merge },
  {
    name: "apply by a manager with a long name",
    path: `${maps}/settings?fieldManager=${"x".repeat(129)}`,
    type: patches.apply,
  },
].map((one) => ({ ...one, method: "PATCH", body: text(map) }));

/** Requests whose fields are wrong in every way that a client may think of. */
export const cases: readonly Case[] = [
  ...creates,
  ...inYaml,
  ...updates,
  ...patchCases,
  ...applies,
  ...applyLists,
  ...options,
  ...applyOptions,
];
