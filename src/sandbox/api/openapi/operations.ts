import type { BodyKind } from "../subresources.js";
import { reference, type Schema } from "./schemas.js";

/** An operation of a path as it is asked for: what is done to what, and the schemas that go in and come back. */
export interface Operation {
  action: "get" | "list" | "post" | "put" | "patch" | "delete" | "deletecollection";
  id: string;
  tag: string;
  kind: BodyKind;
  /** Names of schemas; text where there is none. */
  answer: string | undefined;
}

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

const writing = ["dryRun", "fieldManager", "fieldValidation"];
const listing = [
  "allowWatchBookmarks",
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "watch",
];
const deleting = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];

const queries: Readonly<Record<Operation["action"], readonly string[]>> = {
  get: [],
  list: listing,
  post: writing,
  put: writing,
  patch: [...writing, "force"],
  delete: deleting,
  deletecollection: [
    ...deleting,
    ...listing.filter((name) => !["allowWatchBookmarks", "watch"].includes(name)),
  ].sort(),
};

const kinds: Readonly<Record<string, string>> = {
  allowWatchBookmarks: "boolean",
  force: "boolean",
  gracePeriodSeconds: "integer",
  limit: "integer",
  orphanDependents: "boolean",
  sendInitialEvents: "boolean",
  timeoutSeconds: "integer",
  watch: "boolean",
};

const codes: Readonly<Record<string, readonly string[]>> = {
  post: ["200", "201", "202"],
  put: ["200", "201"],
  patch: ["200", "201"],
  delete: ["200", "202"],
};

const patchTypes = ["apply-patch+yaml", "json-patch+json", "merge-patch+json", "strategic-merge-patch+json"];
const text = { type: "string" };
const served = ["application/json"];
const listed = [...served, "application/json;stream=watch"];

export function queryParameter(name: string): Schema {
  return { name, in: "query", schema: { type: kinds[name] ?? "string", uniqueItems: true } };
}

export function pathParameter(name: string): Schema {
  return { name, in: "path", required: true, schema: { type: "string", uniqueItems: true } };
}

function content(types: readonly string[], name: string): Schema {
  return Object.fromEntries(types.map((type) => [type, { schema: reference(name) }]));
}

/** How an operation is written down. */
export function operation({ action, id, tag, kind, answer }: Operation): Schema {
  const { group, version, kind: name } = kind;
  const found = answer
    ? { description: "OK", content: content(action === "list" ? listed : served, answer) }
    : {
        description: "OK",
        content: Object.fromEntries([...served, "text/plain"].map((type) => [type, { schema: text }])),
      };
  const responses = (codes[action] ?? ["200"]).map((code) => [code, found]);
  return {
    tags: [tag],
    operationId: id,
    ...(queries[action].length > 0 && { parameters: queries[action].map(queryParameter) }),
    ...body(action, answer),
    responses: Object.fromEntries([...responses, ["401", { description: "Unauthorized" }]]),
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind: name },
  };
}

function body(action: Operation["action"], answer: string | undefined): Schema {
  switch (action) {
    case "post":
    case "put":
      return { requestBody: { content: content(["*/*"], answer ?? ""), required: true } };
    case "patch": {
      const types = patchTypes.map((type) => `application/${type}`);
      return { requestBody: { content: content(types, `${meta}.Patch`), required: true } };
    }
    case "delete":
    case "deletecollection":
      return { requestBody: { content: content(["*/*"], `${meta}.DeleteOptions`) } };
    default:
      return {};
  }
}
