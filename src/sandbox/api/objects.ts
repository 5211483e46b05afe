import type { SandboxKind } from "../kinds/kind.js";
import { warningsOf } from "../kinds/warnings/index.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { noSuchResource } from "../store/status.js";
import { negotiate } from "./accept.js";
import type { Answer } from "./answer.js";
import { readObject } from "./body.js";
import { deleteAnswer, deleteCollection } from "./deletes.js";
import { checkListOptions } from "./list-options.js";
import { listAnswer } from "./lists.js";
import { patchObject } from "./patches.js";
import { checkOptions } from "./options.js";
import { integer, type ApiRequest, type ResourcePath } from "./request.js";
import { bodyKind, notAllowed, postTo, readAt, replaceAt, subresourceVerbs } from "./subresources.js";
import { Transformer } from "./transformation.js";
import { watchAnswer, type Watches } from "./watches.js";

interface LogRequest {
  container?: string;
  previous?: boolean;
}

/** Where the lines of `pods/NAME/log` come from. Throws an error with a `status` for what has none. */
export type LogSource = (namespace: string, pod: string, request: LogRequest) => string;

/** What the handlers of objects work with. */
export interface Serving {
  resources: Resources;
  watches: Watches;
  logs: LogSource;
}

/** What is said to everybody who asks for a kind. */
const deprecations: Readonly<Record<string, string>> = {
  Endpoints: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
};

/** Answers a request for objects of one of the kinds that are served. */
export async function objectAnswer(
  serving: Serving,
  request: ApiRequest,
  path: ResourcePath,
): Promise<Answer> {
  const { resources } = serving;
  const kind = resources.kinds.find(
    ({ group, version, resource }) =>
      group === path.group && version === path.version && resource === path.resource,
  );
  if (!kind || path.deeper) throw noSuchResource();
  if (path.subresource !== "" && !kind.subresources.includes(path.subresource)) throw noSuchResource();
  if (request.method === "HEAD") throw notAllowed();
  // Before anything is read of what is sent, as the API's router sees it.
  if (path.subresource !== "" && !subresourceVerbs(path.subresource).includes(request.verb))
    throw notAllowed();
  const deprecated = deprecations[kind.kind];
  if (deprecated) request.warnings.push(deprecated);
  const transformer = transformerOf(serving, request, path);
  if (path.name !== "") return transformed(await single(serving, request, kind, path), transformer);
  return transformed(await collection(serving, request, kind, path, transformer), transformer);
}

/** What the answer is to be put through; undefined when objects are wanted as they are. Throws the API's 406. */
function transformerOf(
  { resources }: Serving,
  { headers, query, verb }: ApiRequest,
  { name, subresource }: ResourcePath,
): Transformer | undefined {
  const { accept = "" } = headers;
  // A log is text, whatever is wanted.
  if (subresource === "log") return undefined;
  const offer = { streams: name === "", watch: verb === "watch" && name === "" };
  const { transformation } = negotiate(accept, offer);
  return transformation && new Transformer(transformation, query, resources.env);
}

function transformed(answer: Answer, transformer: Transformer | undefined): Answer {
  if (!transformer || "stream" in answer || typeof answer.body === "string") return answer;
  return { ...answer, body: transformer.answer(answer.body) };
}

async function collection(
  { resources, watches }: Serving,
  request: ApiRequest,
  kind: SandboxKind,
  { namespace }: ResourcePath,
  transformer: Transformer | undefined,
): Promise<Answer> {
  // What has a namespace is created in one.
  const everywhere = kind.namespaced && namespace === "";
  if (request.verb === "list" || request.verb === "watch")
    checkListOptions(request.query, request.verb === "watch");
  switch (request.verb) {
    case "list":
      return listAnswer(resources, kind, namespace, request.query);
    case "watch":
      return watchAnswer(resources, watches, { kind, namespace, query: request.query, transformer });
    case "create": {
      if (everywhere) throw notAllowed();
      checkOptions(request, "CreateOptions");
      const object = await readObject(request, kind);
      return { code: 201, body: resources.create(kind, namespace, object, writeOptions(request, "")) };
    }
    case "deletecollection":
      if (everywhere || kind.kind === "Namespace") throw notAllowed();
      return deleteCollection(resources, request, kind, namespace);
    default:
      throw notAllowed();
  }
}

async function single(
  serving: Serving,
  request: ApiRequest,
  kind: SandboxKind,
  path: ResourcePath,
): Promise<Answer> {
  const { resources, logs } = serving;
  const { name, subresource } = path;
  const target = { name, ...(kind.namespaced && { namespace: path.namespace }) };
  const options = writeOptions(request, subresource);
  switch (request.verb) {
    case "get":
    case "watch":
      if (subresource === "log" && resources.get(kind, target)) return logAnswer(logs, path, request.query);
      return { code: 200, body: readAt(resources, kind, target, subresource) };
    case "update": {
      checkOptions(request, "UpdateOptions");
      const object = await readObject(request, bodyKind(kind, subresource));
      return { code: 200, body: replaceAt(resources, kind, target, object, options) };
    }
    case "patch": {
      const { object, created } = await patchObject(resources, request, kind, target, options);
      return { code: created ? 201 : 200, body: object };
    }
    case "delete":
      if (subresource !== "") throw notAllowed();
      return deleteAnswer(resources, request, kind, target);
    case "create": {
      if (subresource === "") throw notAllowed();
      const object = await readObject(request, bodyKind(kind, subresource));
      postTo(resources, kind, target, object, options);
      const done = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
      return { code: 201, body: done };
    }
    default:
      throw notAllowed();
  }
}

function writeOptions({ query, headers, warnings }: ApiRequest, subresource: string): WriteOptions {
  // apiserver: without a fieldManager, what comes before the first slash of the User-Agent.
  const agent = (headers["user-agent"] ?? "").split("/", 1)[0]?.slice(0, 128);
  return {
    dryRun: query.has("dryRun"),
    manager: query.get("fieldManager") || agent || "unknown",
    subresource,
    onValid(object, old) {
      for (const text of warningsOf(object.kind, object, old))
        if (!warnings.includes(text)) warnings.push(text);
    },
  };
}

function logAnswer(logs: LogSource, { namespace, name }: ResourcePath, query: URLSearchParams): Answer {
  const container = query.get("container");
  const previous = query.get("previous") === "true";
  const text = logs(namespace, name, { ...(container && { container }), previous });
  const tail = integer(query, "tailLines");
  const lines = text.split("\n").slice(0, -1);
  const kept = tail === undefined ? lines : lines.slice(Math.max(lines.length - tail, 0));
  return { code: 200, body: kept.map((line) => `${line}\n`).join("") };
}
