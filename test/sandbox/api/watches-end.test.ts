import assert from "node:assert";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { connect } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import type { Transformer } from "../../../src/sandbox/api/transformation.js";
import { watchAnswer, Watches } from "../../../src/sandbox/api/watches.js";
import type { Change } from "../../../src/sandbox/store/history.js";
import { startServer, type TestServer } from "./support.js";

/** Remembers the answers that were watches without keeping them. */
class RememberingWatches extends Watches {
  readonly answers: WeakRef<ServerResponse>[] = [];

  override add(response: ServerResponse): void {
    this.answers.push(new WeakRef(response));
    super.add(response);
  }
}

let server: TestServer;
let watches: RememberingWatches;
let subscriptions: number;

beforeEach(async () => {
  watches = new RememberingWatches();
  server = await startServer({ watches, history: 5 });
  const { store } = server.resources;
  const subscribe = store.subscribe.bind(store);
  subscriptions = 0;
  store.subscribe = (resource: string, listener: (change: Change) => void) => {
    const stop = subscribe(resource, listener);
    subscriptions += 1;
    return () => {
      subscriptions -= 1;
      stop();
    };
  };
});
afterEach(() => server.close());

const maps = "/api/v1/namespaces/default/configmaps";
const watching = `${maps}?watch=1&allowWatchBookmarks=true`;
const patience = 30_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Waits until nobody holds the answers any more: no timer, no subscription, no list of watches. */
async function letGo(): Promise<void> {
  const until = Date.now() + patience;
  const held = () => watches.answers.filter((answer) => answer.deref()).length;
  for (collectGarbage(); held() > 0; collectGarbage()) {
    if (Date.now() > until) throw new Error(`${held()} of ${watches.answers.length} watches are still held`);
    await pause(20);
  }
}

const open = () => subscriptions;
const subscribed = (count: number) => expect.poll(open, { timeout: patience }).toBe(count);

it("a client that reads nothing is cut off, and let go", { timeout: 60_000 }, async () => {
  const port = inProcessPort(server.resources, "test");
  const target = { namespace: "default", name: "large" };
  await server.call(maps, { body: { metadata: { name: "large" }, data: { text: "x".repeat(1_000_000) } } });
  const { hostname: host, port: number } = new URL(server.url);
  const socket = connect({ host, port: Number(number), ca: server.ca }).on("error", () => undefined);
  socket.write(`GET ${watching} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\n\r\n`);
  await subscribed(1);
  // A megabyte each: sixteen wait in the server, what the system takes besides is no more than a few times that.
  for (let written = 0; open() > 0; written++) {
    expect(written).toBeLessThan(200);
    await port.patch("configmaps", target, { metadata: { labels: { written: String(written) } } });
    await turn();
  }
  await letGo();
  socket.destroy();
  expect((await server.call("/version")).code).toBe(200);
});

it("a watch of more than a slow client may leave waiting begins with all of it", async () => {
  const port = inProcessPort(server.resources, "test");
  const names = Array.from({ length: 20 }, (_, serial) => `large-${serial + 10}`);
  const data = { text: "x".repeat(1_000_000) };
  for (const name of names) await port.create("configmaps", { metadata: { name }, data });
  const watch = await server.watch(`${maps}?watch=1`);
  const seen: string[] = [];
  while (seen.length < names.length) seen.push((await watch.next()).object.metadata.name);
  expect(seen).toEqual(names);
  watch.close();
  await subscribed(0);
});

it("400 watches leave nothing behind, however they end", { timeout: 120_000 }, async () => {
  const ends: [string, (opened: Awaited<ReturnType<TestServer["watch"]>>[]) => void][] = [
    [watching, (opened) => opened.forEach((watch) => watch.close())],
    [watching, () => expect(watches.drop()).toBe(100)],
    [watching, () => expect(watches.expire()).toBe(100)],
    [`${watching}&timeoutSeconds=1`, () => undefined],
  ];
  for (const [path, end] of ends) {
    const opened = await Promise.all(Array.from({ length: 100 }, () => server.watch(path)));
    end(opened);
    await Promise.all(opened.map(({ ended }) => ended));
    await subscribed(0);
    expect(watches.drop()).toBe(0);
  }
  expect(watches.answers).toHaveLength(400);
  await letGo();
});

it("a client that is gone before its watch begins is not waited for", () => {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.destroy();
  const kind = server.resources.kind("configmaps");
  const query = new URLSearchParams("watch=1");
  const answer = watchAnswer(server.resources, watches, { kind, namespace: "default", query });
  if ("stream" in answer) answer.stream(response);
  expect(subscriptions).toBe(0);
  expect(watches.drop()).toBe(0);
});

it("a watch for a month is not over at once", async () => {
  const [month, second] = await Promise.all([
    server.watch(`${maps}?watch=1&timeoutSeconds=2592000`),
    server.watch(`${maps}?watch=1&timeoutSeconds=1`),
  ]);
  const first = [month.ended.then(() => "the month"), second.ended.then(() => "the second")];
  expect(await Promise.race(first)).toBe("the second");
  month.close();
  await subscribed(0);
});

it("a watch that cannot show a change is ended with an error: the write and other watches do not notice", async () => {
  const { store } = server.resources;
  const kind = server.resources.kind("configmaps");
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const lines: string[] = [];
  const end = response.end.bind(response);
  Object.assign(response, { end: (text: string) => (lines.push(text), end()) });
  const broken = { event: () => assert.fail("cannot show it") } as unknown as Transformer;
  const query = new URLSearchParams("watch=1");
  const request = { kind, namespace: "default", query, transformer: broken };
  const answer = watchAnswer(server.resources, watches, request);
  if ("stream" in answer) answer.stream(response);
  const other = await server.watch(`${maps}?watch=1`);
  await subscribed(2);
  const written = await server.call(maps, { body: { metadata: { name: "settings" } } });
  expect(written.code).toBe(201);
  expect(store.get("configmaps", "default/settings")?.metadata.uid).toBe(written.body.metadata.uid);
  expect((await other.next()).object.metadata.name).toBe("settings");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { type: "ERROR", object: { code: 500, message: "Internal error occurred: cannot show it" } },
  ]);
  other.close();
});
