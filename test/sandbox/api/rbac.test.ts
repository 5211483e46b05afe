import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./support.js";

let server: TestServer;
const group = "rbac.authorization.k8s.io";
const rbac = `/apis/${group}/v1`;

beforeAll(async () => {
  server = await startServer({ users: [{ token: "jane", name: "jane", groups: ["dev"] }] });
  const rules = [
    { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["*"], resourceNames: ["web"] },
    { apiGroups: ["apps"], resources: ["*/scale"], verbs: ["patch"] },
  ];
  await server.call(`${rbac}/namespaces/default/roles`, { body: { metadata: { name: "dev" }, rules } });
  await server.call(`${rbac}/namespaces/default/rolebindings`, {
    body: {
      metadata: { name: "dev" },
      roleRef: { apiGroup: group, kind: "Role", name: "dev" },
      subjects: [{ apiGroup: group, kind: "User", name: "jane" }],
    },
  });
  const nodes = [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }];
  await server.call(`${rbac}/clusterroles`, { body: { metadata: { name: "nodes" }, rules: nodes } });
  await server.call(`${rbac}/clusterrolebindings`, {
    body: {
      metadata: { name: "nodes" },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "nodes" },
      subjects: [{ apiGroup: group, kind: "Group", name: "dev" }],
    },
  });
});
afterAll(() => server.close());

describe("roles", () => {
  const inDefault = "/api/v1/namespaces/default";
  const sets = "/apis/apps/v1/namespaces/default/statefulsets";
  const patch = { method: "PATCH", body: {}, headers: { "Content-Type": "application/merge-patch+json" } };
  it.each([
    [`${inDefault}/pods`, {}, 200],
    [`${inDefault}/pods/x`, {}, 404],
    [`${inDefault}/pods/x/log`, {}, 404],
    [`${sets}/web`, {}, 404],
    [`${sets}/web/scale`, patch, 404],
    ["/api/v1/nodes", {}, 200],
    ["/api", {}, 200],
    ["/version", { token: "" }, 200],
  ])("allow %s %j", async (path, options, code) => {
    expect((await server.call(path, { token: "jane", ...options })).code).toBe(code);
  });

  it.each([
    [
      "/api/v1/pods",
      {},
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope',
    ],
    [
      "/api/v1/namespaces/other/pods",
      {},
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "other"',
    ],
    [
      `${inDefault}/pods?watch=1`,
      {},
      'pods is forbidden: User "jane" cannot watch resource "pods" in API group "" in the namespace "default"',
    ],
    [
      `${sets}/db`,
      { method: "DELETE" },
      'statefulsets.apps "db" is forbidden: User "jane" cannot delete resource "statefulsets" in API group "apps" in the namespace "default"',
    ],
    [
      `${sets}/web/scale`,
      {},
      'statefulsets.apps "web" is forbidden: User "jane" cannot get resource "statefulsets/scale" in API group "apps" in the namespace "default"',
    ],
    ["/foo", {}, 'forbidden: User "jane" cannot get path "/foo"'],
    ["/api", { token: "" }, 'forbidden: User "system:anonymous" cannot get path "/api"'],
  ])("forbid %s %j", async (path, options, message) => {
    const reply = await server.call(path, { token: "jane", ...options });
    expect(reply).toMatchObject({ code: 403, body: { reason: "Forbidden", message } });
  });

  it("are no matter for a wrong token", async () => {
    expect((await server.call("/api", { token: "wrong" })).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "Unauthorized",
      reason: "Unauthorized",
      code: 401,
    });
  });
});

describe("reviews", () => {
  const ask = (attributes: object, call: object) =>
    server.call("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      body: { spec: { resourceAttributes: { namespace: "default", ...attributes } } },
      ...call,
    });

  it.each([
    ["jane", { verb: "list", resource: "pods" }, true],
    ["jane", { verb: "delete", resource: "pods" }, false],
    ["admin", { verb: "delete", resource: "pods" }, true],
  ])("tell %s whether %j", async (token, attributes, allowed) => {
    expect(await ask(attributes, { token })).toMatchObject({ code: 201, body: { status: { allowed } } });
  });

  it("tell all that somebody may do in a namespace", async () => {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    const { code, body } = await server.call(path, {
      body: { spec: { namespace: "default" } },
      token: "jane",
    });
    expect(code).toBe(201);
    expect(body.status.incomplete).toBe(false);
    const named = body.status.resourceRules.flatMap(({ resources }: { resources: string[] }) => resources);
    expect(named).toEqual(expect.arrayContaining(["selfsubjectrulesreviews", "pods"]));
    expect(await server.call(path, { body: { spec: {} }, token: "jane" })).toMatchObject({
      code: 400,
      body: { message: "no namespace on request" },
    });
  });

  it("tell who somebody is, or is impersonated to be", async () => {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const headers = { "Impersonate-User": "joe", "Impersonate-Group": "ops" };
    const userInfo = { username: "joe", groups: ["ops", "system:authenticated"] };
    expect((await server.call(path, { body: {}, headers })).body.status).toEqual({ userInfo });
    expect(await server.call(path, { body: {}, headers, token: "jane" })).toMatchObject({
      code: 403,
      body: {
        message:
          'users "joe" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
      },
    });
  });
});

describe("discovery", () => {
  it("lists what is served, in both forms", async () => {
    expect((await server.call("/apis/apps")).body.preferredVersion).toEqual({
      groupVersion: "apps/v1",
      version: "v1",
    });
    const { resources } = (await server.call("/apis/apps/v1")).body;
    expect(resources.map(({ name }: { name: string }) => name)).toEqual([
      "controllerrevisions",
      "statefulsets",
      "statefulsets/scale",
      "statefulsets/status",
    ]);
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const aggregated = await server.call("/apis", { headers: { Accept: accept } });
    expect(aggregated.headers["content-type"]).toBe(accept);
    expect(aggregated.body.items[0].metadata.name).toBe("apps");
    expect(aggregated.body.items[0].versions[0].resources[1]).toMatchObject({
      resource: "statefulsets",
      shortNames: ["sts"],
    });
  });
});
