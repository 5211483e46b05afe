import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Answer } from "../api/answer.js";
import { requestInfo } from "../api/request.js";
import { send } from "../api/server.js";
import type { SandboxKind } from "../kinds/kind.js";
import type { LogEntry } from "../log.js";
import type { Clock } from "../simulator/clock.js";
import { refusalOf } from "./refusals.js";
import type { FaultRules, RequestFaultSpec } from "./rules.js";

export interface FaultyOptions {
  rules: FaultRules;
  kinds: readonly SandboxKind[];
  clock: Clock;
  /** Told of each request when it is over, and of a watch when it begins, too. */
  log?: ((entry: LogEntry) => void) | undefined;
}

/** The same server on a bad day: each request is held against the faults that are on, and logged. */
export function faulty(listener: RequestListener, options: FaultyOptions): RequestListener {
  const { rules, kinds, clock } = options;
  return (message, response) => {
    const [path = "/", search = ""] = (message.url ?? "/").split(/\?(.*)/s);
    const info = requestInfo(message.method ?? "GET", path, new URLSearchParams(search));
    const struck = rules.strike(info);
    if (options.log) observe(message, response, { ...options, log: options.log }, info.verb, struck);
    const refusal = struck.map((fault) => refusalOf(fault, info, kinds)).find(Boolean);
    if (struck.some(({ type }) => type === "cut")) cutBody(response);
    const latency = struck.reduce(
      (sum, { type, milliseconds = 0 }) => sum + (type === "latency" ? milliseconds : 0),
      0,
    );
    const serve = () => answer(listener, message, response, refusal);
    if (latency === 0) return serve();
    // Whoever gives up meanwhile is not served.
    response.once("close", clock.after(latency, serve));
  };
}

function answer(
  listener: RequestListener,
  message: IncomingMessage,
  response: ServerResponse,
  refusal: Answer | undefined,
): void {
  if (refusal) send(response, refusal, [], message);
  else listener(message, response);
}

/** Lets half of what is first written of a body through, and cuts the connection then: nothing comes after it. */
function cutBody(response: ServerResponse): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let isCut = false;
  const half = (chunk?: string | Uint8Array) => {
    if (isCut) return false;
    if (chunk === undefined || chunk.length === 0) return end();
    isCut = true;
    const bytes = Buffer.from(chunk);
    // Of a single byte, none: it would be all.
    return write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
  };
  Object.assign(response, { write: half, end: half });
}

function observe(
  message: IncomingMessage,
  response: ServerResponse,
  { clock, log }: FaultyOptions & { log: (entry: LogEntry) => void },
  verb: string,
  struck: readonly RequestFaultSpec[],
): void {
  const began = clock.now();
  const entry = {
    type: "request",
    verb,
    url: message.url ?? "/",
    agent: message.headers["user-agent"] ?? "",
    faults: struck.map(({ type }) => type),
  } as const;
  if (verb === "watch") log({ ...entry, at: began });
  response.once("close", () => {
    const at = clock.now();
    // Without headers there was no answer.
    const code = response.headersSent ? response.statusCode : 0;
    log({ ...entry, at, code, milliseconds: at - began });
  });
}
