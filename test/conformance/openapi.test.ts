import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { bad, good, managed } from "./openapi-manifests.js";
import { onBoth, openSides, type Side } from "./support/side.js";

const pair = inject("pair");
const namespace = `openapi-${process.pid}`;

type Json = Record<string, any>; // oxlint-disable-line no-explicit-any -- documents are looked at from outside

/** Without texts: the sandbox has no descriptions. Nor has it unions, which say nothing to clients yet. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => !(key === "description" && typeof inner === "string") && key !== "x-kubernetes-unions",
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, bare(inner)]));
}

async function documents(side: Side): Promise<Record<string, string>> {
  const { code, body } = await side.request({ path: "/openapi/v3" });
  expect(code).toBe(200);
  const paths = Object.entries(body.paths as Record<string, { serverRelativeURL: string }>);
  return Object.fromEntries(paths.map(([name, { serverRelativeURL }]) => [name, serverRelativeURL]));
}

/** What clients read of an operation: what it is about, what goes in and what comes back as JSON. */
function operationOf(operation: Json): unknown {
  const { parameters: _parameters, responses, ...rest } = operation;
  const content = (responses["200"] ?? responses["201"])?.content ?? {};
  return bare({ ...rest, answer: content["application/json"] ?? content["*/*"] });
}

/** Ages, identities and times; and the file that `diff` was given. */
function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( [-+]\d{4}|Z)/g, "TIME")
    .replaceAll(/(resourceVersion\\*"?: ?\\*")\d+/g, "$1RV")
    .replaceAll(/(clusterIPs?:?\n?\s*-? ?)\d+\.\d+\.\d+\.\d+/g, "$1IP")
    .replaceAll(/^([WE])\d{4} [\d:.]+ +\d+/gm, "$1")
    .replaceAll(/\/tmp\/(LIVE|MERGED)-\d+/g, "$1");
}

/** Conflicts with several managers come as Go goes through them: as it likes. */
function inOrder(stderr: string): string[] {
  return stderr.split(/(?<=conflicts: )|\n/).sort();
}

describe.skipIf(!pair)(`OpenAPI (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  const [sandbox, real] = sides;
  beforeAll(async () => {
    const metadata = { name: namespace };
    await onBoth(sides, (side) =>
      side.port.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata }),
    );
  });
  afterAll(async () => {
    await onBoth(sides, (side) => side.port.delete("namespaces", { name: namespace }));
    sides.forEach((side) => side.close());
  });

  it("has the documents of the group versions that it serves", async () => {
    const [ours, theirs] = await onBoth(sides, documents);
    expect(Object.keys(ours)).toContain("apis/apps/v1");
    expect(Object.keys(theirs)).toEqual(expect.arrayContaining(Object.keys(ours)));
    for (const [name, url] of Object.entries(ours))
      expect(url).toMatch(new RegExp(`^/openapi/v3/${name.replaceAll(".", "\\.")}\\?hash=[0-9A-F]{128}$`));
  });

  it("says of paths and schemas what the API says", async () => {
    // The sandbox has the schemas of the newest release whatever it behaves as.
    if (pair.kubernetesVersion !== "1.37") return;
    const [ours, theirs] = await onBoth(sides, documents);
    for (const name of Object.keys(ours)) {
      const one = (await sandbox.request({ path: ours[name] ?? "" })).body as Json;
      const other = (await real.request({ path: theirs[name] ?? "" })).body as Json;
      for (const [schema, found] of Object.entries(one["components"].schemas as Json))
        expect([name, schema, bare(found)]).toEqual([
          name,
          schema,
          bare(other["components"].schemas[schema]),
        ]);
      for (const [path, methods] of Object.entries(one["paths"] as Json))
        for (const [method, operation] of Object.entries(methods as Json)) {
          if (method === "parameters") continue;
          const expected = other["paths"][path]?.[method] as Json;
          expect([path, method, operationOf(operation as Json)]).toEqual([
            path,
            method,
            operationOf(expected),
          ]);
          const known = [...(expected["parameters"] ?? []), ...(other["paths"][path].parameters ?? [])].map(
            bare,
          );
          for (const parameter of (operation as Json)["parameters"] ?? [])
            expect(known).toContainEqual(parameter);
        }
    }
  });

  const apps = "/openapi/v3/apis/apps/v1";
  it.each([
    ["the index", "/openapi/v3", {}],
    ["a document", apps, {}],
    ["what there is not", "/openapi/v3/apis/none/v1", {}],
    ["a wrong hash", `${apps}?hash=ABC`, {}],
    ["JSON", apps, { Accept: "application/json" }],
    ["JSON at last", apps, { Accept: "text/html, application/json;q=0.5" }],
    ["HTML", apps, { Accept: "text/html" }],
    ["a wrong tag", apps, { "If-None-Match": '"ABC"' }],
  ])("answers a request for %s as the API does", async (_what, path, headers) => {
    const [ours, theirs] = await onBoth(sides, async (side) => {
      const { code, headers: found } = await side.request({ path, headers });
      const kept = [found["content-type"], found["cache-control"], found["vary"]];
      return { code, kept: path === "/openapi/v3" ? [] : kept };
    });
    expect(ours).toEqual(theirs);
  });

  it("answers a document that the client has with 304, and one by its hash for good", async () => {
    const [ours, theirs] = await onBoth(sides, async (side) => {
      const url = (await documents(side))["apis/apps/v1"] ?? "";
      const { code, headers } = await side.request({ path: url });
      const known = await side.request({ path: url, headers: { "If-None-Match": headers.etag ?? "" } });
      const { "cache-control": cache, vary, "content-type": type } = headers;
      return { code, cache, vary, type, tagged: headers.etag, known: [known.code, known.text], url };
    });
    expect(ours.known).toEqual([304, ""]);
    expect(ours.url).toContain(ours.tagged?.replaceAll('"', "") ?? "none");
    expect({ ...ours, tagged: "", url: "" }).toEqual({ ...theirs, tagged: "", url: "" });
  });

  it("has protobuf for nobody", async () => {
    const Accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
    expect((await sandbox.request({ path: apps, headers: { Accept } })).code).toBe(406);
  });

  async function same(args: string[], stdin?: string): Promise<void> {
    const [ours, theirs] = await onBoth(sides, async (side) => {
      const { code, stdout, stderr } = await side.kubectl(namespace, args, stdin);
      return { args, code, stdout: steady(stdout), stderr: inOrder(steady(stderr)) };
    });
    expect(ours).toEqual(theirs);
  }

  describe.skipIf(!pair.kubectl)("for kubectl", () => {
    it.each(Object.entries(bad))("refuses or warns of %s", async (_what, manifest) => {
      for (const validate of ["true", "strict", "warn", "ignore", "false"]) {
        await same(["create", "--dry-run=server", `--validate=${validate}`, "-f", "-"], manifest);
        await same(["apply", "--dry-run=server", `--validate=${validate}`, "-f", "-"], manifest);
      }
    });

    it("creates, applies, diffs, patches and replaces without a flag", async () => {
      await same(["create", "-f", "-"], good("a", 0, "nginx"));
      await same(["apply", "-f", "-"], good("b", 0, "nginx"));
      await same(["diff", "-f", "-"], good("b", 0, "nginx:2"));
      await same(["apply", "-f", "-"], good("b", 0, "nginx:2"));
      await same(["apply", "-f", "-"], good("b", 0, "nginx:2"));
      await same(["diff", "-f", "-"], good("b", 0, "nginx:2"));
      const port = { spec: { ports: [{ port: 81, name: "more" }] } };
      await same(["patch", "service", "b", "--type=strategic", "-p", JSON.stringify(port)]);
      await same(["get", "service", "b", "-o", "jsonpath={.spec.ports}"]);
      await same(["apply", "-f", "-"], good("b", 0, "nginx:3", "env: [{name: A, value: b}]"));
      await same(["get", "sts", "b", "-o", "jsonpath={.spec.template}"]);
      await same(["replace", "-f", "-"], good("a", 0, "nginx:2"));
    });

    it("applies on the server: conflicts, force, and what was applied by kubectl before", async () => {
      for (const step of managed) await same(step.args, step.manifest);
      await same([
        "get",
        "sts",
        "m",
        "-o",
        'jsonpath={.metadata.managedFields[?(@.manager=="kubectl")].fieldsV1}',
      ]);
    });

    // The schemas are those of the newest release, whatever the sandbox behaves as (docs/sandbox.md).
    it
      .skipIf(pair.kubernetesVersion !== "1.37")
      .each([
        "sts",
        "sts.spec",
        "pod.spec.containers",
        "service.spec.ports",
        "pvc",
        "pdb.spec",
        "node.status",
        "endpointslices",
        "hpa.spec.metrics",
        "sc",
        "pv.spec",
        "cm",
        "none",
        "sts.spec.none",
      ])("explains %s, its texts aside", async (what) => {
      const [ours, theirs] = await onBoth(sides, async (side) => {
        const { code, stdout, stderr } = await side.kubectl(namespace, ["explain", what, "--recursive"]);
        // After the description of the whole come the fields.
        const [head = "", fields = ""] = stdout.split(/^FIELDS:\n/m);
        const kept = [head.replace(/^DESCRIPTION:[\s\S]*/m, ""), fields.trimEnd()];
        return { code, kept, stderr };
      });
      expect(ours).toEqual(theirs);
    });

    it("lists resources as the API does, of those that it serves", async () => {
      const lines = async (side: Side): Promise<string[]> => {
        const { stdout } = await side.kubectl(namespace, ["api-resources", "-o", "wide", "--no-headers"]);
        return stdout.split("\n").map((line) => line.trim().replaceAll(/\s+/g, " "));
      };
      const [ours, theirs] = await onBoth(sides, lines);
      expect(ours.length).toBeGreaterThan(20);
      expect(theirs).toEqual(expect.arrayContaining(ours));
    });
  });
});
