import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request as send } from "node:https";
import { parse } from "yaml";
import type { ClusterPort } from "../../../src/sandbox/port.js";
import { overHttp } from "../../../src/sandbox/simulator/over-http.js";
import { openKubeconfig } from "../../support/gateway.js";
import type { ProvidedPair } from "./global-setup.js";

/** A request past every client, for what a client would not send. */
interface RawRequest {
  method?: string;
  /** With its query: `/api/v1/namespaces?limit=1`. */
  path: string;
  /** Sent as it is when it is text, else as JSON. */
  body?: string | object | undefined;
  headers?: Record<string, string>;
}

interface RawAnswer {
  code: number;
  headers: IncomingMessage["headers"];
  text: string;
  /** Of `text`, where that is JSON. */
  body: any; // oxlint-disable-line no-explicit-any -- whatever the server says
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

interface KubectlOptions {
  /** Where it runs; files of manifests are named relative to it. */
  cwd?: string;
  /** More of the environment: `KUBE_EDITOR`. */
  env?: Readonly<Record<string, string>>;
  /** Ends it: a `-w` never does by itself. Its exit code is 1 then. */
  signal?: AbortSignal;
  /** Called with each piece of its stdout. */
  onOutput?(piece: string): void;
}

/** One of the two clusters, with every way to speak to it. */
export interface Side {
  name: "sandbox" | "real";
  /** A file, of the administrator. */
  kubeconfig: string;
  /** `https://127.0.0.1:PORT` */
  server: string;
  port: ClusterPort;
  request(request: RawRequest): Promise<RawAnswer>;
  /** Runs the kubectl of the pair's release in `namespace`, with an empty HOME. */
  kubectl(namespace: string, args: readonly string[], stdin?: string, how?: KubectlOptions): Promise<Ran>;
  close(): void;
}

/** Opens both clusters of a run: the sandbox first. Close them afterwards. */
export function openSides(pair: ProvidedPair): [sandbox: Side, real: Side] {
  return [openSide("sandbox", pair.sandbox, pair), openSide("real", pair.real, pair)];
}

/** The same done to both clusters at once: what came of it on the sandbox, and on the real one. */
export async function onBoth<T>(
  sides: readonly [Side, Side],
  act: (side: Side) => Promise<T>,
): Promise<[T, T]> {
  return Promise.all([act(sides[0]), act(sides[1])]);
}

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: { token: string } }[];
}

function openSide(name: Side["name"], kubeconfig: string, pair: ProvidedPair): Side {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const { server, "certificate-authority-data": ca } = clusters[0]?.cluster ?? {
    server: "",
    "certificate-authority-data": "",
  };
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(ca, "base64") });
  const token = users[0]?.user.token ?? "";
  const gateway = openKubeconfig(kubeconfig);
  return {
    name,
    kubeconfig,
    server,
    port: overHttp(gateway),
    request: (request) => ask(server, agent, token, request),
    kubectl: (namespace, args, stdin, how) =>
      runKubectl(pair, kubeconfig, ["--namespace", namespace, ...args], stdin, how),
    close() {
      gateway.close();
      agent.destroy();
    },
  };
}

function ask(server: string, agent: Agent, token: string, request: RawRequest): Promise<RawAnswer> {
  const { method = "GET", path, body, headers = {} } = request;
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  // Node leaves the length of a DELETE's body out, which the next request would then be read from.
  const type =
    text === undefined
      ? {}
      : { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const sent = send(`${server}${path}`, {
      method,
      agent,
      headers: { Authorization: `Bearer ${token}`, ...type, ...headers },
      timeout: 30_000,
    });
    sent
      .once("error", reject)
      .once("timeout", () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.once("response", (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (received += chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          code: response.statusCode ?? 0,
          headers: response.headers,
          text: received,
          body: asJson(received),
        }),
      );
    });
    sent.end(text);
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function runKubectl(
  pair: ProvidedPair,
  kubeconfig: string,
  args: string[],
  stdin = "",
  { cwd, env: more, signal, onOutput = () => undefined }: KubectlOptions = {},
): Promise<Ran> {
  const { kubectl, directory } = pair;
  if (!kubectl) throw new Error("there is no kubectl beside the control plane");
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"], HOME: directory, KUBECONFIG: kubeconfig, ...more };
    const child = execFile(
      kubectl,
      args,
      { cwd, env, signal, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        // It never ran.
        if (child.pid === undefined && error) reject(error);
        else resolve({ code, stdout, stderr });
      },
    );
    child.stdout?.on("data", onOutput);
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
  });
}
