import { expect, test } from "vitest";
import { FakeWatch, hangUp, plain, status } from "../../support/fake-api-server.js";
import { until } from "../../support/fake-clock.js";
import { rig } from "../support.js";
import { PODS, bookmark, listed, logged, pod, watchPods } from "./support.js";

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
