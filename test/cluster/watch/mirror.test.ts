import { expect, test } from "vitest";
import type { Mirror, MirrorOptions } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import type { Pod } from "../../../src/core/model.js";
import { FakeWatch, hangUp, json, plain, silence, status } from "../../support/fake-api-server.js";
import { until } from "../../support/fake-clock.js";
import { type Rig, rig } from "../support.js";

const PODS = "GET /api/v1/namespaces/default/pods";

const pod = (name: string, uid: string, resourceVersion: number, more: object = {}): object => ({
  metadata: { name, uid, namespace: "default", resourceVersion: String(resourceVersion), ...more },
});
const listed = (resourceVersion: number, ...items: object[]) =>
  json({ metadata: { resourceVersion: String(resourceVersion) }, items });
const bookmark = (resourceVersion: number) => ({ type: "BOOKMARK", object: pod("", "", resourceVersion) });
const expired = status(410, "Expired", "too old resource version: 1 (9)");

interface Watched {
  mirror: Mirror<Pod>;
  /** `added web-0@5`, `lost`, `back`, in order. */
  log: string[];
  options: MirrorOptions<Pod>;
  stop: AbortController;
}

function watchPods({ cluster }: Rig): Watched {
  const log: string[] = [];
  const stop = new AbortController();
  const options: MirrorOptions<Pod> = {
    signal: stop.signal,
    onChange(change) {
      if (change.type === "synced") return void log.push("synced");
      const { name, uid, resourceVersion } = change.object.metadata;
      log.push(`${change.type} ${name}/${uid}@${resourceVersion}`);
    },
    onContact: (lost) => log.push(lost ? `lost: ${lost.error.message.split("\n", 1)[0]}` : "back"),
  };
  return { mirror: cluster.mirror(kinds.pod, { labelSelector: "app=web" }, options), log, options, stop };
}

const logged = (log: string[], line: string): Promise<void> =>
  until(() => log.includes(line), `${line} in ${log.join()}`);

test("lists once, then follows one watch from there", async () => {
  const made = await rig();
  const watch = new FakeWatch();
  made.server.on(PODS, listed(5, pod("web-0", "a", 3)), watch.answer);
  const { mirror, log } = watchPods(made);
  await mirror.ready;
  expect([...mirror.items.keys()]).toEqual(["a"]);
  expect(log).toEqual(["synced"]);
  await until(() => watch.isOpen, "the watch");
  watch.send(
    { type: "ADDED", object: pod("web-1", "b", 6) },
    { type: "MODIFIED", object: pod("web-0", "a", 7) },
    { type: "DELETED", object: pod("web-1", "b", 8) },
  );
  await logged(log, "deleted web-1/b@8");
  expect(log).toEqual(["synced", "added web-1/b@6", "modified web-0/a@7", "deleted web-1/b@8"]);
  expect(watch.received?.query).toEqual({
    labelSelector: "app=web",
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: "5",
    timeoutSeconds: "450",
  });
  expect(made.cluster.requests).toBe(2);
});

test("a watch that ends is resumed from the last event or bookmark, without a word", async () => {
  const made = await rig();
  const [first, second, third] = [new FakeWatch(), new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), first.answer, second.answer, third.answer);
  const { log } = watchPods(made);
  await until(() => first.isOpen, "the first watch");
  first.send({ type: "ADDED", object: pod("web-0", "a", 6) });
  await logged(log, "added web-0/a@6");
  first.end();
  await until(() => second.isOpen, "the second watch");
  expect(second.received?.query.resourceVersion).toBe("6");
  second.send(bookmark(40));
  second.end();
  await until(() => third.isOpen, "the third watch");
  expect(third.received?.query.resourceVersion).toBe("40");
  expect(log).toEqual(["synced", "added web-0/a@6"]);
});

test.each([
  ["as an answer", (gone: FakeWatch) => [gone.answer], () => expired],
  ["as an ERROR event", (gone: FakeWatch) => [gone.answer], undefined],
])("410 %s leads to a new list, compared by UID", async (_, __, answer) => {
  const made = await rig();
  const [first, again] = [new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5, pod("web-0", "old", 3), pod("web-1", "b", 4)), first.answer);
  if (answer) made.server.on(PODS, answer());
  made.server.on(PODS, listed(90, pod("web-0", "new", 80), pod("web-1", "b", 4)), again.answer);
  const { log } = watchPods(made);
  await until(() => first.isOpen, "the watch");
  if (answer) {
    first.send(bookmark(6));
    first.end();
  } else {
    first.send({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired", message: "too old" },
    });
  }
  await until(() => again.isOpen, "the watch after the list");
  expect(log).toEqual(["synced", "deleted web-0/old@3", "added web-0/new@80"]);
  expect(again.received?.query.resourceVersion).toBe("90");
});

test("410 again and again is waited out, not hammered", async () => {
  const made = await rig();
  const watch = new FakeWatch();
  made.server.on(PODS, listed(5), expired, listed(6), expired, listed(7), watch.answer);
  const { log } = watchPods(made);
  // The second time in a row counts as trouble.
  await made.clock.pass(1, 10_000);
  await until(() => watch.isOpen, "the watch");
  await logged(log, "back");
  expect(log[1]).toMatch(/^lost: Error from server \(Expired\)/);
});

test("a line that is cut is dropped, and the watch resumed before it", async () => {
  const made = await rig();
  const [first, second] = [new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), first.answer, second.answer);
  const { log } = watchPods(made);
  await until(() => first.isOpen, "the watch");
  const text = Buffer.from(`${JSON.stringify({ type: "ADDED", object: pod("wéb-0", "a", 6) })}\n`);
  const middle = text.indexOf(0xa9);
  first.write(text.subarray(0, middle));
  first.write(text.subarray(middle));
  await logged(log, "added wéb-0/a@6");
  first.write('{"type":"MODIFIED","object":{"metadata":{"name":"w');
  first.cut();
  await made.clock.pass(1, 1000);
  await until(() => second.isOpen, "the second watch");
  expect(second.received?.query.resourceVersion).toBe("6");
  await logged(log, "back");
  expect(log.slice(2)).toEqual([
    expect.stringMatching(/^lost: Unable to connect to the server: unexpected EOF/),
    "back",
  ]);
});

test("an event that is no JSON, and an ERROR event other than 410, are outages that heal", async () => {
  const made = await rig();
  const [first, second, third] = [new FakeWatch(), new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), first.answer, second.answer, third.answer);
  const { log } = watchPods(made);
  await until(() => first.isOpen, "the first watch");
  first.write("<html>\n");
  await made.clock.pass(1, 1000);
  await until(() => second.isOpen, "the second watch");
  second.send({
    type: "ERROR",
    object: { kind: "Status", code: 500, reason: "InternalError", message: "etcd" },
  });
  await made.clock.pass(1, 1000);
  await until(() => third.isOpen, "the third watch");
  expect(third.received?.query.resourceVersion).toBe("5");
  await until(() => log.length === 5, "being back");
  expect(log).toEqual([
    "synced",
    "lost: Unable to connect to the server: a watch event was not JSON",
    "back",
    "lost: Error from server (InternalError): etcd",
    "back",
  ]);
});

test("duplicate and late events change nothing", async () => {
  const made = await rig();
  const watch = new FakeWatch();
  made.server.on(PODS, listed(5, pod("web-0", "a", 5)), watch.answer);
  const { log, mirror } = watchPods(made);
  await until(() => watch.isOpen, "the watch");
  watch.send(
    { type: "MODIFIED", object: pod("web-0", "a", 8) },
    { type: "MODIFIED", object: pod("web-0", "a", 8) },
    { type: "MODIFIED", object: pod("web-0", "a", 7) },
    { type: "DELETED", object: pod("web-0", "a", 9) },
    { type: "MODIFIED", object: pod("web-0", "a", 6) },
    { type: "ADDED", object: pod("web-9", "z", 10) },
  );
  await logged(log, "added web-9/z@10");
  expect(log).toEqual(["synced", "modified web-0/a@8", "deleted web-0/a@9", "added web-9/z@10"]);
  expect([...mirror.items.keys()]).toEqual(["z"]);
});

test("a connection that falls silent is given up after its bookmarks are overdue", async () => {
  const made = await rig();
  const [dead, second] = [new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), dead.answer, second.answer);
  const { log } = watchPods(made);
  await until(() => dead.isOpen, "the watch");
  dead.send({ type: "ADDED", object: pod("web-0", "a", 6) });
  await logged(log, "added web-0/a@6");
  made.clock.advance(60_000);
  dead.send({ type: "MODIFIED", object: pod("web-0", "a", 7) });
  await logged(log, "modified web-0/a@7");
  await made.clock.pass(75_000);
  expect(log.some((line) => line.startsWith("lost"))).toBe(false);
  await made.clock.pass(60_000);
  await until(() => log.some((line) => line.startsWith("lost")), "the loss");
  await made.clock.pass(1, 1000);
  await until(() => second.isOpen, "the second watch");
  expect(second.received?.query.resourceVersion).toBe("7");
  expect(log).toContain("lost: Unable to connect to the server: nothing was heard for 75s");
});

test("an outage is reported once, with longer and longer pauses, and so is its end", async () => {
  const made = await rig({}, { random: () => 1 });
  const [first, last] = [new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), first.answer);
  // A GET that was hung up on is sent once more by itself.
  made.server.on(
    PODS,
    hangUp,
    hangUp,
    hangUp,
    hangUp,
    status(500, "InternalError", "no"),
    plain("busy", 502),
    last.answer,
  );
  const { log } = watchPods(made);
  await until(() => first.isOpen, "the watch");
  first.cut();
  const pauses: number[] = [];
  for (let failure = 0; failure < 5; failure += 1) pauses.push(await made.clock.pass(200, 10_000));
  await until(() => last.isOpen, "the last watch");
  expect(pauses.map(Math.round)).toEqual([250, 500, 1000, 2000, 4000]);
  await logged(log, "back");
  expect(log.filter((line) => line.startsWith("lost"))).toHaveLength(1);
});

test("429 with Retry-After is obeyed", async () => {
  const made = await rig({}, { random: () => 0 });
  const watch = new FakeWatch();
  const busy = status(429, "TooManyRequests", "busy", { "retry-after": "7" });
  made.server.on(PODS, listed(5), busy, watch.answer);
  const { log } = watchPods(made);
  await made.clock.pass(7000);
  await until(() => watch.isOpen, "the watch");
  expect(log).toEqual(["synced"]);
});

test("a token that was replaced is read again on 401", async () => {
  let token = "first";
  const readFile = (): Buffer => Buffer.from(token);
  const made = await rig({ credentials: { tokenFile: "/token" } }, { readFile });
  const [first, second] = [new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), first.answer, status(401, "Unauthorized", "Unauthorized"), second.answer);
  const { log } = watchPods(made);
  await until(() => first.isOpen, "the watch");
  token = "second";
  first.send(bookmark(6));
  first.end();
  await until(() => second.isOpen, "the second watch");
  expect(made.server.received.map(({ headers }) => headers.authorization)).toEqual([
    ...Array<string>(3).fill("Bearer first"),
    "Bearer second",
  ]);
  expect(log).toEqual(["synced"]);
});

test.each([
  [status(403, "Forbidden", "pods is forbidden"), "Error from server (Forbidden): pods is forbidden"],
  [status(404, "NotFound", "no such resource"), "Error from server (NotFound): no such resource"],
  [status(401, "Unauthorized", "Unauthorized"), "error: You must be logged in to the server (Unauthorized)"],
])("a refused first list rejects", async (answer, message) => {
  const made = await rig();
  made.server.on(PODS, answer);
  const { mirror, log } = watchPods(made);
  await expect(mirror.ready).rejects.toThrow(message);
  expect(log).toEqual([]);
  expect(made.cluster.requests).toBe(1);
});

test("a first list in trouble is tried three times", async () => {
  const made = await rig();
  const broken = status(500, "InternalError", "etcd");
  made.server.on(PODS, broken, broken, broken);
  const { mirror } = watchPods(made);
  await made.clock.pass(1, 1000);
  await made.clock.pass(1, 1000);
  await expect(mirror.ready).rejects.toThrow("etcd");
});

test("a stopped mirror asks for nothing more, and one that was never ready says so", async () => {
  const made = await rig();
  const watch = new FakeWatch();
  made.server.on(PODS, listed(5), watch.answer, silence);
  const { mirror, stop, log } = watchPods(made);
  await until(() => watch.isOpen, "the watch");
  stop.abort();
  await until(() => !watch.isOpen, "the end of the watch");
  expect(made.cluster.requests).toBe(2);
  expect(log).toEqual(["synced"]);
  mirror.stop();
  const second = watchPods(made);
  await until(() => made.server.received.length === 3, "the second list");
  second.mirror.stop();
  await expect(second.mirror.ready).rejects.toThrow();
});

test("an accepted watch that is hung up at once is not asked for again without a pause", async () => {
  const made = await rig();
  const [first, second] = [new FakeWatch(), new FakeWatch()];
  made.server.on(PODS, listed(5), first.answer, second.answer);
  watchPods(made);
  await until(() => first.isOpen, "the watch");
  first.end();
  await made.clock.pass(1, 1000);
  await until(() => second.isOpen, "the second watch");
});
