import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as httpRequest,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { type Authenticator, type Credential, authenticatorOf } from "../authentication/authenticator.js";
import type { GatewayDeps } from "../deps.js";
import { ConnectionError, KubeconfigError } from "../errors.js";
import type { Connection } from "../kubeconfig/connection.js";
import { agentFor, unusable } from "./agent.js";
import type { Call } from "./call.js";
import { connectionError, failure } from "./failures.js";
import { impersonationHeaders } from "./impersonation.js";

/** As Go's dialer and transport have them. */
const CONNECT_MS = 30_000;
const HANDSHAKE_MS = 10_000;
/** The API server ends every request but a watch within a minute; one that is silent for longer hangs on a dead connection. */
const HEADERS_MS = 75_000;

/** Sends requests to one API server over one keep-alive agent. No retries: those are the client's. */
export class Transport {
  /** How many requests were sent. */
  requests = 0;
  readonly authenticator: Authenticator;
  readonly #underWay = new Set<ClientRequest>();
  #closed = false;
  readonly #url: URL;
  /** Of every request: where to, and the path before its own. */
  readonly #target: RequestOptions;
  readonly #basePath: string;
  readonly #fixedHeaders: RequestOptions["headers"];
  #agent: { agent: Agent; certificate: Credential["certificate"] } | undefined;
  #making: { agent: Promise<Agent>; certificate: Credential["certificate"] } | undefined;
  #acceptGzip: boolean;

  constructor(
    private readonly connection: Connection,
    private readonly deps: GatewayDeps,
  ) {
    this.#url = new URL(connection.server);
    const { hostname, port, protocol } = urlToHttpOptions(this.#url);
    this.#target = { hostname, port, protocol };
    this.#basePath = this.#url.pathname.replace(/\/$/, "");
    this.authenticator = authenticatorOf(connection, deps);
    this.#fixedHeaders = {
      accept: "application/json",
      "user-agent": deps.userAgent,
      ...impersonationHeaders(connection.impersonate),
    };
    // Over loopback compressing costs more than it saves.
    this.#acceptGzip =
      !connection.disableCompression && !/^(localhost|127\.|\[::1\])/.test(this.#url.hostname);
  }

  /** Sends a call; settles when the answer's headers are there. Throws a `ConnectionError` when there is none. */
  async open(call: Call): Promise<IncomingMessage> {
    if (this.#closed) throw closed();
    const credential = await this.authenticator.credential();
    const startedAt = this.deps.now();
    const trace = (outcome: string | number): void =>
      this.deps.trace?.(
        `${call.method} ${this.connection.server}${call.path} ${outcome} ${this.deps.now() - startedAt}ms`,
      );
    this.requests += 1;
    try {
      const response = await this.#send(call, await this.#agentFor(credential), credential);
      trace(response.statusCode ?? 0);
      return response;
    } catch (error) {
      if (call.signal?.aborted) throw error;
      const told = unusable(error);
      const failed = told instanceof KubeconfigError ? told : connectionError(told, this.#url);
      trace(failed.message.split("\n", 1)[0] ?? "");
      throw failed;
    }
  }

  /** Closes the connections that wait for use: after an outage they may be dead without knowing. */
  dropIdle(): void {
    for (const socket of Object.values(this.#agent?.agent.freeSockets ?? {}).flat()) socket?.destroy();
  }

  /** Ends what is under way and every connection. */
  close(): void {
    this.#closed = true;
    for (const request of this.#underWay) request.destroy(closed());
    this.#agent?.agent.destroy();
  }

  async #agentFor(credential: Credential): Promise<Agent> {
    const { certificate } = credential;
    if (this.#agent && this.#agent.certificate === certificate) return this.#agent.agent;
    // Requests that come together share it.
    if (!this.#making || this.#making.certificate !== certificate) {
      this.#making = { agent: agentFor(this.connection, credential, this.deps), certificate };
    }
    const agent = await this.#making.agent;
    this.#agent = { agent, certificate };
    return agent;
  }

  #send(call: Call, agent: Agent, credential: Credential): Promise<IncomingMessage> {
    const body = call.body === undefined ? undefined : Buffer.from(call.body);
    const options: RequestOptions = {
      ...this.#target,
      path: this.#basePath + call.path,
      method: call.method,
      agent,
      headers: {
        ...this.#fixedHeaders,
        ...(call.accept && { accept: call.accept }),
        ...(credential.authorization && { authorization: credential.authorization }),
        ...(call.large && this.#acceptGzip && { "accept-encoding": "gzip" }),
        // Node leaves the length of a DELETE's body out unless told (then sends it chunked).
        ...(body && {
          "content-type": call.contentType ?? "application/json",
          "content-length": body.length,
        }),
      },
    };
    return new Promise((resolve, reject) => {
      const send = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
      const request = send(options);
      const answered = this.#watchSocket(request);
      const ignore = destroyOnAbort(request, call.signal);
      this.#underWay.add(request);
      request.on("response", (response) => {
        answered();
        resolve(response);
      });
      request.on("error", reject);
      request.on("close", () => {
        answered();
        ignore();
        this.#underWay.delete(request);
      });
      request.end(body);
    });
  }

  /**
   * Gives up on a request that does not connect or is not answered in time; Node itself waits for as long as the kernel
   * does. Time begins with the socket: waiting for one of ours to be free is nobody's fault.
   */
  #watchSocket(request: ClientRequest): () => void {
    const stops = new Set<() => void>();
    const limit = (milliseconds: number, code: string): (() => void) => {
      const stop = this.deps.after(milliseconds, () => request.destroy(failure(code)));
      stops.add(stop);
      return stop;
    };
    request.on("socket", (socket) => {
      const { requestTimeout } = this.connection;
      limit(requestTimeout || HEADERS_MS, requestTimeout ? "CLIENT_TIMEOUT" : "HEADERS_TIMEOUT");
      if (!socket.connecting) return;
      const connected = limit(CONNECT_MS, "ETIMEDOUT");
      socket.once("connect", () => {
        connected();
        if (!("encrypted" in socket)) return;
        socket.once("secureConnect", limit(HANDSHAKE_MS, "HANDSHAKE_TIMEOUT"));
      });
    });
    return () => stops.forEach((stop) => stop());
  }
}

const closed = (): ConnectionError => new ConnectionError("error: the connection to the cluster was closed");

function destroyOnAbort(request: ClientRequest, signal: AbortSignal | undefined): () => void {
  if (!signal) return () => undefined;
  const abort = (): void => {
    request.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  };
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}
