import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { type Server, createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

export interface Received {
  method: string;
  /** Path without the query. */
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers one request, in whatever way a test wants: slowly, cut short, never. */
export type Answer = (response: ServerResponse, received: Received) => void | Promise<void>;

/** A loopback API server that knows only what a test expects of it: each answer is given once, in order, for its request. */
export class FakeApiServer {
  readonly received: Received[] = [];
  readonly #answers = new Map<string, Answer[]>();
  readonly #sockets = new Set<Socket>();
  /** Connections that were opened. */
  connections = 0;

  private constructor(
    private readonly server: Server | ReturnType<typeof createServer>,
    private readonly scheme: string,
  ) {
    server.on("connection", (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response),
    );
  }

  static async start(tls?: ServerOptions): Promise<FakeApiServer> {
    const server = tls ? createTlsServer(tls) : createServer();
    const fake = new FakeApiServer(server, tls ? "https" : "http");
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The answers to come for a method and path (`GET /api/v1/pods`), after those that were given before. */
  on(request: string, ...answers: Answer[]): this {
    this.#answers.set(request, [...(this.#answers.get(request) ?? []), ...answers]);
    return this;
  }

  /** What was prepared and never asked for: every test ends with none. */
  unused(): string[] {
    return [...this.#answers].flatMap(([request, answers]) => answers.map(() => request));
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const received: Received = {
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: await text(request),
    };
    this.received.push(received);
    const answer = this.#answers.get(`${received.method} ${received.path}`)?.shift();
    await (answer ?? status(501, "Unexpected", `the test expects no ${request.method} ${request.url}`))(
      response,
      received,
    );
  }
}

export const json =
  (body: unknown, code = 200, headers: Record<string, string | string[]> = {}): Answer =>
  (response) => {
    response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

export const plain =
  (body: string, code = 200, type = "text/plain"): Answer =>
  (response) => {
    response.writeHead(code, { "content-type": type }).end(body);
  };

export const status = (
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
  details?: object,
): Answer =>
  json(
    {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      code,
      reason,
      message,
      ...(details && { details }),
    },
    code,
    headers,
  );

/** Breaks the connection instead of answering. */
export const hangUp: Answer = (response) => {
  response.destroy();
};

/** Never answers. */
export const silence: Answer = () => undefined;

/** A watch that a test speaks through. */
export class FakeWatch {
  #response: ServerResponse | undefined;
  received: Received | undefined;

  readonly answer: Answer = (response, received) => {
    this.received = received;
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    this.#response = response;
  };

  get isOpen(): boolean {
    return this.#response !== undefined && !this.#response.destroyed;
  }

  send(...events: { type: string; object: unknown }[]): void {
    for (const event of events) this.write(`${JSON.stringify(event)}\n`);
  }

  write(bytes: string | Buffer): void {
    this.#response?.write(bytes);
  }

  /** Ends it as the server does when its time is over. */
  end(): void {
    this.#response?.end();
  }

  cut(): void {
    this.#response?.destroy();
  }
}
