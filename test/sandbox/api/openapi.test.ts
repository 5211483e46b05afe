import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./support.js";

describe("OpenAPI", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startServer()));
  afterAll(() => server.close());

  const index = async () => {
    // As a cluster says of it: text.
    const { text } = await server.call("/openapi/v3");
    return (JSON.parse(text) as { paths: Record<string, { serverRelativeURL: string }> }).paths;
  };
  const apps = async (): Promise<string> => {
    return (await index())["apis/apps/v1"]?.serverRelativeURL ?? "";
  };

  it("has what kubectl looks for before it writes", async () => {
    const { code, body } = await server.call(await apps());
    expect(code).toBe(200);
    const { patch } = body.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"];
    expect(patch["x-kubernetes-group-version-kind"]).toEqual({
      group: "apps",
      version: "v1",
      kind: "StatefulSet",
    });
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain("fieldValidation");
    expect(Object.keys(patch.requestBody.content)).toContain("application/strategic-merge-patch+json");
    expect(body.components.schemas["io.k8s.api.core.v1.PodSpec"].properties.containers).toMatchObject({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge",
    });
  });

  it("refers to no schema that is not there", async () => {
    for (const { serverRelativeURL } of Object.values(await index())) {
      const { text, body } = await server.call(serverRelativeURL);
      const wanted = new Set(text.match(/(?<="#\/components\/schemas\/)[^"]+/g));
      expect(Object.keys(body.components.schemas)).toEqual(expect.arrayContaining([...wanted]));
    }
  });

  it("lets clients keep a document by its hash", async () => {
    const url = await apps();
    const { headers } = await server.call(url);
    expect(headers["cache-control"]).toBe("public, immutable");
    const again = await server.call(url, { headers: { "If-None-Match": String(headers["etag"]) } });
    expect([again.code, again.text]).toEqual([304, ""]);
    const wrong = await server.call("/openapi/v3/apis/apps/v1?hash=0");
    expect([wrong.code, wrong.headers["location"]]).toEqual([301, url]);
  });

  it("says of version 2 that there is nothing in it", async () => {
    const Accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    expect((await server.call("/openapi/v2")).body.paths).toEqual({});
    expect((await server.call("/openapi/v2", { headers: { Accept } })).text).toContain("Kubernetes");
  });
});
