import type { IncomingHttpHeaders } from "node:http";
import { badRequest } from "../store/status.js";

/** Who asks. */
export interface User {
  name: string;
  groups: string[];
}

/** What a path of the API is about: apiserver's RequestInfo. */
export interface RequestInfo {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for other paths the method. */
  verb: string;
  path: string;
  /** Set for paths of objects. */
  resource?: ResourcePath;
}

export interface ResourcePath {
  group: string;
  version: string;
  resource: string;
  namespace: string;
  name: string;
  subresource: string;
  /** More follows than the API knows. */
  deeper: boolean;
}

/** One request on its way through the API server. */
export interface ApiRequest extends RequestInfo {
  method: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  user: User;
  body: string;
  /** Given back as `Warning` headers. */
  warnings: string[];
}

const verbs: Readonly<Record<string, [one: string, many: string]>> = {
  GET: ["get", "list"],
  HEAD: ["get", "list"],
  POST: ["create", "create"],
  PUT: ["update", "update"],
  PATCH: ["patch", "patch"],
  DELETE: ["delete", "deletecollection"],
};

/** Reads what a method and a path ask for. Never fails: what is no path of objects has no `resource`. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const resource = resourcePath(path);
  if (!resource) return { verb: method.toLowerCase(), path };
  const [one, many] = verbs[method] ?? ["", ""];
  const plain = resource.name ? one : many;
  return { verb: plain === "list" && isTrue(query.get("watch")) ? "watch" : plain, path, resource };
}

function resourcePath(path: string): ResourcePath | undefined {
  const [, prefix, ...parts] = path.replace(/\/$/, "").split("/").map(decode);
  if (["api", "apis"].includes(prefix ?? "") && parts.some((part) => part === "" || part.includes("/")))
    return nowhere;
  const group = prefix === "api" ? "" : parts.shift();
  const version = parts.shift();
  if (!["api", "apis"].includes(prefix ?? "") || group === undefined || version === undefined)
    return undefined;
  if (parts.length === 0) return undefined;
  const [first, second, third] = parts;
  // /namespaces/x is the namespace itself, /namespaces/x/pods is in it.
  const within = first === "namespaces" && third !== undefined && !["status", "finalize"].includes(third);
  const [resource = "", name = "", subresource = "", ...rest] = within ? parts.slice(2) : parts;
  const namespace = first === "namespaces" ? (second ?? "") : "";
  return { group, version, resource, namespace, name, subresource, deeper: rest.length > 0 };
}

/** What has an empty part, or a slash in one, is a path of objects, and of none. */
const nowhere: ResourcePath = {
  ...{ group: "", version: "v1", resource: "", namespace: "", name: "", subresource: "" },
  deeper: true,
};

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Go's reading of a boolean parameter of the API: present and not `false` or `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && !["false", "0"].includes(value.toLowerCase());
}

/** A whole number from the query; undefined when it is not given. Throws Go's 400 for anything else. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^[-+]?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
