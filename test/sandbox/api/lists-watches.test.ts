import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Watches } from "../../../src/sandbox/api/watches.js";
import { startServer, type TestServer } from "./support.js";

let server: TestServer;
beforeEach(async () => {
  server = await startServer({ history: 10, watches: new Watches(20) });
});
afterEach(() => server.close());

const maps = "/api/v1/namespaces/default/configmaps";
const create = (name: string, labels: object = {}) =>
  server.call(maps, { body: { metadata: { name, labels } } });
const label = (name: string, labels: object) =>
  server.call(`${maps}/${name}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/merge-patch+json" },
    body: { metadata: { labels } },
  });
const names = (body: { items: { metadata: { name: string } }[] }) =>
  body.items.map(({ metadata }) => metadata.name);

describe("a list", () => {
  it("comes in pages that show one moment", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await create(name);
    const first = await server.call(`${maps}?limit=2`);
    expect(names(first.body)).toEqual(["a", "b"]);
    expect(first.body.metadata.remainingItemCount).toBe(3);
    await create("bb");
    await server.call(`${maps}/d`, { method: "DELETE" });
    const second = await server.call(`${maps}?limit=2&continue=${first.body.metadata.continue}`);
    expect(names(second.body)).toEqual(["c", "d"]);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    const third = await server.call(`${maps}?limit=2&continue=${second.body.metadata.continue}`);
    expect(names(third.body)).toEqual(["e"]);
    expect(third.body.metadata.continue).toBeUndefined();
  });

  it("whose moment is forgotten says how to go on", async () => {
    for (const name of ["a", "b", "c"]) await create(name);
    const first = await server.call(`${maps}?limit=1`);
    await create("d");
    server.resources.store.compact();
    const late = await server.call(`${maps}?limit=1&continue=${first.body.metadata.continue}`);
    expect(late).toMatchObject({ code: 410, body: { reason: "Expired" } });
    const rest = await server.call(`${maps}?continue=${late.body.metadata.continue}`);
    expect(names(rest.body)).toEqual(["b", "c", "d"]);
  });

  it.each([
    ["labelSelector=app%3Dweb", ["a", "b"]],
    ["labelSelector=app%20in%20(web,db)", ["a", "b", "c"]],
    ["labelSelector=app%20notin%20(web)", ["c", "d"]],
    ["labelSelector=app,tier%21%3Dfront", ["b", "c"]],
    ["labelSelector=!app", ["d"]],
    ["labelSelector=constructor", []],
    ["fieldSelector=metadata.name%3Db", ["b"]],
    ["fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault", ["a", "c", "d"]],
  ])("is narrowed by %s", async (query, wanted) => {
    await create("a", { app: "web", tier: "front" });
    await create("b", { app: "web" });
    await create("c", { app: "db" });
    await create("d");
    expect(names((await server.call(`${maps}?${query}`)).body)).toEqual(wanted);
    expect(names((await server.call(`/api/v1/configmaps?${query}`)).body)).toEqual(wanted);
  });
});

describe("a watch", () => {
  it("goes on from a version, with what happened since", async () => {
    const { resourceVersion } = (await create("a")).body.metadata;
    await create("b");
    const watch = await server.watch(`${maps}?watch=1&resourceVersion=${resourceVersion}`);
    expect(await watch.next()).toMatchObject({
      type: "ADDED",
      object: { kind: "ConfigMap", metadata: { name: "b" } },
    });
    await label("b", { x: "y" });
    expect(await watch.next()).toMatchObject({
      type: "MODIFIED",
      object: { metadata: { labels: { x: "y" } } },
    });
    const revision = server.resources.store.revision;
    await server.call(`${maps}/b`, { method: "DELETE" });
    const last = await watch.next();
    expect(last).toMatchObject({ type: "DELETED", object: { metadata: { name: "b" } } });
    expect(Number(last.object.metadata.resourceVersion)).toBe(revision + 1);
    watch.close();
  });

  it("of a selection is told of what enters and leaves it", async () => {
    await create("a", { app: "web" });
    await create("b");
    const watch = await server.watch(`${maps}?watch=1&labelSelector=app%3Dweb`);
    expect(await watch.next()).toMatchObject({ type: "ADDED", object: { metadata: { name: "a" } } });
    await label("b", { app: "web" });
    expect(await watch.next()).toMatchObject({ type: "ADDED", object: { metadata: { name: "b" } } });
    const left = await label("a", { app: "db" });
    const event = await watch.next();
    expect(event).toMatchObject({ type: "DELETED", object: { metadata: { labels: { app: "web" } } } });
    expect(event.object.metadata.resourceVersion).toBe(left.body.metadata.resourceVersion);
    watch.close();
  });

  it("from a forgotten version gets 410 within the stream", async () => {
    await create("a");
    server.resources.store.compact();
    const watch = await server.watch(`${maps}?watch=1&resourceVersion=2`);
    const { type, object } = await watch.next();
    expect({ type, object }).toMatchObject({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired" },
    });
    expect(object.message).toMatch(/^too old resource version: 2 \(\d+\)$/);
    await watch.ended;
  });

  it("gets bookmarks when it asks for them", async () => {
    await create("a");
    const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const watch = await server.watch(`${maps}?watch=1&${initial}`);
    expect((await watch.next()).type).toBe("ADDED");
    expect((await watch.next()).object.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
    const revision = String(server.resources.store.revision);
    const { type, object } = await watch.next();
    expect(type).toBe("BOOKMARK");
    expect(object.metadata).toEqual({ resourceVersion: revision });
    watch.close();
  });

  it("ends after its time, and when it is cut", async () => {
    const timed = await server.watch(`${maps}?watch=1&timeoutSeconds=1`);
    const cut = await server.watch(`${maps}?watch=1`);
    await timed.ended;
    server.watches.drop();
    await cut.ended;
    expect((await create("after")).code).toBe(201);
  });
});
