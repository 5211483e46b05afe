import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { StatusError } from "../store/status.js";
import { statusOf, type Answer } from "./answer.js";
import { authenticate, impersonate, type TokenUser } from "./authentication.js";
import { mediaType, readBody } from "./body.js";
import { Discovery, servedBy } from "./discovery.js";
import { objectAnswer, type Serving } from "./objects.js";
import { OpenApi } from "./openapi/index.js";
import { decodeProtobuf, protobufType } from "./protobuf.js";
import { isAllowed, refusal } from "./rbac.js";
import { requestInfo, type ApiRequest } from "./request.js";
import { reviewAnswer } from "./reviews.js";

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
  const query = new URLSearchParams(search);
  const user = impersonate(resources, authenticate(users, headers), headers);
  const info = requestInfo(method, path, query);
  if (!isAllowed(resources, user, info)) throw refusal(user, info);
  // The documents of OpenAPI see for themselves.
  if (!path.startsWith("/openapi/")) checkAccept(headers.accept ?? "");
  const bytes = await readBody(message);
  const isProtobuf = mediaType(message) === protobufType;
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
  return (await reviewAnswer(options.resources, request, path)) ?? objectAnswer(options, request, path);
}

/** What is served besides objects: discovery, the version, health. */
async function plainAnswer(
  { kubernetesVersion }: ApiServerOptions,
  { discovery, openApi }: About,
  request: ApiRequest,
): Promise<Answer> {
  const { path, headers, method } = request;
  if (method === "GET") {
    const found = discovery.answer(path, headers.accept ?? "") ?? (await openApi.answer(request));
    if (found) return found;
    if (["/healthz", "/livez", "/readyz"].includes(path)) return { code: 200, body: "ok" };
    if (path === "/version" || path === "/version/") return { code: 200, body: versionOf(kubernetesVersion) };
    if (path === "/")
      return {
        code: 200,
        body: { paths: ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"] },
      };
  }
  return { code: 404, body: "404 page not found\n" };
}

function versionOf(kubernetesVersion: string): object {
  const [major, minor] = kubernetesVersion.split(".");
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.0`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "",
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}

// Everything is served as JSON; parameters (`as=Table`) are wishes.
const offered = ["application/json", "application/*", "*/*", "text/plain", "text/*"];

function checkAccept(accept: string): void {
  const types = accept.split(",").map((part) => part.split(";", 1)[0]?.trim() ?? "");
  if (types.some((type) => type === "" || offered.includes(type))) return;
  const message =
    "406: Not Acceptable\n\nAvailable representations: application/json, application/json;stream=watch";
  throw new StatusError(406, "NotAcceptable", message, {});
}

/** Writes an answer, and leaves the connection fit for the next request. */
export function send(
  response: ServerResponse,
  result: Answer,
  warnings: string[],
  message: IncomingMessage,
): void {
  if (warnings.length > 0) {
    response.setHeader(
      "Warning",
      warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  }
  if ("stream" in result) {
    result.stream(response);
    return;
  }
  const { code, body, headers } = result;
  const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(code, {
    "Content-Type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json",
    "Cache-Control": "no-cache, private",
    "Content-Length": Buffer.byteLength(text),
    // What is left of a body that nobody reads must not be taken for the next request.
    ...(!message.complete && { Connection: "close" }),
    ...retryAfter(body),
    ...headers,
  });
  response.end(text);
  message.resume();
}

function retryAfter(body: object | string): Record<string, string> {
  const seconds =
    typeof body === "object" && "details" in body ? (body.details as { retryAfterSeconds?: number }) : {};
  return seconds?.retryAfterSeconds ? { "Retry-After": String(seconds.retryAfterSeconds) } : {};
}
