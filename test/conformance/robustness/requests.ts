import { bodies } from "./bodies.js";
import { parameters } from "./parameters.js";
import { people } from "./people.js";
import type { Row } from "./row.js";

/** Requests that no client should send, by what is wrong with them. All are answered at once, and change nothing. */
export function requests(namespace: string): Row[] {
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  return [
    ...bodies(maps),
    ...paths(maps),
    ...parameters(maps, namespace),
    ...people(maps),
    ...methods(maps),
    ["POST of an object", { method: "POST", path: `${maps}/a`, body: {} }],
    ["PUT of a collection", { method: "PUT", path: maps, body: {} }],
    ["PATCH of a collection", { method: "PATCH", path: maps, body: {} }],
    ["POST of what has no namespace", { method: "POST", path: "/api/v1/configmaps", body: {} }],
    ["DELETE of everything everywhere", { method: "DELETE", path: "/api/v1/configmaps" }],
    ["PATCH of a log", { method: "PATCH", path: `/api/v1/namespaces/${namespace}/pods/a/log`, body: {} }],
  ];
}

function methods(maps: string): Row[] {
  const unusual = ["OPTIONS", "TRACE", "HEAD", "PROPFIND", "LOCK", "LINK"];
  const documents = ["/version", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1"];
  const others = [
    "/healthz",
    "/livez",
    "/readyz",
    "/openapi/v2",
    "/openapi/v3",
    "/",
    "/nothing",
    "/apis/apps/v9",
    "/apis/nothing",
    "/api/v2",
  ];
  return [
    ...unusual.flatMap((method): Row[] => [
      [`${method} of a collection`, { method, path: maps }],
      [`${method} of an object`, { method, path: `${maps}/a` }],
    ]),
    ...[...unusual, "POST", "PUT", "PATCH", "DELETE"].flatMap((method) =>
      [...documents, ...others].map((path): Row => [`${method} of ${path}`, { method, path }]),
    ),
  ];
}

function paths(maps: string): Row[] {
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
  ].map((path) => [`GET ${path.length > 100 ? `${path.slice(0, 60)}…` : path}`, { path }]);
}
