import type { Request, Row } from "./row.js";

/** What comes after the question mark. */
export function parameters(maps: string, namespace: string): Row[] {
  const get = (path: string): Request => ({ path });
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
    "watch=maybe&timeoutSeconds=1",
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
