import { once } from "node:events";
import { request } from "node:https";
import { createServer } from "node:net";
import { afterEach, expect, it } from "vitest";
import { parse } from "yaml";
import type { FaultSpec, LogEntry, RequestEntry, Sandbox } from "../../../src/sandbox/index.js";
import { startSandbox } from "../../../src/sandbox/index.js";
import { formatEntry } from "../../../src/sandbox/log.js";

interface Answer {
  code: number;
  text: string;
  headers: Record<string, unknown>;
  /** Whether all of the body has come. */
  whole: boolean;
}

interface Asked {
  method?: string;
  body?: object;
  token?: string;
  /** The API's when left out. */
  server?: string;
}

const running: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});

async function start(): Promise<{
  sandbox: Sandbox;
  log: LogEntry[];
  ask(path: string, how?: Asked): Promise<Answer>;
}> {
  const log: LogEntry[] = [];
  const users = [{ token: "secret", name: "jane" }];
  const sandbox = await startSandbox({ speed: 100, nodes: 2, users, log: (entry) => log.push(entry) });
  running.push(sandbox);
  return { sandbox, log, ask: (path, how = {}) => ask(sandbox, path, how) };
}

function ask(
  sandbox: Sandbox,
  path: string,
  { method = "GET", body, token, server }: Asked,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token ?? sandbox.token}`,
      "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
      "user-agent": "tests/1.0 (linux)",
    };
    const url = (server ?? sandbox.server) + path;
    const sent = request(url, { method, ca: sandbox.caPem, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("error", () => undefined); // cut: `complete` says so
      response.once("close", () => {
        const { statusCode: code = 0, headers, complete: whole } = response;
        resolve({ code, text, headers, whole });
      });
    });
    sent.on("error", reject).end(body && JSON.stringify(body));
  });
}

function controlOf(sandbox: Sandbox, token?: string): string {
  return parse(sandbox.kubeconfig(token)).clusters[0].cluster.extensions[0].extension.control;
}

const pods = "/api/v1/namespaces/default/pods";
const settings = "/api/v1/namespaces/default/configmaps";
const config = { metadata: { name: "settings" }, data: { a: "1" } };

it.each<[FaultSpec, number, RegExp, Record<string, string>]>([
  [
    { type: "throttle", retryAfterSeconds: 7 },
    429,
    /^Too many requests, please try again later\.\n$/,
    { "retry-after": "7", "content-type": "text/plain; charset=utf-8" },
  ],
  [
    { type: "error" },
    500,
    /"message":"Internal error occurred: etcdserver: request timed out","reason":"InternalError"/,
    {},
  ],
  [{ type: "error", code: 503 }, 503, /"reason":"ServiceUnavailable"/, {}],
  [{ type: "error", code: 504 }, 504, /"message":"Timeout: request did not .*"reason":"Timeout"/, {}],
])("%j answers in the server's place", async (spec, code, text, headers) => {
  const { sandbox, ask } = await start();
  await sandbox.faults.inject({ ...spec, verbs: ["create"], count: 1 });
  const refused = await ask(settings, { method: "POST", body: config });
  expect(refused).toMatchObject({ code, headers });
  expect(refused.text).toMatch(text);
  expect((await ask(`${settings}/settings`)).code, "nothing was done").toBe(404);
  expect((await ask(settings, { method: "POST", body: config })).code).toBe(201);
});

it("conflict refuses an update as made on an old version", async () => {
  const { sandbox, ask } = await start();
  await sandbox.port.create("configmaps", {
    ...config,
    metadata: { ...config.metadata, namespace: "default" },
  });
  await sandbox.faults.inject({ type: "conflict", every: 2 });
  const patch = { method: "PATCH", body: { data: { a: "2" } } };
  expect((await ask(`${settings}/settings`, patch)).code).toBe(200);
  const refused = await ask(`${settings}/settings`, patch);
  expect(JSON.parse(refused.text)).toMatchObject({
    code: 409,
    reason: "Conflict",
    message:
      'Operation cannot be fulfilled on configmaps "settings": the object has been modified; please apply your changes to the latest version and try again',
    details: { name: "settings", kind: "configmaps" },
  });
});

it("cut does what is asked, and answers half of it", async () => {
  const { sandbox, ask } = await start();
  await sandbox.faults.inject({ type: "cut", verbs: ["create"] });
  const cut = await ask(settings, { method: "POST", body: config });
  expect(cut).toMatchObject({ code: 201, whole: false });
  expect(cut.text).toMatch(/^\{"/);
  expect(cut.text.length).toBe(Math.floor(Number(cut.headers["content-length"]) / 2));
  expect((await ask(`${settings}/settings`)).whole).toBe(true);
});

it("cut breaks a watch off within its first line", async () => {
  const { sandbox, ask } = await start();
  await sandbox.faults.inject({ type: "cut", verbs: ["watch"] });
  const cut = await ask("/api/v1/nodes?watch=true");
  expect(cut).toMatchObject({ code: 200, whole: false });
  expect(cut.text).toMatch(/^\{"type":"ADDED"[^\n]+$/);
  expect(cut.text.split('"type":"ADDED"')).toHaveLength(2);
});

it("latency holds requests up, and adds up", async () => {
  const { sandbox, ask, log } = await start();
  await sandbox.faults.inject({ type: "latency", milliseconds: 120, resources: ["pods"] });
  await sandbox.faults.inject({ type: "latency", milliseconds: 80, verbs: ["list"] });
  expect((await ask(pods)).code).toBe(200);
  const isRequest = (one: LogEntry): one is RequestEntry => one.type === "request";
  await expect.poll(() => log.some(isRequest)).toBe(true);
  const entry = log.find(isRequest);
  expect(entry?.milliseconds).toBeGreaterThanOrEqual(195);
  expect(entry?.faults).toEqual(["latency", "latency"]);
});

it("drop-watches and compact end open watches, each in its way", async () => {
  const { sandbox, ask } = await start();
  const watch = () => ask("/api/v1/nodes?watch=true");
  const dropped = watch();
  const hits = async (type: "drop-watches" | "compact") => (await sandbox.faults.inject({ type })).hits;
  // Open as soon as one is hit.
  await expect.poll(() => hits("drop-watches")).toBe(1);
  expect((await dropped).whole).toBe(false);
  const expired = watch();
  await expect.poll(() => hits("compact")).toBe(1);
  const [last] = (await expired).text.trimEnd().split("\n").slice(-1);
  expect(JSON.parse(last ?? "")).toMatchObject({
    type: "ERROR",
    object: {
      code: 410,
      reason: "Expired",
      message: "The resourceVersion for the provided watch is too old.",
    },
  });
  const late = await ask("/api/v1/nodes?watch=true&resourceVersion=1");
  expect(late.text).toMatch(/"message":"too old resource version: 1 \(\d+\)","reason":"Expired"/);
});

it("away refuses connections, and comes back at the same address with the same state", async () => {
  const { sandbox, ask } = await start();
  await ask(settings, { method: "POST", body: config });
  const open = ask("/api/v1/nodes?watch=true");
  open.catch(() => undefined);
  await sandbox.faults.inject({ type: "away", milliseconds: 300 });
  await expect(ask(pods)).rejects.toThrow(/ECONNREFUSED/);
  expect((await sandbox.faults.list()).map(({ type, state }) => [type, state])).toEqual([["away", "on"]]);
  const code = () =>
    ask(`${settings}/settings`).then(
      (answer) => answer.code,
      () => 0,
    );
  await expect.poll(code, { timeout: 10_000 }).toBe(200);
  expect(await sandbox.faults.list()).toEqual([]);
});

it("away ends early when it is cleared, which can be asked for meanwhile", async () => {
  const { sandbox, ask } = await start();
  const server = controlOf(sandbox);
  const spec = { type: "away", milliseconds: 600_000 };
  expect((await ask("/sandbox.sts/faults", { method: "POST", body: spec, server })).code).toBe(201);
  await sandbox.faults.inject({ type: "away", milliseconds: 500_000 });
  await expect(ask(pods)).rejects.toThrow(/ECONNREFUSED/);
  const cleared = await ask("/sandbox.sts/faults/away", { method: "DELETE", server });
  expect(JSON.parse(cleared.text)).toMatchObject({ items: [{ name: "away-2", milliseconds: 500_000 }] });
  expect((await ask(pods)).code).toBe(200);
});

it("away ends only when nobody else has the address, and says so", async () => {
  const { sandbox, ask, log } = await start();
  const control = controlOf(sandbox);
  const { port } = new URL(sandbox.server);
  await sandbox.faults.inject({ type: "away", milliseconds: 600_000 });
  const occupier = createServer().listen(Number(port), "127.0.0.1");
  await once(occupier, "listening");
  const clear = () => ask("/sandbox.sts/faults", { method: "DELETE", server: control });
  const refused = await clear();
  expect([refused.code, JSON.parse(refused.text).message]).toEqual([
    503,
    `the API cannot come back: another process listens at 127.0.0.1:${port}`,
  ]);
  // A shorter absence takes the place of the long one; it tries to end by itself.
  await sandbox.faults.inject({ type: "away", milliseconds: 1 });
  const said = () => log.flatMap((entry) => (entry.type === "fault" ? entry.text : []));
  const why = `away: the API cannot come back yet: another process listens at 127.0.0.1:${port}`;
  await expect.poll(said).toContain(why);
  expect((await sandbox.faults.list()).map(({ name }) => name)).toEqual(["away-2"]);
  occupier.close();
  await expect.poll(async () => (await sandbox.faults.list()).length, { timeout: 10_000 }).toBe(0);
  expect((await ask(pods)).code).toBe(200);
  expect(said().filter((text) => text === why)).toHaveLength(1);
});

it("a sandbox that is away can be stopped", async () => {
  const { sandbox, ask } = await start();
  await sandbox.faults.inject({ type: "away", milliseconds: 100 });
  // In the middle of coming back, too.
  const cleared = sandbox.faults.clear();
  await running.pop()?.stop();
  await cleared;
  await expect(ask(pods)).rejects.toThrow(/ECONNREFUSED/);
});

it("the control has an address of its own, which faults do not fall upon, for the administrator alone", async () => {
  const { sandbox, ask } = await start();
  const server = controlOf(sandbox, "secret");
  const faults = "/sandbox.sts/faults";
  const put = await ask(faults, { server, method: "POST", body: { type: "error", resources: ["sts"] } });
  expect(JSON.parse(put.text)).toMatchObject({
    name: "error-1",
    state: "on",
    resources: ["statefulsets.apps"],
  });
  await sandbox.faults.inject({ type: "error" });
  const listed = await ask(faults, { server });
  expect(JSON.parse(listed.text).items).toMatchObject([{ name: "error-1" }, { name: "error-2", seen: 0 }]);
  const refused: [string, Asked, number][] = [
    [faults, { token: "secret" }, 403],
    [faults, { token: "wrong" }, 401],
    [faults, { method: "POST", body: { type: "flood" } }, 400],
    [faults, { method: "PUT", body: {} }, 405],
    [`${faults}/error-1`, { method: "POST", body: { type: "cut" } }, 405],
    ["/api/v1/pods", {}, 404],
    [`${faults}/%zz`, { method: "DELETE" }, 400],
    [faults, { method: "POST", body: { type: "kill-node", node: "node-9" } }, 404],
  ];
  for (const [path, how, code] of refused) {
    const answer = await ask(path, { ...how, server });
    expect([path, how, JSON.parse(answer.text).code]).toEqual([path, how, code]);
  }
  expect(JSON.parse((await ask(faults, { server, method: "DELETE" })).text).items).toHaveLength(2);
  expect((await ask("/sandbox.sts/faults")).code, "not of the API").toBe(404);
});

it("a node is lost with what runs on it, takes nothing new, and comes back", async () => {
  const { sandbox } = await start();
  const { port, faults } = sandbox;
  const node = async () => {
    const found = await port.get("nodes", { name: "node-1" });
    const taints = ((found?.["spec"].taints ?? []) as { key: string; effect: string }[]).map(
      ({ key, effect }) => `${key}:${effect}`,
    );
    return { ready: found?.["status"].conditions[0].status, taints };
  };
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } };
  const spec = { serviceName: "web", selector: { matchLabels: labels }, replicas: 2, template };
  await port.create("statefulsets", { metadata: { name: "web", namespace: "default" }, spec });
  const ready = async (name: string) => {
    const pod = await port.get("pods", { namespace: "default", name });
    const conditions = (pod?.["status"]?.conditions ?? []) as { type: string; status: string }[];
    return conditions.find(({ type }) => type === "Ready")?.status;
  };
  await expect.poll(() => ready("web-1"), { timeout: 10_000 }).toBe("True");
  const nodeOf = async (name: string) =>
    (await port.get("pods", { namespace: "default", name }))?.["spec"].nodeName;
  const there = (await nodeOf("web-0")) === "node-1" ? "web-0" : "web-1";
  expect(await nodeOf(there)).toBe("node-1");
  await faults.inject({ type: "kill-node", node: "node-1" });
  await expect.poll(() => ready(there), { timeout: 10_000 }).toBe("False");
  await expect.poll(node).toEqual({
    ready: "Unknown",
    taints: ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"],
  });
  // Five minutes at a hundredth: the pod is evicted, and stays, as nobody stops it.
  const terminating = async () =>
    (await port.get("pods", { namespace: "default", name: there }))?.metadata.deletionTimestamp !== undefined;
  await expect.poll(terminating, { timeout: 20_000 }).toBe(true);
  const { uid } = (await port.get("pods", { namespace: "default", name: there }))?.metadata ?? {};
  expect(await faults.list()).toMatchObject([{ name: "node-1", type: "kill-node", state: "on" }]);
  await faults.clear();
  await expect.poll(node).toEqual({ ready: "True", taints: [] });
  const another = async () => {
    const pod = await port.get("pods", { namespace: "default", name: there });
    return pod !== undefined && pod.metadata.uid !== uid && (await ready(there)) === "True";
  };
  await expect.poll(another, { timeout: 10_000 }).toBe(true);
});

it("the log has a line for each request, for watches two, and for faults", async () => {
  const { sandbox, ask, log } = await start();
  await sandbox.faults.inject({ type: "error", verbs: ["list"], every: 2 });
  await ask(pods);
  await ask(`${pods}?limit=5`);
  await ask("/api/v1/nodes?watch=true&timeoutSeconds=1");
  const lines = () =>
    log
      .map(formatEntry)
      .filter((line) => !line.includes("Z error: "))
      .map((line) => line.replace(/^\S+Z /, "").replace(/ \d+ms /, " Nms "));
  await expect
    .poll(lines)
    .toEqual([
      "fault: error --verb=list --every=2 (error-1)",
      `200 list Nms ${pods} tests/1.0`,
      `500 list Nms ${pods}?limit=5 tests/1.0 fault=error`,
      "... watch /api/v1/nodes?watch=true&timeoutSeconds=1 tests/1.0",
      "200 watch Nms /api/v1/nodes?watch=true&timeoutSeconds=1 tests/1.0",
    ]);
});
