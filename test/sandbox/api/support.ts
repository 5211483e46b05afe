import { request } from "node:https";
import { createCertificate, type Certificate } from "../../../src/sandbox/api/certificate.js";
import { listen } from "../../../src/sandbox/api/listen.js";
import { apiServer, type ApiServerOptions } from "../../../src/sandbox/api/server.js";
import { Watches } from "../../../src/sandbox/api/watches.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import { seed } from "../../../src/sandbox/seed.js";
import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";

interface Reply {
  code: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The document, or undefined when it is none. */
  // oxlint-disable-next-line no-explicit-any -- any kind of the API
  body: any;
}

interface CallOptions {
  method?: string;
  body?: unknown;
  token?: string | undefined;
  headers?: Record<string, string>;
}

/** An API server without controllers, over HTTPS. */
export interface TestServer {
  /** `https://127.0.0.1:41235`, with a certificate of `ca`. */
  url: string;
  ca: string;
  resources: Resources;
  watches: Watches;
  call(path: string, options?: CallOptions): Promise<Reply>;
  /** Reads lines of a watch: `next` gives each event, `ended` settles when the server ends it. */
  watch(path: string): Promise<TestWatch>;
  close(): Promise<void>;
}

interface TestWatch {
  // oxlint-disable-next-line no-explicit-any -- any kind of the API
  next(): Promise<{ type: string; object: any }>;
  ended: Promise<void>;
  close(): void;
}

let certificate: Certificate | undefined;

export async function startServer(
  options: Partial<ApiServerOptions> & { history?: number } = {},
): Promise<TestServer> {
  const now = () => Date.parse("2026-01-01T00:00:00Z");
  const env = { now, random: Math.random, newUid: () => crypto.randomUUID(), kubernetesVersion: "1.37" };
  const resources = new Resources(sandboxKinds(), new Store({ history: options.history }), env);
  await seed(inProcessPort(resources, "seed"), false);
  const watches = options.watches ?? new Watches();
  const users = [{ token: "admin", name: "admin", groups: ["system:masters"] }, ...(options.users ?? [])];
  const serving = { resources, watches, logs: () => "", kubernetesVersion: "1.37" };
  certificate ??= createCertificate(Date.now());
  const { cert: ca } = certificate;
  const { address, close } = await listen(certificate, [0], (address) =>
    apiServer({ ...serving, ...options, users, address }),
  );
  const open = (path: string, { method = "GET", token = "admin", headers = {} }: CallOptions) =>
    request(`https://${address}${path}`, {
      ca,
      method,
      agent: false,
      headers: { ...(token && { Authorization: `Bearer ${token}` }), ...headers },
    });
  return {
    url: `https://${address}`,
    ca,
    resources,
    watches,
    close,
    call: (path, call = {}) =>
      new Promise((resolve, reject) => {
        const body =
          typeof call.body === "string" || call.body === undefined ? call.body : JSON.stringify(call.body);
        const sent = open(path, { method: body === undefined ? "GET" : "POST", ...call });
        // Node sends no length with a DELETE by itself.
        if (body !== undefined) sent.setHeader("Content-Length", Buffer.byteLength(body));
        sent.on("error", reject).on("response", (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.on("error", reject).on("end", () => {
            const json = response.headers["content-type"]?.startsWith("application/json");
            resolve({
              code: response.statusCode ?? 0,
              headers: response.headers,
              text,
              body: json && text !== "" ? JSON.parse(text) : undefined,
            });
          });
        });
        sent.end(body);
      }),
    watch: (path) =>
      new Promise((resolve, reject) => {
        const sent = open(path, {});
        sent
          .on("error", reject)
          .on("response", (response) => resolve(readWatch(response, () => sent.destroy())));
        sent.end();
      }),
  };
}

function readWatch(response: import("node:http").IncomingMessage, close: () => void): TestWatch {
  const lines: string[] = [];
  let [rest, wake] = ["", () => {}];
  response.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    wake();
  });
  const ended = new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.on("error", () => resolve());
  });
  return {
    ended,
    close,
    async next() {
      while (lines.length === 0) {
        const over = await Promise.race([
          ended.then(() => true),
          new Promise<false>((resolve) => (wake = () => resolve(false))),
        ]);
        if (over && lines.length === 0) throw new Error("the watch has ended");
      }
      return JSON.parse(lines.shift() ?? "");
    },
  };
}
