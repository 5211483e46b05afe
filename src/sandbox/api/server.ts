import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { noSuchResource } from "../store/status.js";
import { fits, negotiate, prefersYaml, routerRefusal } from "./accept.js";
import { statusOf, type Answer } from "./answer.js";
import { authenticate, impersonate, type TokenUser } from "./authentication.js";
import { mediaType, readBody } from "./body.js";
import { Discovery, servedBy } from "./discovery.js";
import { healthAnswer } from "./health.js";
import { objectAnswer, type Serving } from "./objects.js";
import { OpenApi } from "./openapi/index.js";
import { decodeProtobuf, protobufType } from "./protobuf.js";
import { isAllowed, refusal } from "./rbac.js";
import { requestInfo, type ApiRequest } from "./request.js";
import { reviewAnswer } from "./reviews.js";
import { notAllowed } from "./subresources.js";
import { warningHeaders } from "./warnings.js";

export interface ApiServerOptions extends Serving {
  users: readonly TokenUser[];
  /** `127.0.0.1:6443`, for discovery. */
  address: string;
  /** `1.37` */
  kubernetesVersion: string;
}

/** What the server says of itself. */
interface About {
  discovery: Discovery;
  openApi: OpenApi;
}

/** The API server as a listener of an HTTP(S) server: who asks, whether they may, what for. It never fails. */
export function apiServer(options: ApiServerOptions): RequestListener {
  const served = servedBy(options.resources.kinds);
  const about: About = {
    discovery: new Discovery(served, options.address),
    openApi: new OpenApi(served, options.kubernetesVersion),
  };
  return (message, response) => {
    const warnings: string[] = [];
    answer(options, about, message, warnings)
      .catch((error: unknown): Answer => {
        const body = statusOf(error);
        return { code: body.code ?? 500, body };
      })
      .then((result) => asWished(result, message.headers.accept ?? ""))
      .then((result) => send(response, result, warnings, message))
      .catch(() => response.destroy());
  };
}

async function answer(
  options: ApiServerOptions,
  about: About,
  message: IncomingMessage,
  warnings: string[],
): Promise<Answer> {
  const { resources, users } = options;
  const { method = "GET", headers } = message;
  // Not resolved against a base: a path that begins with two slashes is a path.
  const [path = "/", search = ""] = (message.url ?? "/").split(/\?(.*)/s);
  // Go's server refuses these before anything else looks at them.
  if (/%(?![0-9A-Fa-f]{2})/.test(path))
    return { code: 400, body: "400 Bad Request", headers: { Connection: "close" } };
  const query = new URLSearchParams(search);
  const user = impersonate(resources, authenticate(users, headers), headers);
  const info = requestInfo(method, path, query);
  if (!isAllowed(resources, user, info)) throw refusal(user, info);
  const bytes = await readBody(message);
  const isProtobuf = mediaType(message) === protobufType;
  // What is not there is not there, whatever is sent to it.
  if (isProtobuf && info.resource && !about.discovery.has(info.resource)) throw noSuchResource();
  const body = isProtobuf ? JSON.stringify(decodeProtobuf(bytes)) : bytes.toString("utf8");
  const request: ApiRequest = { ...info, method, query, headers, user, body, warnings };
  return (await resourceAnswer(options, about.discovery, request)) ?? plainAnswer(options, about, request);
}

async function resourceAnswer(
  options: ApiServerOptions,
  discovery: Discovery,
  request: ApiRequest,
): Promise<Answer | undefined> {
  const { resource: path } = request;
  if (!path || !discovery.serves(path.group, path.version)) return undefined;
  const review = await reviewAnswer(options.resources, request, path);
  if (!review) return objectAnswer(options, request, path);
  negotiate(request.headers.accept ?? "", { transformations: false });
  return review;
}

// The API's router knows these by GET alone; what is served beside it asks for no method.
const routed = /^\/(version|api|api\/[^/]+|apis\/[^/]+\/[^/]+)\/?$/;

/** What is served besides objects: discovery, the version, health. */
async function plainAnswer(
  { kubernetesVersion }: ApiServerOptions,
  { discovery, openApi }: About,
  request: ApiRequest,
): Promise<Answer> {
  const { path, headers, method, query } = request;
  const { accept = "" } = headers;
  const doubled = path.startsWith("//");
  const found = doubled ? undefined : (discovery.answer(path, accept) ?? (await openApi.answer(request)));
  const answer = found ?? healthAnswer(path, query) ?? fixedAnswer(path, kubernetesVersion);
  if (!answer) return { code: 404, body: "404 page not found\n" };
  if (method !== "GET" && routed.test(path)) throw notAllowed();
  // The documents of OpenAPI see for themselves.
  if (found && !path.startsWith("/openapi/") && !fits(accept)) throw routerRefusal(["application/json"]);
  return answer;
}

function fixedAnswer(path: string, kubernetesVersion: string): Answer | undefined {
  switch (path) {
    case "/version":
    case "/version/": {
      // Alone among the documents of the API it is written for people.
      const body = JSON.stringify(versionOf(kubernetesVersion), undefined, 2);
      return { code: 200, body, headers: { "Content-Type": "application/json" } };
    }
    case "/":
      return { code: 200, body: { paths } };
    default:
      return undefined;
  }
}

const paths = ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];

function versionOf(kubernetesVersion: string): object {
  const [major, minor] = kubernetesVersion.split(".");
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `v${major}.${minor}.0`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "",
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}

/** The same answer as YAML, for those who would rather have that. */
async function asWished(result: Answer, accept: string): Promise<Answer> {
  if ("stream" in result || typeof result.body === "string" || !prefersYaml(accept)) return result;
  const { stringify } = await import("./yaml.js");
  // Through JSON, which leaves out what is not set.
  const body = stringify(JSON.parse(JSON.stringify(result.body)), { sortMapEntries: true });
  return {
    ...result,
    body,
    headers: { ...retryAfter(result.body), ...result.headers, "Content-Type": "application/yaml" },
  };
}

/** Writes an answer, and leaves the connection fit for the next request. */
export function send(
  response: ServerResponse,
  result: Answer,
  warnings: string[],
  message: IncomingMessage,
): void {
  if (warnings.length > 0) response.setHeader("Warning", warningHeaders(warnings));
  if ("stream" in result) {
    result.stream(response);
    return;
  }
  const { code, body, headers } = result;
  const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(code, {
    ...(text !== "" && {
      "Content-Type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json",
    }),
    "Cache-Control": "no-cache, private",
    "Content-Length": Buffer.byteLength(text),
    // What is left of a body that nobody reads must not be taken for the next request.
    ...(!message.complete && { Connection: "close" }),
    ...retryAfter(body),
    ...headers,
  });
  // Before a text Node writes the headers in its encoding, before bytes in theirs.
  response.end(warnings.length > 0 ? Buffer.from(text) : text);
  message.resume();
}

function retryAfter(body: object | string): Record<string, string> {
  const seconds =
    typeof body === "object" && "details" in body ? (body.details as { retryAfterSeconds?: number }) : {};
  return seconds?.retryAfterSeconds ? { "Retry-After": String(seconds.retryAfterSeconds) } : {};
}
