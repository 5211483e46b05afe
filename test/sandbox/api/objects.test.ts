import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./support.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const maps = "/api/v1/namespaces/default/configmaps";
const create = (name: string, rest: object = {}) =>
  server.call(maps, { body: { metadata: { name }, ...rest } });
const merge = { "Content-Type": "application/merge-patch+json" };

describe("objects", () => {
  it("are created, read, replaced, patched and deleted", async () => {
    const created = await create("one", { data: { a: "1" } });
    expect(created.code).toBe(201);
    expect(created.body).toMatchObject({ kind: "ConfigMap", apiVersion: "v1", data: { a: "1" } });
    expect((await server.call(`${maps}/one`)).body).toEqual(created.body);
    const body = { ...created.body, data: { a: "2" } };
    const replaced = await server.call(`${maps}/one`, { method: "PUT", body });
    expect(replaced).toMatchObject({ code: 200, body: { data: { a: "2" } } });
    expect(await server.call(`${maps}/one`, { method: "PUT", body })).toMatchObject({
      code: 409,
      body: { reason: "Conflict", details: { name: "one", kind: "configmaps" } },
    });
    const patch = await server.call(`${maps}/one`, {
      method: "PATCH",
      headers: merge,
      body: { data: { b: "3" } },
    });
    expect(patch).toMatchObject({ code: 200, body: { data: { a: "2", b: "3" } } });
    const { uid } = created.body.metadata;
    expect(await server.call(`${maps}/one`, { method: "DELETE" })).toMatchObject({
      code: 200,
      body: { kind: "Status", status: "Success", details: { name: "one", kind: "configmaps", uid } },
    });
    expect((await server.call(`${maps}/one`)).code).toBe(404);
  });

  it("are only looked at on a dry run", async () => {
    const body = { metadata: { name: "dry" } };
    expect((await server.call(`${maps}?dryRun=All`, { body })).code).toBe(201);
    expect((await server.call(`${maps}/dry`)).code).toBe(404);
    await create("dry", { data: { a: "1" } });
    const path = `${maps}/dry?dryRun=All`;
    const patched = await server.call(path, { method: "PATCH", headers: merge, body: { data: { a: "2" } } });
    expect(patched.body.data).toEqual({ a: "2" });
    expect((await server.call(path, { method: "DELETE" })).code).toBe(200);
    expect((await server.call(`${maps}/dry`)).body.data).toEqual({ a: "1" });
  });

  it("heed preconditions and policies of a delete, in body or query", async () => {
    const finalizers = ["a/b"];
    await create("held", { metadata: { name: "held", finalizers } });
    const wrong = await server.call(`${maps}/held`, {
      method: "DELETE",
      body: { preconditions: { uid: "x" } },
    });
    expect(wrong).toMatchObject({ code: 409, body: { reason: "Conflict" } });
    const kept = await server.call(`${maps}/held?propagationPolicy=Orphan`, { method: "DELETE" });
    expect(kept.body.metadata).toMatchObject({
      finalizers: ["a/b", "orphan"],
      deletionGracePeriodSeconds: 0,
    });
    const freed = { metadata: { finalizers: null } };
    await server.call(`${maps}/held`, { method: "PATCH", headers: merge, body: freed });
    expect((await server.call(`${maps}/held`)).code).toBe(404);
  });

  it("go together by selector", async () => {
    for (const name of ["x1", "x2", "y1"])
      await create(name, { metadata: { name, labels: { set: name[0] } } });
    const gone = await server.call(`${maps}?labelSelector=set%3Dx`, { method: "DELETE" });
    expect(gone.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      "x1",
      "x2",
    ]);
    expect((await server.call(`${maps}/y1`)).code).toBe(200);
  });

  it("warn of fields that nobody knows, or refuse them", async () => {
    const body = '{"metadata":{"name":"odd"},"foo":1,"data":{"a":"1","a":"2"}}';
    expect(await server.call(`${maps}?fieldValidation=Strict`, { body })).toMatchObject({
      code: 400,
      body: {
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ' +
          'unknown field "foo", duplicate field "data.a"',
      },
    });
    const warned = await server.call(maps, { body });
    expect(warned.code).toBe(201);
    expect(warned.headers["warning"]).toBe(
      '299 - "unknown field \\"foo\\"", 299 - "duplicate field \\"data.a\\""',
    );
  });

  it("warn in whatever script a field is written, each time once, and not without end", async () => {
    const warned = await server.call(maps, { body: { metadata: { name: "script" }, 名前: 1, "a\nb": 1 } });
    expect(warned.code).toBe(201);
    const said = Buffer.from(String(warned.headers["warning"]), "latin1").toString("utf8");
    expect(said).toBe('299 - "unknown field \\"名前\\""');
    const fields = Array.from({ length: 60 }, (_, serial) => [`${serial}${"x".repeat(1_000)}`, 1] as const);
    const body = { metadata: { name: "fields" }, ...Object.fromEntries(fields) };
    const many = await server.call(maps, { body });
    expect(many.code).toBe(201);
    expect(String(many.headers["warning"]).split(", ")).toHaveLength(16);
    const repeated = '{"metadata":{"name":"twice"},"data":{"a":"1","a":"1","a":"1"}}';
    const { warning } = (await server.call(maps, { body: repeated })).headers;
    expect(warning).toBe('299 - "duplicate field \\"data.a\\""');
  });

  it("are scaled through their subresource", async () => {
    const template = {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "a", image: "a" }] },
    };
    const spec = { replicas: 2, serviceName: "web", selector: { matchLabels: { app: "web" } }, template };
    const sets = "/apis/apps/v1/namespaces/default/statefulsets";
    expect((await server.call(sets, { body: { metadata: { name: "web" }, spec } })).code).toBe(201);
    const scale = await server.call(`${sets}/web/scale`);
    expect(scale.body).toMatchObject({
      kind: "Scale",
      spec: { replicas: 2 },
      status: { selector: "app=web" },
    });
    const more = { ...scale.body, spec: { replicas: 5 } };
    const scaled = await server.call(`${sets}/web/scale`, { method: "PUT", body: more });
    expect(scaled).toMatchObject({ code: 200, body: { kind: "Scale", spec: { replicas: 5 } } });
    expect((await server.call(`${sets}/web/scale`, { method: "PUT", body: more })).code).toBe(409);
    const fewer = { method: "PATCH", headers: merge, body: { spec: { replicas: 1 } } };
    expect((await server.call(`${sets}/web/scale`, fewer)).body.spec).toEqual({ replicas: 1 });
    expect((await server.call(`${sets}/web`)).body.spec.replicas).toBe(1);
  });
});

describe("bad requests get the API's own answers:", () => {
  const unknownFormat = /in an unknown format/;
  const xml = { "Content-Type": "application/xml" };
  it.each([
    [
      maps,
      { body: "{bad" },
      400,
      /json parse error: invalid character 'b' looking for beginning of object key string/,
    ],
    [maps, { body: "" }, 400, /unexpected end of JSON input \(<empty>\)/],
    [maps, { body: "[]" }, 400, /unrecognized/],
    [maps, { body: {}, headers: xml }, 415, unknownFormat],
    [
      maps,
      { body: { kind: "Pod", apiVersion: "v1" } },
      400,
      /Pod in version "v1" cannot be handled as a ConfigMap/,
    ],
    [
      maps,
      { body: { metadata: { name: "n" }, data: { a: 1 } } },
      400,
      /cannot unmarshal number into Go struct field/,
    ],
    [maps, { body: "x".repeat(4_000_000) }, 413, /Request entity too large: limit is 3145728/],
    [`${maps}?dryRun=x`, { body: {} }, 422, /dryRun: Unsupported value: \["x"\]: supported values: "All"/],
    [`${maps}/n`, { method: "PATCH", body: {} }, 415, /415: Unsupported Media Type/],
    [`${maps}/n`, { method: "PATCH", body: {}, headers: merge }, 404, /configmaps "n" not found/],
    [`${maps}/n`, { body: {} }, 405, /does not allow this method/],
    [`${maps}/n`, { method: "DELETE", body: "1" }, 400, /cannot unmarshal/],
    [`${maps}/n`, { method: "DELETE", body: "{bad" }, 400, /couldn't get version\/kind/],
    ["/api/v1/configmaps", { body: {} }, 405, /does not allow this method/],
    [`${maps}?labelSelector=a%20in%20b`, {}, 400, /^unable to parse requirement: found 'b' expected: '\('$/],
    [`${maps}?limit=x`, {}, 400, /strconv.ParseInt: parsing "x": invalid syntax/],
    [`${maps}?continue=x`, {}, 400, /invalid continue token/],
    [`${maps}?resourceVersion=99999`, {}, 504, /Too large resource version: 99999, current: /],
    [`${maps}?resourceVersion=x`, {}, 400, /invalid resource version/],
    ["/api/v1/foos", {}, 404, /the server could not find the requested resource/],
    ["/api/v2", {}, 404, /the server could not find the requested resource/],
    [maps, { headers: { Accept: "application/xml" } }, 406, /406: Not Acceptable/],
    [
      "/api/v1/namespaces/nowhere/configmaps",
      { body: { metadata: { name: "n" } } },
      404,
      /namespaces "nowhere" not found/,
    ],
  ])("%s %j", async (path, options, code, message) => {
    const reply = await server.call(path, options);
    expect(reply.code).toBe(code);
    expect(reply.body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code });
    expect(reply.body.message).toMatch(message);
  });

  it("documents that are too deep", async () => {
    const body = `{"data":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    const reply = await server.call(maps, { body });
    expect(reply).toMatchObject({ code: 400, body: { reason: "BadRequest" } });
  });

  it.each(["merge-patch", "strategic-merge-patch", "json-patch"])("a %s that is too deep", async (format) => {
    const name = `deep-${format}`;
    await server.call(maps, { body: { metadata: { name } } });
    const deep = `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`;
    const body = format === "json-patch" ? `[{"op":"add","path":"/data","value":${deep}}]` : deep;
    const headers = { "Content-Type": `application/${format}+json` };
    const reply = await server.call(`${maps}/${name}`, { method: "PATCH", headers, body });
    expect(reply).toMatchObject({ code: 400, body: { reason: "BadRequest", message: "invalid JSON patch" } });
  });

  it("paths that lead nowhere", async () => {
    for (const path of ["/foo", "/apis/foo.example/v1/foos", "//[/x"]) {
      expect(await server.call(path)).toMatchObject({ code: 404, text: "404 page not found\n" });
    }
  });
});
