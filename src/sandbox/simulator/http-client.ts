import { type IncomingMessage, request } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import { ApiError, ConnectionError, type Status } from "../../cluster/errors.js";

/** Where a server is and how it is talked to. */
export interface ServerAccess {
  /** `https://127.0.0.1:6443`, or `http:` for a server without TLS. */
  server: string;
  /** The certificate authority that signed the server's certificate, as PEM. */
  caPem?: string;
  /** A bearer token. */
  token?: string;
}

export interface HttpClient {
  /** The answer's JSON. Throws an `ApiError` for a status of 400 and above, a `ConnectionError` when there was no answer. */
  json(method: string, path: string, body?: object, contentType?: string): Promise<unknown>;
  /** The answer as it is. Throws as `json` does. */
  text(path: string): Promise<string>;
  /**
   * Calls `line` with each line of the answer until it ends, whatever ended it, or `signal` aborts. Throws as `json`
   * does when there was no answer to read lines from.
   */
  lines(path: string, line: (text: string) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** A small client of one server, over one keep-alive agent. */
export function httpClient({ server, caPem, token }: ServerAccess): HttpClient {
  const base = new URL(server);
  const agent = base.protocol === "https:" ? new Agent({ keepAlive: true, ca: caPem }) : undefined;
  const headers = { accept: "application/json", ...(token && { authorization: `Bearer ${token}` }) };

  function send(
    method: string,
    path: string,
    options: { payload?: string; type?: string; signal?: AbortSignal },
  ) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const { payload, type = "application/json", signal } = options;
      // Node sends no length with the body of a DELETE by itself.
      const body = payload !== undefined && {
        "content-type": type,
        "content-length": Buffer.byteLength(payload),
      };
      const call = (agent ? secureRequest : request)(new URL(path, base), {
        method,
        headers: { ...headers, ...body },
        ...(agent && { agent }),
        ...(signal && { signal }),
      });
      call.on("response", resolve);
      call.on("error", (error) =>
        reject(new ConnectionError(`${server}: ${error.message}`, { cause: error })),
      );
      call.end(payload);
    });
  }

  async function succeed(response: IncomingMessage): Promise<string> {
    const text = await textOf(response);
    if (isFailure(response)) throw apiError(response, text);
    return text;
  }

  return {
    async json(method, path, body, type) {
      const payload = body && { payload: JSON.stringify(body) };
      return JSON.parse(await succeed(await send(method, path, { ...payload, ...(type && { type }) })));
    },
    text: async (path) => succeed(await send("GET", path, {})),
    async lines(path, line, signal) {
      const response = await send("GET", path, { signal });
      if (isFailure(response)) await succeed(response);
      await readLines(response, line);
    },
    close: () => agent?.destroy(),
  };
}

function isFailure({ statusCode = 500 }: IncomingMessage): boolean {
  return statusCode >= 400;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += chunk;
  return text;
}

/** A cut line is an end like any other: whoever watches goes on from the last version it saw. */
function readLines(response: IncomingMessage, line: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      const complete = (rest + chunk).split("\n");
      rest = complete.pop() ?? "";
      for (const text of complete) line(text);
    });
    response.on("error", () => resolve());
    response.on("close", () => resolve());
  });
}

function apiError({ statusCode = 500 }: IncomingMessage, text: string): ApiError {
  const status = parseStatus(text);
  return new ApiError({
    message: text,
    ...status,
    code: status?.code ?? statusCode,
    reason: status?.reason ?? "",
  });
}

function parseStatus(text: string): Partial<Status> | undefined {
  try {
    const body = JSON.parse(text) as Partial<Status> & { kind?: string };
    return body.kind === "Status" ? body : undefined;
  } catch {
    return undefined; // a proxy's or a crashed server's own words
  }
}
