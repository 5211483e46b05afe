import { expect, test } from "vitest";
import type { MirrorOptions } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import { FakeWatch, silence } from "../../support/fake-api-server.js";
import { until } from "../../support/fake-clock.js";
import { rig } from "../support.js";
import { PODS, bookmark, expired, listed, logged, pod, watchPods } from "./support.js";

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

test("of each object its projection is all that is kept, and all that changes tell of", async () => {
  const made = await rig();
  const watch = new FakeWatch();
  made.server.on(PODS, listed(5, pod("web-0", "a", 3)), watch.answer);
  const told: unknown[] = [];
  const stop = new AbortController();
  const options: MirrorOptions<string> = { signal: stop.signal, onChange: (change) => told.push(change) };
  const mirror = made.cluster.mirror(kinds.pod, {}, options, ({ metadata }) => metadata.name.toUpperCase());
  await mirror.ready;
  expect([...mirror.items]).toEqual([["a", "WEB-0"]]);
  await until(() => watch.isOpen, "the watch");
  watch.send(
    { type: "ADDED", object: pod("web-1", "b", 6) },
    { type: "MODIFIED", object: pod("web-0", "a", 7) },
    { type: "MODIFIED", object: pod("web-0", "a", 7) },
    { type: "DELETED", object: pod("web-1", "b", 8) },
  );
  await until(() => told.length === 4, "four changes");
  expect(told).toEqual([
    { type: "synced" },
    { type: "added", object: "WEB-1" },
    { type: "modified", object: "WEB-0", previous: "WEB-0" },
    { type: "deleted", object: "WEB-1" },
  ]);
  expect([...mirror.items]).toEqual([["a", "WEB-0"]]);
  stop.abort();
});

test("an object is found by its name, also after it was made anew", async () => {
  const made = await rig();
  const watch = new FakeWatch();
  made.server.on(PODS, listed(5, pod("web-0", "old", 3), pod("web-1", "b", 4)), watch.answer);
  const { mirror, log } = watchPods(made);
  await mirror.ready;
  const uidOf = (name: string) => mirror.named({ namespace: "default", name })?.metadata.uid;
  expect([uidOf("web-0"), uidOf("web-1"), uidOf("web-2")]).toEqual(["old", "b", undefined]);
  await until(() => watch.isOpen, "the watch");
  watch.send(
    { type: "ADDED", object: pod("web-0", "new", 6) },
    { type: "DELETED", object: pod("web-0", "old", 7) },
    { type: "DELETED", object: pod("web-1", "b", 8) },
  );
  await logged(log, "deleted web-1/b@8");
  expect([uidOf("web-0"), uidOf("web-1")]).toEqual(["new", undefined]);
  expect(mirror.named({ namespace: "other", name: "web-0" })).toBeUndefined();
});
