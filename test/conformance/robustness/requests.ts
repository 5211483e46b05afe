import type { Side } from "../support/side.js";

type Request = Parameters<Side["request"]>[0];

const json = { "Content-Type": "application/json" };

/** With a third entry, which says why, only a refusal is asked of the sandbox. */
type Row = [title: string, request: Request, differs?: string];

const yaml = "YAML is read by another parser, with words of its own";
const protobuf = "protobuf that is none is refused as an unknown format";

/** Requests that no client should send, by what is wrong with them. All are answered at once, and change nothing. */
export function requests(namespace: string): Row[] {
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const map = (data: string) =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${data}}`;
  const create = (body: string, type?: string): Request => ({
    method: "POST",
    path: `${maps}?dryRun=All`,
    body,
    headers: type === undefined ? json : { "Content-Type": type },
  });
  const get = (path: string, headers: Record<string, string> = {}): Request => ({ path, headers });
  return [
    ...bodies(create, map),
    ...paths(get, maps),
    ...parameters(get, maps, namespace),
    ...people(get, maps),
    ...["OPTIONS", "TRACE", "HEAD", "PROPFIND", "LOCK", "LINK"].flatMap((method): [string, Request][] => [
      [`${method} of a collection`, { method, path: maps }],
      [`${method} of an object`, { method, path: `${maps}/a` }],
      [`${method} of the version`, { method, path: "/version" }],
    ]),
    ["POST of an object", { method: "POST", path: `${maps}/a`, body: {} }],
    ["PUT of a collection", { method: "PUT", path: maps, body: {} }],
    ["PATCH of a collection", { method: "PATCH", path: maps, body: {} }],
    ["POST of the version", { method: "POST", path: "/version", body: {} }],
    ["POST of what has no namespace", { method: "POST", path: "/api/v1/configmaps", body: {} }],
    ["DELETE of everything everywhere", { method: "DELETE", path: "/api/v1/configmaps" }],
    ["PATCH of a log", { method: "PATCH", path: `/api/v1/namespaces/${namespace}/pods/a/log`, body: {} }],
  ];
}

function bodies(create: (body: string, type?: string) => Request, map: (data: string) => string): Row[] {
  const deep = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);
  return [
    ["an empty body", create("")],
    ["a body of spaces", create("   ")],
    ["a body that is null", create("null")],
    ["a body that is a number", create("5")],
    ["a body that is a list", create("[]")],
    ["a body that is text", create('"a"')],
    ["a body that is true", create("true")],
    ["json that is cut off", create('{"apiVersion":"v1","kind":"ConfigMap"')],
    ["json that is cut off in a string", create('{"apiVersion":"v1","ki')],
    ["json with something behind it", create(`${map("{}")} x`)],
    ["json with a comma too many", create('{"apiVersion":"v1",}')],
    ["json in single quotes", create("{'apiVersion':'v1'}")],
    ["json without quotes", create("{apiVersion:v1}")],
    ["json with a control character", create(map('{"a":"\u0001"}'))],
    ["json with a bad escape", create(map('{"a":"\\x"}'))],
    ["json with half a surrogate", create(map('{"a":"\\ud800"}'))],
    ["json with a byte order mark", create(`\ufeff${map("{}")}`)],
    ["a number beyond all", create(map('{"a":1e999}'))],
    ["a number of a thousand digits", create(map(`{"a":${"9".repeat(1000)}}`))],
    ["lists in lists, 20,000 deep", create(map(deep("[", "]", 20_000)))],
    ["lists in lists, 100,000 deep", create(map(deep("[", "]", 100_000)))],
    ["objects in objects, 100,000 deep", create(map(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`))],
    ["lists that never end, 100,000 deep", create(map("[".repeat(100_000)))],
    ["one key twice", create(map('{"a":"1","a":"2"}'))],
    ["a key of a prototype", create(map('{"__proto__":"x","constructor":"y"}'))],
    [
      "a prototype at the top",
      create('{"__proto__":{"kind":"Pod"},"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}'),
    ],
    ["no kind", create('{"metadata":{"name":"a"}}')],
    ["a form", create("a=b", "application/x-www-form-urlencoded")],
    ["xml", create("<a/>", "text/xml")],
    ["an unknown type", create("{}", "a/b")],
    ["a type that is none", create("{}", "json")],
    ["a type of nothing", create("{}", ";")],
    ["json as yaml", create(map("{}"), "application/yaml")],
    ["bad yaml", create("a: [", "application/yaml"), yaml],
    ["yaml with tabs", create("a:\n\t- b", "application/yaml"), yaml],
    ["yaml that is text", create("hello", "application/yaml")],
    ["no protobuf", create("hello", "application/vnd.kubernetes.protobuf"), protobuf],
    ["empty protobuf", create("", "application/vnd.kubernetes.protobuf"), protobuf],
    ["protobuf of nothing", create("k8s\u0000", "application/vnd.kubernetes.protobuf"), protobuf],
    [
      "protobuf that is cut off",
      create("k8s\u0000\n\u0010", "application/vnd.kubernetes.protobuf"),
      protobuf,
    ],
    ["no cbor", create("hello", "application/cbor")],
    ["json with a charset", create(map("{}"), "application/json; charset=utf-8")],
    ["a body of 4 MB", create(map(`{"a":"${"x".repeat(4 * 1024 * 1024)}"}`))],
  ];
}

function paths(get: (path: string) => Request, maps: string): [string, Request][] {
  return [
    "/",
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/api/v2",
    "/apis",
    "/apis/",
    "/apis/nothing",
    "/apis/nothing/v1",
    "/apis/apps",
    "/apis/apps/v2",
    "/apis/apps/v1/nothing",
    "/api/v1/nothing",
    "/api/v1/namespaces/x/nothing",
    "/nothing",
    "/nothing/more",
    "/metrics/x",
    "//",
    "//api/v1",
    "/api//v1",
    "/api/v1//namespaces",
    `${maps}/`,
    `${maps}//a`,
    `/${maps}`,
    `${maps}/a/b`,
    `${maps}/a/status`,
    `${maps}/a/b/c/d`,
    `${maps}/%2e%2e`,
    `${maps}/a%2Fb`,
    `${maps}/%zz`,
    `${maps}/..`,
    `${maps}/../pods/x`,
    "/api/v1/namespaces/%20/configmaps",
    "/api/v1/namespaces/a/b/c/d/e",
    "/apis/apps/v1/namespaces/x/statefulsets/y/scale/z",
    "/apis/apps/v1/namespaces/x/statefulsets/y/log",
    "/openapi",
    "/openapi/v4",
    "/healthz/x",
    "/livez",
    "/readyz",
    `${maps}/${"a".repeat(300)}`,
    `${maps}/A_b`,
  ].map((path) => [`GET ${path.length > 100 ? `${path.slice(0, 60)}…` : path}`, get(path)]);
}

function parameters(get: (path: string) => Request, maps: string, namespace: string): Row[] {
  const list = [
    "unknown=1",
    "limit=x",
    "limit=-1",
    "limit=99999999999999999999",
    "limit=",
    "limit=1.5",
    "resourceVersion=x",
    "resourceVersion=-1",
    "resourceVersion=99999999",
    "resourceVersion=0",
    "resourceVersionMatch=Exact",
    "resourceVersionMatch=Sometimes",
    "resourceVersion=1&resourceVersionMatch=Sometimes",
    "resourceVersion=0&resourceVersionMatch=Exact",
    "timeoutSeconds=x",
    "timeoutSeconds=-1",
    "labelSelector=a%20b",
    "labelSelector=a%20in",
    "labelSelector=!",
    "labelSelector=a=b=c",
    "labelSelector=,",
    "labelSelector=a==,b",
    "labelSelector=a%3E1",
    "labelSelector=a%3Ex",
    "labelSelector=A_/b",
    `labelSelector=${"a".repeat(64)}`,
    `labelSelector=a%3D${"b".repeat(64)}`,
    "fieldSelector=spec.x=1",
    "fieldSelector=a",
    "fieldSelector=metadata.name",
    "fieldSelector=metadata.name%3Da,,",
    "fieldSelector=metadata.name!%3Da",
    "watch=maybe",
    "pretty=maybe",
    "allowWatchBookmarks=maybe",
    "sendInitialEvents=true",
    "sendInitialEvents=maybe",
    "%zz",
    "=",
    "&&",
    "limit=1&limit=2",
  ];
  const watch = [
    "watch=1&resourceVersion=x",
    "watch=1&timeoutSeconds=x",
    "watch=1&labelSelector=a%20b",
    "watch=1&fieldSelector=spec.x=1",
    "watch=1&sendInitialEvents=true",
    "watch=1&sendInitialEvents=false",
    "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact",
    "watch=1&resourceVersionMatch=NotOlderThan",
    "watch=1&limit=x",
    "watch=1&resourceVersion=-1",
    "watch=1&fieldSelector=a",
  ];
  return [
    ...[...list, ...watch].map((query): [string, Request] => [
      `?${query.slice(0, 60)}`,
      get(`${maps}?${query}`),
    ]),
    ["a watch of what is not there", get(`${maps}/nothing?watch=1&timeoutSeconds=1`)],
    ["a log of no pod", get(`/api/v1/namespaces/${namespace}/pods/nothing/log`)],
    ["an unknown dry run", { method: "POST", path: `${maps}?dryRun=Some`, body: {} }],
    [
      "an unknown field validation",
      { method: "POST", path: `${maps}?fieldValidation=Some&dryRun=All`, body: {} },
    ],
    [
      "a manager of control characters",
      { method: "POST", path: `${maps}?fieldManager=%01&dryRun=All`, body: { metadata: { name: "a" } } },
    ],
    [
      "a manager that is too long",
      {
        method: "POST",
        path: `${maps}?fieldManager=${"a".repeat(129)}&dryRun=All`,
        body: { metadata: { name: "a" } },
      },
    ],
  ];
}

function people(
  get: (path: string, headers: Record<string, string>) => Request,
  maps: string,
): [string, Request][] {
  const ask = (title: string, headers: Record<string, string>, path = maps): [string, Request] => [
    title,
    get(path, headers),
  ];
  return [
    ask("a bad token", { Authorization: "Bearer nothing" }),
    ask("no token", { Authorization: "" }),
    ask("no token, for the version", { Authorization: "" }, "/version"),
    ask("no token, for nothing", { Authorization: "" }, "/nothing"),
    ask("an empty token", { Authorization: "Bearer " }),
    ask("a token in three parts", { Authorization: "Bearer a b" }),
    ask("basic authentication", { Authorization: "Basic YTpi" }),
    ask("an unknown scheme", { Authorization: "Digest x" }),
    ask("somebody else", { "Impersonate-User": "jane" }),
    ask("a group without a user", { "Impersonate-Group": "dogs" }),
    ask("an extra without a user", { "Impersonate-Extra-a": "b" }),
    ask("a uid without a user", { "Impersonate-Uid": "b" }),
    ask("nobody", { "Impersonate-User": "" }),
    ask("the anonymous", { "Impersonate-User": "system:anonymous" }),
    ask("a service account", { "Impersonate-User": "system:serviceaccount:x:y" }),
    ask("an account of a group of its own", {
      "Impersonate-User": "system:serviceaccount:x:y",
      "Impersonate-Group": "a",
    }),
    ask("xml wanted", { Accept: "text/xml" }),
    ask("nothing wanted", { Accept: "" }),
    ask("a type wanted that is none", { Accept: "json" }),
    ask("a table of another version", { Accept: "application/json;as=Table;v=v9;g=meta.k8s.io" }),
    ask("anything wanted", { Accept: "*/*" }),
  ];
}
