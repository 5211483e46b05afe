import type { IncomingMessage } from "node:http";
import { decodeFindings } from "../kinds/decode.js";
import { sandboxKinds } from "../kinds/registry.js";
import type { AnyObject } from "../port.js";
import { badRequest, StatusError } from "../store/status.js";
import { scanJson } from "../kinds/json-scanner.js";
import type { ApiRequest } from "./request.js";
import { reportFields, strictErrors, validationMode } from "./strict.js";
import { bodyKind, type BodyKind } from "./subresources.js";

// apiserver's DefaultMaxRequestBodyBytes.
const limit = 3 * 1024 * 1024;

/** Reads a request's body to its end. Throws the API's 413 as soon as it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open when it is too large: the answer goes out over the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): StatusError {
  return new StatusError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${limit}`);
}

/** `application/json` of `application/json; charset=utf-8`. */
export function mediaType(request: Pick<ApiRequest, "headers">): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** A document of the request: JSON, or YAML where `yaml` says so. `fail` makes the error of Go's text. */
export async function parseDocument(
  text: string,
  yaml: boolean,
  fail: (why: string) => Error,
): Promise<unknown> {
  const { error: flaw } = scanJson(text);
  if (flaw === undefined) return JSON.parse(text);
  if (!yaml) throw fail(`json parse error: ${flaw}`);
  // Loaded only here: whoever sends JSON need not wait for it.
  const { parse } = await import("./yaml.js");
  try {
    return parse(text);
  } catch (error) {
    throw fail(`yaml: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`);
  }
}

/** All that is wrong with a document in YAML, as the API's library says it at once. */
export function yamlError(lines: readonly string[]): string {
  return ["yaml: unmarshal errors:", ...lines].join("\n  ");
}

/** Go's words for the keys that a document in YAML has twice; none for JSON, where `strictErrors` finds them. */
export async function yamlDuplicates(text: string, type: string): Promise<string[]> {
  if (!type.endsWith("yaml") || (type === "application/yaml" && scanJson(text).error === undefined))
    return [];
  const { duplicateKeys } = await import("./yaml.js");
  return duplicateKeys(text);
}

// What is protobuf has been made JSON of by now (protobuf.ts).
const acceptedTypes = [
  "",
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "text/plain",
];

/** The object in the body of a POST or PUT, with what the API's decoder refuses or warns of. */
export async function readObject(request: ApiRequest, kind: BodyKind): Promise<AnyObject> {
  const type = mediaType(request);
  const unreadable = type === "" && request.headers["content-type"];
  if (unreadable || !acceptedTypes.includes(type)) throw unsupportedBody();
  const unrecognized = (why: string) => {
    const shown = request.body === "" ? "<empty>" : summary(request.body);
    const version = why.startsWith("json") ? `couldn't get version/kind; ${why}` : why;
    return badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): ${version} (${shown})`,
    );
  };
  const document = await parseDocument(request.body, type === "application/yaml", unrecognized);
  if (document !== null && (typeof document !== "object" || Array.isArray(document))) {
    throw unrecognized(`json parse error: ${notAnObject(document)}`);
  }
  const object = (document ?? {}) as AnyObject;
  checkType(object, kind);
  const { error, unknown } = decodeFindings(kind.kind, object);
  if (error !== undefined) throw unhandled(kind, kind.kind, error);
  const strict = strictErrors(request.body, unknown);
  const twice = await yamlDuplicates(request.body, type);
  if (validationMode(request) === "Strict" && twice.length > 0) strict.unshift(yamlError(twice));
  else strict.unshift(...twice);
  reportFields(request, strict, (why) => unhandled(kind, kind.kind, why));
  return {
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: {},
    ...withoutType(object),
  } as AnyObject;
}

/** In the API's order of fields, the type comes first. */
function withoutType(object: AnyObject): Partial<AnyObject> {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  return { metadata: metadata ?? {}, ...rest };
}

function checkType(object: AnyObject, kind: BodyKind): void {
  const expected = apiVersionOf(kind);
  const found: unknown = object.apiVersion;
  const name: unknown = object.kind;
  const wanted = typeof found === "string" && found !== "" ? found : expected;
  const given = typeof name === "string" && name !== "" ? name : kind.kind;
  if (wanted === expected && given === kind.kind) return;
  const version = wanted.split("/").pop() ?? "";
  const known = sandboxKinds().flatMap((one) => ["", ...one.subresources].map((name) => bodyKind(one, name)));
  const registered = known.some((one) => one.kind === given && apiVersionOf(one) === wanted);
  // As Go names the type that the API has of it inside: by the first part of its group.
  const inside = `${kind.group.split(".", 1)[0] || "core"}.${kind.kind}`;
  const why = registered
    ? `converting (${version}.${given}) to (${inside}): unknown conversion`
    : notRegistered(given, wanted);
  throw badRequest(`${given} in version "${version}" cannot be handled as a ${kind.kind}: ${why}`);
}

function apiVersionOf({ group, version }: BodyKind): string {
  return group ? `${group}/${version}` : version;
}

/** Go's words for a type that there is not. */
export function notRegistered(kind: string, apiVersion: string): string {
  return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
}

function unhandled({ version }: { version: string }, kind: string, why: string): StatusError {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

export function unsupportedBody(): StatusError {
  const accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return new StatusError(415, "UnsupportedMediaType", message);
}

// apiserver shows JSON as it is, up to thirty bytes, and anything else in hexadecimal.
function summary(body: string): string {
  const bytes = Buffer.from(body.slice(0, longestSummary + 1));
  const text = body.startsWith("{") ? "utf8" : "hex";
  const more = bytes.length > longestSummary ? " ..." : "";
  return bytes.subarray(0, longestSummary).toString(text) + more;
}

const longestSummary = 30;

/** Go's words for a document that is none of an object, with the type that it looks for a kind with. */
export function notAnObject(document: unknown): string {
  const found = Array.isArray(document) ? "array" : typeof document === "boolean" ? "bool" : typeof document;
  const field = (name: string) =>
    `${name} string "json:\\"${name === "Kind" ? "kind" : "apiVersion"},omitempty\\""`;
  const type = `struct { ${field("APIVersion")}; ${field("Kind")} }`;
  return `json: cannot unmarshal ${found} into Go value of type ${type}`;
}
