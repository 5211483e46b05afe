import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ApiError, ConnectionError } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import { type Answer, hangUp, json, plain, silence, status } from "../../support/fake-api-server.js";
import { until } from "../../support/fake-clock.js";
import { rig } from "../support.js";

const POD = "GET /api/v1/namespaces/default/pods/web-0";
const read = ({ cluster }: Awaited<ReturnType<typeof rig>>) => cluster.get(kinds.pod, { name: "web-0" });

test("a Status becomes an ApiError with all it says", async () => {
  const made = await rig();
  const details = { name: "web-0", kind: "pods" };
  made.server.on(POD, status(404, "NotFound", 'pods "web-0" not found', {}, details));
  const error = await read(made).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 404, reason: "NotFound", status: { details } });
  expect((error as Error).message).toBe('Error from server (NotFound): pods "web-0" not found');
});

test.each([
  [404, "<html>", "Error from server (NotFound): the server could not find the requested resource"],
  [502, "bad gateway\nmore", "Error from server: the server responded with the status code 502: bad gateway"],
  [503, "", "Error from server (ServiceUnavailable): the server is currently unable to handle the request"],
  [
    500,
    "{broken",
    "Error from server (InternalError): an error on the server has prevented the request from succeeding",
  ],
  [418, "{}", "Error from server: the server responded with the status code 418"],
  [302, "", "Error from server: the server responded with the status code 302"],
])("an answer %i that is no Status is still told sensibly", async (code, body, message) => {
  const made = await rig();
  made.server.on(POD, plain(body, code, "text/html"));
  await expect(read(made)).rejects.toThrow(message);
});

test("a page instead of JSON says that this may be no API server", async () => {
  const made = await rig();
  made.server.on(POD, plain("<html>Please log in: secret</html>", 200, "text/html"));
  const error = await read(made).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectionError);
  expect((error as Error).message).toContain(
    "was answered with text/html that is not JSON\nCheck that http://127.0.0.1",
  );
  expect((error as Error).message).not.toContain("secret");
});

test.each([429, 503])("%i with Retry-After is obeyed, with jitter", async (code) => {
  const made = await rig({}, { random: () => 1 });
  made.server.on(POD, status(code, "TooManyRequests", "busy", { "retry-after": "4" }), json({ ok: true }));
  const answer = read(made);
  await made.clock.pass(5000);
  expect(await answer).toEqual({ ok: true });
});

test("a server that stays busy is given up, and no Retry-After is waited for at length", async () => {
  const made = await rig({}, { random: () => 1 });
  const busy = status(429, "TooManyRequests", "busy", { "retry-after": "86400" });
  made.server.on(POD, ...Array<Answer>(11).fill(busy));
  const answer = read(made).catch((thrown: unknown) => thrown);
  for (let retry = 0; retry < 10; retry += 1) await made.clock.pass(37_500);
  expect(await answer).toMatchObject({ code: 429 });
  expect(made.cluster.requests).toBe(11);
});

test("without Retry-After nothing is sent again", async () => {
  const made = await rig();
  made.server.on(POD, status(429, "TooManyRequests", "eviction would violate"));
  await expect(read(made)).rejects.toThrow("eviction would violate");
  expect(made.cluster.requests).toBe(1);
});

test("a GET is sent again once when its connection goes away, before or within the answer", async () => {
  const made = await rig();
  const cutShort: Answer = (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write("{", () => response.destroy());
  };
  made.server.on(POD, hangUp, json({ ok: 1 }), cutShort, json({ ok: 2 }), hangUp, hangUp);
  expect(await read(made)).toEqual({ ok: 1 });
  expect(await read(made)).toEqual({ ok: 2 });
  await expect(read(made)).rejects.toThrow("Unable to connect to the server: EOF");
});

test("a write is not sent again: the server may have done it", async () => {
  const made = await rig();
  made.server.on("POST /api/v1/namespaces/default/pods", hangUp);
  const manifest = { apiVersion: "v1", kind: "Pod", metadata: { name: "web-0" } };
  await expect(made.cluster.create(kinds.pod, manifest)).rejects.toThrow(ConnectionError);
  expect(made.cluster.requests).toBe(1);
});

test("warnings of the server are passed on, each once", async () => {
  const made = await rig();
  const headers = {
    warning: [
      '299 - "unknown field \\"spec.x\\"", 299 kube "second, too" "Tue, 15 Nov 1994 08:12:31 GMT"',
      '199 - "not for people"',
    ],
  };
  made.server.on(POD, json({}, 200, headers), json({}, 200, headers));
  await read(made);
  await read(made);
  expect(made.warnings).toEqual(['unknown field "spec.x"', "second, too"]);
});

test("an answer that does not come is waited for as long as --request-timeout, or 75 s", async () => {
  const short = await rig({ requestTimeout: 1000 });
  short.server.on(POD, silence);
  const timedOut = read(short).catch((thrown: unknown) => thrown);
  await until(() => short.server.received.length === 1, "the request");
  await short.clock.pass(1000);
  expect(await timedOut).toMatchObject({
    message: expect.stringMatching(/^Unable to connect.*: context deadline exceeded\n/),
  });

  const long = await rig();
  long.server.on(POD, silence);
  const hung = read(long).catch((thrown: unknown) => thrown);
  await until(() => long.server.received.length === 1, "the request");
  await long.clock.pass(75_000);
  expect(await hung).toMatchObject({
    message: "Unable to connect to the server: net/http: timeout awaiting response headers",
  });
});

test("a body that stops half-way is given up too", async () => {
  const made = await rig();
  let begun = false;
  made.server.on(POD, (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("{", () => (begun = true));
  });
  const answer = read(made).catch((thrown: unknown) => thrown);
  await until(() => begun && made.traces.length === 1, "the headers");
  await made.clock.pass(75_000);
  expect(await answer).toBeInstanceOf(ConnectionError);
});

test("a slow body may take its time, as long as it goes on", async () => {
  const made = await rig();
  let written = 0;
  const parts = ['{"a":', "[1,", "2]", "}"];
  made.server.on(POD, async (response) => {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    for (const part of parts) {
      await until(() => made.traces.length === 1, "the headers");
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 5));
      made.clock.advance(60_000);
      written += 1;
    }
    response.end();
  });
  expect(await read(made)).toEqual({ a: [1, 2] });
  expect(written).toBe(4);
});

test("the trace tells method, URL, status and time, and no secret", async () => {
  const made = await rig({ credentials: { token: "s3cret" } });
  made.server.on(POD, json({ data: "hidden" }), status(403, "Forbidden", "no"));
  await read(made);
  await read(made).catch(() => undefined);
  const url = `${made.server.url}/api/v1/namespaces/default/pods/web-0`;
  expect(made.traces).toEqual([`GET ${url} 200 0ms`, `GET ${url} 403 0ms`]);
});

test("credentials and impersonation go with every request", async () => {
  const made = await rig({
    credentials: { basic: { username: "u", password: "p:w" } },
    impersonate: {
      user: "jane",
      uid: "7",
      groups: ["dev", "ops"],
      extra: { "acme.com/project": ["a", "b"] },
    },
  });
  made.server.on(POD, json({}));
  await read(made);
  expect(made.server.received[0]?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from("u:p:w").toString("base64")}`,
    "impersonate-user": "jane",
    "impersonate-uid": "7",
    "impersonate-group": "dev, ops",
    "impersonate-extra-acme.com%2fproject": "a, b",
  });
});

test("a compressed answer is read, though none is asked for over loopback", async () => {
  const made = await rig();
  made.server.on("GET /api/v1/namespaces/default/pods", (response) => {
    const body = gzipSync(JSON.stringify({ metadata: { resourceVersion: "1" }, items: [] }));
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(body);
  });
  expect(await made.cluster.list(kinds.pod)).toEqual({ items: [], resourceVersion: "1" });
  expect(made.server.received[0]?.headers["accept-encoding"]).toBeUndefined();
});

test("what is under way ends when the cluster is closed, and nothing is sent after", async () => {
  const made = await rig();
  made.server.on(POD, silence);
  const answer = read(made).catch((thrown: unknown) => thrown);
  await until(() => made.server.received.length === 1, "the request");
  made.cluster.close();
  expect(await answer).toBeInstanceOf(ConnectionError);
  await expect(read(made)).rejects.toThrow("closed");
  expect(made.cluster.requests).toBe(1);
});
