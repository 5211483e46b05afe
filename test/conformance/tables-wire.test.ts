import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { onBoth, openSides, type Side } from "./support/side.js";
import { steady } from "./tables/rig.js";

const pair = inject("pair");
const as = (kind: string, version = "v1", type = "json") =>
  `application/${type};as=${kind};v=${version};g=meta.k8s.io`;
const table = as("Table");
const bookmarks = "allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

/** A request, by its path below the namespace, and what is accepted as its answer. */
const requests: [path: string, accept: string, method?: string, body?: object][] = [
  ["/configmaps/a", ""],
  ["/configmaps/a", table],
  ["/configmaps/a", as("Table", "v1beta1")],
  ["/configmaps/a", `${as("Table")},${as("Table", "v1beta1")},application/json`],
  ["/configmaps/a", `${as("Table", "v2")},application/json`],
  ["/configmaps/a", as("Table", "v2")],
  ["/configmaps/a", as("Bogus")],
  ["/configmaps/a", "application/json;as=Table"],
  ["/configmaps/a", "application/json;as=Table;v=v1;g=example.com,*/*"],
  ["/configmaps/a", `application/json;q=0.9,${table};q=0.8`],
  ["/configmaps/a", `application/json;q=0.7,${table};q=0.8`],
  ["/configmaps/a", `*/*,${table}`],
  ["/configmaps/a", `${table};unknown=1`],
  ["/configmaps/a", "application/json;stream=watch"],
  ["/configmaps/a", "application/json;stream=other"],
  ["/configmaps/a", "image/png"],
  ["/configmaps/a", "image/png, */*"],
  ["/configmaps/a", "application/*"],
  ["/configmaps/a", "text/plain"],
  ["/configmaps/a", "application/json;q=0.5,application/yaml"],
  ["/configmaps/a", "application/yaml"],
  ["/configmaps/a", as("Table", "v1", "yaml")],
  ["/configmaps/none", "application/yaml"],
  ["/configmaps/none", table],
  ["/configmaps/none", "image/png"],
  ["/nothings/none", "image/png"],
  ["/configmaps", "image/png"],
  ["/configmaps", as("Bogus")],
  ["/configmaps?includeObject=None", table],
  ["/configmaps?includeObject=Metadata", table],
  ["/configmaps?includeObject=Object", table],
  ["/configmaps?includeObject=Bogus", table],
  ["/configmaps?includeObject=Bogus", "application/json"],
  ["/configmaps?limit=1", table],
  ["/configmaps?limit=1&labelSelector=of=wire", table],
  ["/configmaps?labelSelector=none", table],
  ["/roles", table],
  ["/configmaps/a", as("PartialObjectMetadata")],
  ["/configmaps/a", as("PartialObjectMetadata", "v1beta1")],
  ["/configmaps/a", as("PartialObjectMetadataList")],
  ["/configmaps?limit=1", as("PartialObjectMetadataList")],
  ["/configmaps", as("PartialObjectMetadata")],
  ["/statefulsets", as("PartialObjectMetadata")],
  ["/statefulsets/web/scale", table],
  ["/statefulsets/web/status", table],
  ["/configmaps?dryRun=All", table, "POST", { metadata: { name: "new" }, data: { a: "b" } }],
  ["/configmaps", table, "POST", { metadata: { name: "a" } }],
  ["/configmaps?dryRun=All", as("PartialObjectMetadata"), "POST", { metadata: { name: "new" } }],
  ["/configmaps/a?dryRun=All", table, "PUT", { metadata: { name: "a" }, data: {} }],
  ["/configmaps/a?dryRun=All", table, "DELETE"],
  ["/serviceaccounts/default?dryRun=All", table, "DELETE"],
  ["/configmaps?watch=1&timeoutSeconds=1", table],
  [`/configmaps?watch=1&timeoutSeconds=1&${bookmarks}`, table],
  [`/configmaps?watch=1&timeoutSeconds=1&includeObject=None&${bookmarks}`, table],
  [`/configmaps?watch=1&timeoutSeconds=1&includeObject=Object&${bookmarks}`, table],
  [`/statefulsets?watch=1&timeoutSeconds=1&labelSelector=none&${bookmarks}`, table],
  [`/pods?watch=1&timeoutSeconds=1&labelSelector=none&${bookmarks}`, table],
  [`/roles?watch=1&timeoutSeconds=1&${bookmarks}`, table],
  [`/configmaps?watch=1&timeoutSeconds=1&${bookmarks}`, as("PartialObjectMetadata")],
  ["/configmaps?watch=1", as("Bogus")],
  ["/configmaps?watch=1", "application/yaml"],
  ["/configmaps?watch=1", "application/yaml,application/json"],
  ["/configmaps?watch=1", "image/png"],
  ["/endpoints", "application/json"],
];

// Protobuf is what the sandbox does not speak; the tokens of pages are the server's own.
const alike = (text: string): string =>
  steady(text)
    .replaceAll(/, application\/vnd\.kubernetes\.protobuf(;stream=watch)?/g, "")
    .replaceAll(/(resourceVersion\\?":\s?\\?")\d+/g, "$1RV")
    .replaceAll(/(continue\\?":\s?\\?")[\w-]+/g, "$1TOKEN");

/** Fields in order, those of managers aside: another test compares them. */
const sorted = (_: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([name]) => name !== "managedFields");
  return Object.fromEntries(kept.sort(([one], [other]) => (one < other ? -1 : 1)));
};

describe.skipIf(!pair)(`Accept on both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  const namespace = `wire-${randomUUID().slice(0, 8)}`;

  beforeAll(() =>
    onBoth(sides, async ({ port }) => {
      await port.create("namespaces", { metadata: { name: namespace } });
      const maps = ["a", "b", "c"].map((name) =>
        port.create("configmaps", {
          metadata: { name, namespace, labels: { of: "wire" } },
          data: { a: "1" },
        }),
      );
      const selector = { matchLabels: { app: "web" } };
      const template = {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "c", image: "i" }] },
      };
      const spec = { replicas: 0, serviceName: "web", selector, template };
      await Promise.all([
        ...maps,
        port.create("statefulsets", { metadata: { name: "web", namespace }, spec }),
      ]);
    }),
  );
  afterAll(async () => {
    await onBoth(sides, ({ port }) => port.delete("namespaces", { name: namespace }));
    for (const side of sides) side.close();
  });

  async function answer(side: Side, [path, accept, method = "GET", body]: (typeof requests)[number]) {
    const root = path.startsWith("/statefulsets")
      ? "/apis/apps/v1"
      : path.startsWith("/roles")
        ? rbac
        : "/api/v1";
    const headers = { Accept: accept, "User-Agent": "test" };
    const sent = { method, path: `${root}/namespaces/${namespace}${path}`, body, headers };
    const { code, text, headers: got } = await side.request(sent);
    const warnings = got["warning"];
    const type = got["content-type"];
    const isJson = type === "application/json";
    const lines = isJson && path.includes("watch=") && code === 200 ? text.trim().split("\n") : [text];
    // How often a quiet watch is told the newest version is each server's own matter.
    const told = lines.filter((line) => !line.includes('"BOOKMARK"') || line.includes("initial-events-end"));
    const shown = told.map((line) =>
      isJson && line ? alike(JSON.stringify(JSON.parse(line, sorted))) : alike(line),
    );
    return { code, type, warnings, shown: isJson ? shown.map((line) => line && JSON.parse(line)) : code };
  }
  const rbac = "/apis/rbac.authorization.k8s.io/v1";

  it.concurrent.each(requests)("%s accepted as %s %s", async (...request) => {
    const [ours, real] = await onBoth(sides, (side) => answer(side, request));
    expect(ours).toEqual(real);
  });
});
