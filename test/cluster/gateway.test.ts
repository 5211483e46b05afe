import { expect, test } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Volume } from "../../src/core/model.js";
import { type Answer, type FakeApiServer, hangUp, json, plain, status } from "../support/fake-api-server.js";
import { until } from "../support/fake-clock.js";
import { rig } from "./support.js";

const sets = "/apis/apps/v1/namespaces/default/statefulsets";

test("get reads one object, with every field that the server sent", async () => {
  const { server, cluster } = await rig();
  const web = { metadata: { name: "web" }, spec: { unheardOf: { of: [1] } } };
  server.on(`GET ${sets}/web`, json(web));
  expect(await cluster.get(kinds.statefulSet, { name: "web" })).toEqual(web);
  expect(server.received[0]?.headers).toMatchObject({ accept: "application/json", "user-agent": "sts/test" });
  expect(cluster.requests).toBe(1);
});

test("kinds without a namespace have none in their path, and names are escaped", async () => {
  const { server, cluster } = await rig();
  server.on("GET /api/v1/persistentvolumes/a%2Fb", json({}));
  await cluster.get(kinds.volume, { name: "a/b", namespace: "ignored" });
});

test("list reads pages of 500, projects each object, and gives items their kind", async () => {
  const { server, cluster } = await rig();
  server.on(
    "GET /api/v1/pods",
    json({ metadata: { resourceVersion: "7", continue: "next" }, items: [{ metadata: { name: "a" } }] }),
    json({ metadata: { resourceVersion: "7" }, items: [{ metadata: { name: "b" } }] }),
  );
  const scope = { allNamespaces: true, labelSelector: "app=web,tier!=x", fieldSelector: "spec.nodeName=n" };
  const listed = await cluster.list(kinds.pod, scope, ({ kind, apiVersion, metadata }) => [
    kind,
    apiVersion,
    metadata.name,
  ]);
  expect(listed).toEqual({
    items: [
      ["Pod", "v1", "a"],
      ["Pod", "v1", "b"],
    ],
    resourceVersion: "7",
  });
  const selectors = { labelSelector: "app=web,tier!=x", fieldSelector: "spec.nodeName=n", limit: "500" };
  expect(server.received.map(({ query }) => query)).toEqual([selectors, { ...selectors, continue: "next" }]);
});

test("a list whose continue token expires begins again, and counts nothing twice", async () => {
  const { server, cluster } = await rig();
  const page = (name: string, next?: string) =>
    json({ metadata: { resourceVersion: "9", continue: next }, items: [{ metadata: { name } }] });
  server.on(
    "GET /api/v1/namespaces/db/pods",
    page("a", "next"),
    status(410, "Expired", "The provided continue parameter is too old"),
    page("b"),
  );
  const { items } = await cluster.list(kinds.pod, { namespace: "db" });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  expect(server.received[2]?.query).toEqual({});
});

test("a page that is not JSON is an error, whatever was asked for ahead", async () => {
  const { server, cluster } = await rig();
  const start =
    '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"bmV4dA=="},';
  server.on("GET /api/v1/namespaces/default/pods", plain(`${start}"items":[oops`));
  await expect(cluster.list(kinds.pod)).rejects.toThrow("not JSON");
});

/** The two halves of a page: up to its items, and the rest. */
function halves(name: string, next?: string): [string, string] {
  const metadata = JSON.stringify({ resourceVersion: "7", ...(next && { continue: next }) });
  return [`{"kind":"PodList","apiVersion":"v1","metadata":${metadata},`, `"items":[${podText(name)}]}`];
}

const podText = (name: string) => JSON.stringify({ metadata: { name } });

/** Begins a page, and ends it once that many requests have come. */
const held =
  (server: FakeApiServer, requests: number, [head, rest]: [string, string]): Answer =>
  async (response) => {
    response.writeHead(200, { "content-type": "application/json" }).write(head);
    await until(() => server.received.length >= requests, `${requests} requests`);
    response.end(rest);
  };

/** Begins a page, and breaks off once the one after it was asked for. */
const brokenOff =
  (server: FakeApiServer, [head]: [string, string]): Answer =>
  async (response) => {
    response.writeHead(200, { "content-type": "application/json" }).write(head);
    await until(() => server.received.length === 2, "the page after it was asked for");
    response.destroy();
  };

/** What is under way within this process has come to where it waits. */
async function atRest(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("the next page is asked for as soon as a page begins to come, and no more than one ahead", async () => {
  const { server, cluster } = await rig();
  const [head, rest] = halves("a", "Yg==");
  let underWay = 0;
  server.on(
    "GET /api/v1/namespaces/default/pods",
    async (response) => {
      response.writeHead(200, { "content-type": "application/json" }).write(head);
      await until(() => server.received.length === 2, "the second page was asked for");
      // The second one has begun to come by now: its token is known, and has to wait.
      await atRest();
      underWay = server.received.length;
      response.end(rest);
    },
    held(server, 3, halves("b", "Yw==")),
    held(server, 3, halves("c")),
  );
  const { items } = await cluster.list(kinds.pod);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c"]);
  expect(server.received.map(({ query }) => query["continue"])).toEqual([undefined, "Yg==", "Yw=="]);
  expect(underWay).toBe(2);
});

test("a page that broke off and begins anew with another token goes on from that one", async () => {
  const { server, cluster } = await rig();
  server.on(
    "GET /api/v1/namespaces/default/pods",
    brokenOff(server, halves("a", "b2xk")),
    plain(halves("of the old list").join("")),
    plain(halves("a", "bmV3").join("")),
    plain(halves("b").join("")),
  );
  const { items } = await cluster.list(kinds.pod);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
  expect(server.received.map(({ query }) => query["continue"])).toEqual([
    undefined,
    "b2xk",
    undefined,
    "bmV3",
  ]);
});

test("a page that was asked for ahead is not tried again once the list has failed", async () => {
  const { server, cluster, clock } = await rig();
  server.on(
    "GET /api/v1/namespaces/default/pods",
    brokenOff(server, halves("a", "Yg==")),
    status(429, "TooManyRequests", "later", { "Retry-After": "8" }),
    hangUp,
  );
  await expect(cluster.list(kinds.pod)).rejects.toThrow("EOF");
  await atRest();
  clock.advance(20_000);
  await atRest();
  expect(server.received).toHaveLength(3);
});

const policies = {
  titles: ["Name", "Reclaim Policy"],
  project: ([name = "", policy = ""]: readonly string[]) => `${name}: ${policy}`,
};
const policyOf = ({ metadata, spec }: Volume) => `${metadata.name}: ${spec.persistentVolumeReclaimPolicy}`;

/** A page of a server's table, with these columns and one row. */
function table(columns: string[], cells: unknown[], next?: string) {
  const columnDefinitions = columns.map((name) => ({ name, type: "string" }));
  const metadata = { resourceVersion: "7", continue: next };
  return json({ kind: "Table", metadata, columnDefinitions, rows: [{ cells, object: null }] });
}

test("columns are read from the server's own table, whatever their order", async () => {
  const { server, cluster } = await rig();
  server.on(
    "GET /api/v1/persistentvolumes",
    table(["Reclaim Policy", "Age", "Name"], ["Retain", "1d", "a"], "next"),
    table(["Reclaim Policy", "Age", "Name"], ["Delete", "1d", "b"]),
  );
  const listed = await cluster.list(kinds.volume, {}, policyOf, policies);
  expect(listed).toEqual({ items: ["a: Retain", "b: Delete"], resourceVersion: "7" });
  const [first, second] = server.received;
  expect(first?.headers.accept).toBe("application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
  expect(first?.query).toEqual({ includeObject: "None", limit: "5000" });
  expect(second?.query).toEqual({ includeObject: "None", limit: "5000", continue: "next" });
});

test("where the table lacks a column, or there is none, the objects are read", async () => {
  const { server, cluster } = await rig();
  const volume = { metadata: { name: "a" }, spec: { persistentVolumeReclaimPolicy: "Retain" } };
  const objects = json({ kind: "PersistentVolumeList", metadata: { resourceVersion: "7" }, items: [volume] });
  server.on("GET /api/v1/persistentvolumes", table(["Name", "Policy"], ["a", "Retain"]), objects, objects);
  expect((await cluster.list(kinds.volume, {}, policyOf, policies)).items).toEqual(["a: Retain"]);
  expect(server.received[1]).toMatchObject({
    query: { limit: "500" },
    headers: { accept: "application/json" },
  });
  expect((await cluster.list(kinds.volume, {}, policyOf, policies)).items).toEqual(["a: Retain"]);
  expect(server.received).toHaveLength(3);
});

test("a refused list throws what the server said", async () => {
  const { server, cluster } = await rig();
  server.on("GET /api/v1/namespaces/default/pods", status(403, "Forbidden", "pods is forbidden"));
  await expect(cluster.list(kinds.pod)).rejects.toThrow("Error from server (Forbidden): pods is forbidden");
});

test("an empty list may have null for its items", async () => {
  const { server, cluster } = await rig();
  server.on("GET /api/v1/namespaces/default/pods", json({ metadata: { resourceVersion: "1" }, items: null }));
  expect(await cluster.list(kinds.pod)).toEqual({ items: [], resourceVersion: "1" });
});

test("create posts the manifest as it is, and says what is wanted of the server", async () => {
  const { server, cluster } = await rig();
  const manifest = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web", namespace: "db" },
    extra: 1,
  };
  server.on("POST /apis/apps/v1/namespaces/db/statefulsets", json({ ...manifest, stored: true }, 201));
  const options = { dryRun: true, fieldValidation: "Strict" } as const;
  expect(await cluster.create(kinds.statefulSet, manifest, options)).toMatchObject({ stored: true });
  expect(server.received[0]?.query).toEqual({
    fieldManager: "sts",
    dryRun: "All",
    fieldValidation: "Strict",
  });
  expect(JSON.parse(server.received[0]?.body ?? "")).toEqual(manifest);
});

test.each([
  [{ type: "merge", body: { spec: {} } }, "application/merge-patch+json"],
  [{ type: "strategic", body: { spec: {} } }, "application/strategic-merge-patch+json"],
  [{ type: "json", body: [{ op: "test" }] }, "application/json-patch+json"],
  [{ type: "apply", body: { spec: {} }, force: true }, "application/apply-patch+yaml"],
] as const)("a patch of type %j is sent as %s", async (patch, contentType) => {
  const { server, cluster } = await rig();
  server.on(`PATCH ${sets}/web/scale`, json({}));
  await cluster.patch(kinds.statefulSet, { name: "web" }, patch, {
    subresource: "scale",
    fieldManager: "me",
  });
  const [received] = server.received;
  expect(received?.headers["content-type"]).toBe(contentType);
  expect(JSON.parse(received?.body ?? "")).toEqual(patch.body);
  expect(received?.query).toEqual({ fieldManager: "me", ...("force" in patch && { force: "true" }) });
});

test("delete sends its preconditions with an explicit length, and gives back what is on its way out", async () => {
  const { server, cluster } = await rig();
  const path = "/api/v1/namespaces/default/persistentvolumeclaims/data-web-3";
  const leaving = { kind: "PersistentVolumeClaim", metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } };
  server.on(`DELETE ${path}`, json(leaving), json({ kind: "Status", status: "Success" }));
  const options = {
    uid: "u",
    resourceVersion: "5",
    propagation: "Orphan",
    gracePeriodSeconds: 0,
    dryRun: true,
  } as const;
  expect(await cluster.delete(kinds.claim, { name: "data-web-3" }, options)).toEqual(leaving);
  expect(await cluster.delete(kinds.claim, { name: "data-web-3" })).toBeUndefined();
  const [first] = server.received;
  expect(JSON.parse(first?.body ?? "")).toEqual({
    kind: "DeleteOptions",
    apiVersion: "v1",
    preconditions: { uid: "u", resourceVersion: "5" },
    propagationPolicy: "Orphan",
    gracePeriodSeconds: 0,
    dryRun: ["All"],
  });
  expect(first?.headers["content-length"]).toBe(String(first?.body.length));
  expect(first?.headers["transfer-encoding"]).toBeUndefined();
});

test("replace and post are there for simulators", async () => {
  const { server, cluster } = await rig();
  server.on("PUT /api/v1/namespaces/default/pods/web-0/status", json({}));
  server.on("POST /api/v1/namespaces/default/pods/web-0/binding", json({}, 201));
  const metadata = { name: "web-0", uid: "u", resourceVersion: "1", creationTimestamp: "" };
  await cluster.replace(kinds.pod, { metadata }, "status");
  await cluster.post(kinds.pod, { name: "web-0" }, "binding", { target: { name: "node" } });
});

test("logs are text, and the log of the run before can be asked for", async () => {
  const { server, cluster } = await rig();
  server.on("GET /api/v1/namespaces/default/pods/web-0/log", plain("{not json\n"));
  const options = { container: "nginx", previous: true, tailLines: 20 };
  expect(await cluster.logs({ name: "web-0" }, options)).toBe("{not json\n");
  expect(server.received[0]?.query).toEqual({ container: "nginx", previous: "true", tailLines: "20" });
});

test("raw gives JSON where there is some, and text otherwise; version is known", async () => {
  const { server, cluster } = await rig();
  server.on("GET /readyz", plain("ok")).on("GET /apis", json({ groups: [] }));
  server.on("GET /version", json({ gitVersion: "v1.37.0", major: "1", minor: "37" }));
  expect(await cluster.raw("/readyz")).toBe("ok");
  expect(await cluster.raw("/apis")).toEqual({ groups: [] });
  expect(await cluster.version()).toMatchObject({ gitVersion: "v1.37.0" });
});

test("kinds are found in our own table, then by discovery", async () => {
  const { server, cluster } = await rig();
  const resources = [
    { name: "cronjobs/status", kind: "CronJob", namespaced: true },
    { name: "cronjobs", kind: "CronJob", namespaced: true },
  ];
  server.on("GET /apis/batch/v1", json({ resources }), json({ resources }));
  server.on("GET /apis/none/v1", status(404, "NotFound", "the server could not find the requested resource"));
  expect(await cluster.kindOf({ apiVersion: "apps/v1", kind: "StatefulSet" })).toBe(kinds.statefulSet);
  const found = { group: "batch", version: "v1", resource: "cronjobs", kind: "CronJob", namespaced: true };
  expect(await cluster.kindOf({ apiVersion: "batch/v1", kind: "CronJob" })).toEqual(found);
  await expect(cluster.kindOf({ apiVersion: "batch/v1", kind: "Nope" })).rejects.toThrow(
    'no matches for kind "Nope"',
  );
  await expect(cluster.kindOf({ apiVersion: "none/v1", kind: "X" })).rejects.toThrow('in version "none/v1"');
});

test("requests share connections, up to 32", async () => {
  const { server, cluster } = await rig();
  const answers = Array.from({ length: 200 }, () => json({}));
  server.on("GET /api/v1/namespaces/default/pods/p", ...answers);
  await Promise.all(answers.map(() => cluster.get(kinds.pod, { name: "p" })));
  expect(cluster.requests).toBe(200);
  expect(server.connections).toBeLessThanOrEqual(32);
});
