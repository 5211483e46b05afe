import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { parse, stringify } from "yaml";
import type { Pair } from "../../support/certificates.js";

/** A request that the server has answered, as far as its answer's head. */
export interface Answered {
  method: string;
  path: string;
  status: number;
}

/** Stands in front of an API server, and sees every request and every answer of one client. */
export interface CountingProxy {
  /** A kubeconfig that goes through it, of the same user and namespace. */
  readonly kubeconfig: string;
  /** In the order of the answers; a watch counts when it is opened. */
  readonly answered: readonly Answered[];
  /** Resolves when a watch has handed such an event on. */
  passed(event: RegExp): Promise<void>;
  /** Resolves when nothing but watches is under way at the server. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Config {
  "current-context": string;
  contexts: { name: string; context: { cluster: string; user: string } }[];
  clusters: { name: string; cluster: { server: string; [field: string]: string | boolean | undefined } }[];
  users: { name: string; user: Record<string, string | undefined> }[];
}

/**
 * Puts a proxy on 127.0.0.1, for which `pair` is good, before the server that a kubeconfig names. `isLast` is asked of
 * every answer once the server has given all of it (of a watch: its head) and before the client sees anything of it;
 * after a yes no answer reaches the client any more, and no request the server.
 */
export async function openCountingProxy(
  kubeconfig: string,
  pair: Pair,
  isLast: (answer: Answered) => boolean | Promise<boolean>,
): Promise<CountingProxy> {
  const { config, entry, server, agent } = readTarget(kubeconfig);
  const answered: Answered[] = [];
  const underWay = new Set<Promise<void>>();
  const events = new EventLog();
  let over = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const upstream = await forward(request, server, agent);
    const isWatch = /[?&]watch=(true|1)\b/.test(request.url ?? "");
    const body = isWatch ? undefined : await readAll(upstream);
    const { method = "", url = "" } = request;
    const seen = { method, path: url, status: upstream.statusCode ?? 0 };
    if (!over) answered.push(seen);
    if (await isLast(seen)) over = true;
    if (over) return void upstream.destroy();
    response.writeHead(seen.status, headersOf(upstream));
    if (body) return void response.end(body);
    response.flushHeaders();
    upstream.on("error", () => response.destroy());
    response.on("close", () => upstream.destroy());
    const handedOn = events.stream();
    upstream.on("data", (chunk: Buffer) => response.write(chunk, () => handedOn(chunk)));
    upstream.on("end", () => response.end());
    return undefined;
  };
  const listener = https.createServer(pair, (request, response) => {
    if (over) return request.destroy();
    const done = answer(request, response)
      .catch(() => void response.destroy()) // the client sees a connection that broke
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return undefined;
  });
  listener.on("tlsClientError", () => undefined); // a client that was killed
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  entry.cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(pair.cert).toString("base64"),
  };
  const file = path.join(path.dirname(kubeconfig), `counting-${port}`);
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return {
    kubeconfig: file,
    answered,
    passed: (event) => events.until(event),
    settled: async () => void (await Promise.all(underWay)),
    async close() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
      agent.destroy();
    },
  };
}

/** What watches have handed on, event by event: half a line is nothing yet. */
class EventLog {
  #text = "";
  readonly #watchers = new Set<() => void>();

  /** Takes the chunks of one watch. */
  stream(): (chunk: Buffer) => void {
    let rest = "";
    return (chunk) => {
      const text = rest + chunk.toString("latin1");
      const end = text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      this.#text += text.slice(0, end);
      for (const look of this.#watchers) look();
    };
  }

  until(event: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!event.test(this.#text)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/** Where the current context leads, and an agent that shows its client certificate there, if it has one. */
function readTarget(kubeconfig: string) {
  const config = parse(readFileSync(kubeconfig, "utf8")) as Config;
  const context = config.contexts.find(({ name }) => name === config["current-context"])?.context;
  const entry = config.clusters.find(({ name }) => name === context?.cluster);
  if (!context || !entry) throw new Error(`${kubeconfig} names no cluster`);
  const user = config.users.find(({ name }) => name === context.user)?.user ?? {};
  const material = (of: Record<string, unknown>, field: string) => {
    const [data, file] = [of[`${field}-data`], of[field]];
    if (typeof data === "string") return Buffer.from(data, "base64");
    return typeof file === "string" ? readFileSync(path.resolve(path.dirname(kubeconfig), file)) : undefined;
  };
  const agent = new https.Agent({
    keepAlive: true,
    ca: material(entry.cluster, "certificate-authority"),
    cert: material(user, "client-certificate"),
    key: material(user, "client-key"),
    rejectUnauthorized: entry.cluster["insecure-skip-tls-verify"] !== true,
    servername: entry.cluster["tls-server-name"]?.toString(),
  });
  return { config, entry, server: new URL(entry.cluster.server), agent };
}

/** Sends a request on, with the credentials that it carries. Resolves with the head of the answer. */
function forward(request: IncomingMessage, server: URL, agent: https.Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...headers } = request.headers;
    const { method, url = "" } = request;
    const onward = https.request(new URL(url, server), { method, headers, agent }, resolve);
    onward.on("error", reject);
    request.pipe(onward);
  });
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Without what holds for one connection only. */
function headersOf({ headers }: IncomingMessage) {
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...rest } = headers;
  return rest;
}
