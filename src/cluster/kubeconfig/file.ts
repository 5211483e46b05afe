import { parseDocument } from "yaml";
import { KubeconfigError } from "../errors.js";
import { type Shape, type Shaped, read } from "./shape.js";

const clusterShape = {
  server: "string",
  "tls-server-name": "string",
  "insecure-skip-tls-verify": "boolean",
  "certificate-authority": "string",
  "certificate-authority-data": "base64",
  "proxy-url": "string",
  "disable-compression": "boolean",
  extensions: "anything",
} as const satisfies Shape;

const userShape = {
  "client-certificate": "string",
  "client-certificate-data": "base64",
  "client-key": "string",
  "client-key-data": "base64",
  token: "string",
  tokenFile: "string",
  as: "string",
  "as-uid": "string",
  "as-groups": "strings",
  "as-user-extra": "anything",
  username: "string",
  password: "string",
  "auth-provider": { name: "string", config: "map" },
  exec: {
    apiVersion: "string",
    command: "string",
    args: "strings",
    env: "anything",
    installHint: "string",
    provideClusterInfo: "boolean",
    interactiveMode: "string",
  },
} as const satisfies Shape;

const contextShape = { cluster: "string", user: "string", namespace: "string" } as const satisfies Shape;

/** One entry of a kubeconfig, and the file it stands in: relative paths are relative to that file. */
type Entry<S extends Shape> = Shaped<S> & { origin?: string };
export type ClusterEntry = Entry<typeof clusterShape>;
export type UserEntry = Entry<typeof userShape>;
export type ContextEntry = Entry<typeof contextShape>;

export interface Kubeconfig {
  clusters: Map<string, ClusterEntry>;
  users: Map<string, UserEntry>;
  contexts: Map<string, ContextEntry>;
  currentContext: string;
}

/** Parses one kubeconfig (YAML or JSON). Throws a `KubeconfigError` that names the file and the place in it. */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const fail = (problem: string): never => {
    throw new KubeconfigError(`error: error loading config file "${file}": ${problem}`);
  };
  const top = read(
    { apiVersion: "string", kind: "string", "current-context": "string" },
    parse(text, fail),
    "",
    fail,
  );
  if ((top.kind ?? "Config") !== "Config" || (top.apiVersion ?? "v1") !== "v1") {
    fail(`no kind "${top.kind ?? "Config"}" is registered for version "${top.apiVersion ?? "v1"}"`);
  }
  const entries = <S extends Shape>(list: string, field: string, shape: S): Map<string, Entry<S>> => {
    const found = new Map<string, Entry<S>>();
    for (const [index, item] of items(top.all[list], list, fail).entries()) {
      const place = `${list}[${index}]`;
      const named = read({ name: "string" }, item, place, fail);
      const name = named.name ?? "";
      if (found.has(name)) fail(`${place}: duplicate name "${name}" in list`);
      found.set(name, { ...read(shape, named.all[field] ?? {}, `${place}.${field}`, fail), origin: file });
    }
    return found;
  };
  return {
    clusters: entries("clusters", "cluster", clusterShape),
    users: entries("users", "user", userShape),
    contexts: entries("contexts", "context", contextShape),
    currentContext: top["current-context"] ?? "",
  };
}

function parse(text: string, fail: (problem: string) => never): unknown {
  // A key that stands twice is no error for kubectl: the last one counts, and so does the first of several documents.
  const document = parseDocument(text, { uniqueKeys: false, logLevel: "silent" });
  const error = document.errors.find(({ code }) => code !== "MULTIPLE_DOCS");
  if (error) fail(error.message.split("\n", 1)[0]?.replace(/:$/, "") ?? "not YAML");
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function items(value: unknown, list: string, fail: (problem: string) => never): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : fail(`${list}: expected a list`);
}
