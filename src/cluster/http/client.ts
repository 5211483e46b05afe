import type { IncomingMessage } from "node:http";
import type { GatewayDeps } from "../deps.js";
import { ConnectionError } from "../errors.js";
import type { Connection } from "../kubeconfig/connection.js";
import { readBody } from "./body.js";
import type { Call } from "./call.js";
import { connectionError, wasReset } from "./failures.js";
import { apiError } from "./status.js";
import { Transport } from "./transport.js";
import { warningsOf } from "./warnings.js";

/** Retries of a server that is too busy, and the longest that it is waited for at a time (client-go retries 10 times). */
const MAX_RETRIES = 10;
const MAX_RETRY_AFTER_S = 30;

const insecureWarning =
  "the server's certificate is not verified (insecure-skip-tls-verify): who stands between can read and change everything";

/** The text of a successful answer, and its content type. */
export interface Answer {
  body: string;
  type: string;
}

/**
 * Requests whose answers are checked: throws an `ApiError` for one that is no success and a `ConnectionError` when
 * there is none. 429 and 503 with Retry-After are obeyed, a GET is sent again when its connection went away, and a
 * 401 when another credential can be had.
 */
export class Client {
  onWarning: ((message: string) => void) | undefined;
  readonly #transport: Transport;
  readonly #warned = new Set<string>();

  constructor(
    private readonly connection: Connection,
    private readonly deps: GatewayDeps,
  ) {
    this.#transport = new Transport(connection, deps);
    this.onWarning = deps.onWarning;
  }

  get requests(): number {
    return this.#transport.requests;
  }

  /** The JSON that a call answers. */
  async json<T>(call: Call): Promise<T> {
    return this.parse(call, await this.answer(call)) as T;
  }

  /** The JSON in an answer to `call`. */
  parse(call: Call, { body, type }: Answer): unknown {
    try {
      return JSON.parse(body) as unknown;
    } catch {
      throw new ConnectionError(
        `Unable to connect to the server: ${call.method} ${call.path} was answered with ${type || "text"} that is not JSON\n` +
          `Check that ${this.connection.server} is a Kubernetes API server, and no login page or proxy stands before it.`,
      );
    }
  }

  /** The text that a call answers, whatever it is. */
  async text(call: Call): Promise<string> {
    return (await this.answer(call)).body;
  }

  /** What a call answers, unparsed. `onHead` is told how an answer begins; again when it broke off and comes once more. */
  answer(call: Call, onHead?: (text: string) => void): Promise<Answer> {
    return this.#retried(call, async () => {
      const response = await this.#transport.open(call);
      warningsOf(response.headers.warning).forEach((message) => this.#warn(message));
      if (!isSuccess(response)) throw await this.#refusal(response);
      return { body: await this.#read(response, onHead), type: response.headers["content-type"] ?? "" };
    });
  }

  /** An answer whose body is read as it comes. */
  stream(call: Call): Promise<IncomingMessage> {
    return this.#retried(call, async () => {
      const response = await this.#transport.open(call);
      warningsOf(response.headers.warning).forEach((message) => this.#warn(message));
      if (isSuccess(response)) return response;
      throw await this.#refusal(response);
    });
  }

  /** Closes the connections that wait for use. */
  dropIdle(): void {
    this.#transport.dropIdle();
  }

  /** Says why an answer broke off. */
  failureOf(error: unknown): ConnectionError {
    return connectionError(error, new URL(this.connection.server));
  }

  close(): void {
    this.#transport.close();
  }

  async #retried<T>(call: Call, attempt: () => Promise<T>): Promise<T> {
    if (this.connection.insecureSkipTlsVerify) this.#warn(insecureWarning);
    let resets = 0;
    let renewed = false;
    for (let retries = 0; ;) {
      try {
        return await attempt();
      } catch (error) {
        if (call.signal?.aborted) throw error;
        if (error instanceof Refusal) {
          if (error.code === 401 && !renewed && this.#transport.authenticator.renew()) {
            renewed = true;
            continue;
          }
          if (error.retryAfter === undefined || retries >= MAX_RETRIES)
            throw apiError(error.code, error.body);
          retries += 1;
          // Jitter, so that those who were turned away together do not come back together.
          await this.deps.sleep(error.retryAfter * 1000 * (1 + this.deps.random() / 4), call.signal);
          continue;
        }
        if (call.method !== "GET" || resets > 0 || !wasReset(error)) throw error;
        resets += 1;
      }
    }
  }

  async #refusal(response: IncomingMessage): Promise<Refusal> {
    const code = response.statusCode ?? 0;
    const seconds = Number(response.headers["retry-after"] ?? NaN);
    const isBusy = (code === 429 || code === 503) && Number.isFinite(seconds);
    const retryAfter = isBusy ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_S) : undefined;
    return new Refusal(code, await this.#read(response), retryAfter);
  }

  async #read(response: IncomingMessage, onHead?: (text: string) => void): Promise<string> {
    try {
      return await readBody(response, this.connection.requestTimeout, this.deps, onHead);
    } catch (error) {
      throw this.failureOf(error);
    }
  }

  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.onWarning?.(message);
  }
}

/** An answer that is no success, before it is decided whether to try again. */
class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly body: string,
    /** Seconds. */
    readonly retryAfter: number | undefined,
  ) {
    super(`${code}`);
  }
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}
