import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./support.js";

let server: TestServer;
const reviews = "/apis/authorization.k8s.io/v1";
const local = `${reviews}/namespaces/default/localsubjectaccessreviews`;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe("reviews", () => {
  it("say of somebody in one namespace what is allowed", async () => {
    const spec = { groups: ["system:masters"], resourceAttributes: { namespace: "default", verb: "get" } };
    const { code, body } = await server.call(local, { body: { spec } });
    expect(code).toBe(201);
    expect(body).toMatchObject({ metadata: { namespace: "default" }, spec, status: { allowed: true } });
  });

  it("refuse another namespace, and a path, where it is about one", async () => {
    const elsewhere = { user: "jane", resourceAttributes: { namespace: "other", verb: "get" } };
    const refused = await server.call(local, { body: { spec: elsewhere } });
    expect(refused.body.message).toContain(
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    );
    const paths = { user: "jane", nonResourceAttributes: { path: "/healthz" } };
    expect((await server.call(local, { body: { spec: paths } })).body.message).toContain("disallowed");
  });

  it("take null for nothing", async () => {
    const attributes = { verb: "get", namespace: null, resource: "pods", group: null };
    const spec = { user: "jane", groups: null, resourceAttributes: attributes, nonResourceAttributes: null };
    const body = { metadata: null, spec, status: null };
    for (const resource of ["selfsubjectaccessreviews", "subjectaccessreviews"]) {
      const answer = await server.call(`${reviews}/${resource}`, { body });
      expect([resource, answer.code, answer.body.status.allowed]).toEqual([
        resource,
        201,
        resource === "selfsubjectaccessreviews",
      ]);
    }
    const here = { ...spec, resourceAttributes: { ...attributes, namespace: "default" } };
    const answer = await server.call(local, { body: { ...body, spec: here } });
    expect([answer.code, answer.body.status]).toEqual([201, { allowed: false }]);
  });

  it.each([
    ["GET", `${reviews}/subjectaccessreviews`, 405],
    ["GET", `${reviews}/subjectaccessreviews/one`, 404],
    ["POST", `${reviews}/localsubjectaccessreviews`, 404],
    ["POST", `${reviews}/namespaces/default/subjectaccessreviews`, 404],
  ])("answer %s %s with %d", async (method, path, code) => {
    const body = method === "POST" ? { spec: { user: "jane" } } : undefined;
    expect((await server.call(path, { method, body })).code).toBe(code);
  });
});

describe("reviews of nothing", () => {
  it.each([
    {},
    { spec: null },
    { spec: { user: null, groups: null, resourceAttributes: null } },
    { metadata: null },
  ])("%j", async (body) => {
    for (const resource of ["selfsubjectaccessreviews", "subjectaccessreviews", "selfsubjectrulesreviews"])
      expect([400, 422]).toContain((await server.call(`${reviews}/${resource}`, { body })).code);
    expect((await server.call(local, { body })).code).toBe(422);
  });
});

describe("health", () => {
  it.each([
    ["/healthz", 200, "ok"],
    ["/livez/ping", 200, "ok"],
    [
      "/readyz?verbose&exclude=etcd",
      200,
      "[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\nreadyz check passed\n",
    ],
    ["/livez/nothing", 404, "404 page not found\n"],
    ["/livez/ping/more", 404, "404 page not found\n"],
  ])("%s", async (path, code, text) => {
    const reply = await server.call(path);
    expect([reply.code, reply.text]).toEqual([code, text]);
  });
});

it("what is not served is not there in protobuf either", async () => {
  const options = {
    method: "POST",
    body: "k8s",
    headers: { "Content-Type": "application/vnd.kubernetes.protobuf" },
  };
  const { code } = await server.call("/api/v1/namespaces/default/serviceaccounts/default/token", options);
  expect(code).toBe(404);
});
