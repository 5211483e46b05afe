import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ageText } from "../../../src/sandbox/api/tables/age.js";
import { tableOf } from "../../../src/sandbox/api/tables/index.js";
import { Transformer } from "../../../src/sandbox/api/transformation.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { startServer, type TestServer } from "./support.js";

const now = Date.parse("2026-01-01T00:00:00Z");
const options = { now, kubernetesVersion: "1.37", headers: true, rowObject: () => null };
const object = (fields: object): AnyObject =>
  ({
    apiVersion: "v1",
    kind: "",
    ...fields,
    metadata: {
      name: "n",
      creationTimestamp: "2025-12-31T23:00:00Z",
      ...("metadata" in fields && (fields.metadata as object)),
    },
  }) as AnyObject;

/** The cells of an object by the names of their columns. */
function cellsOf(kind: string, fields: object): Record<string, unknown> {
  const { columnDefinitions, rows } = tableOf(kind, object(fields), options);
  const cells = rows?.[0]?.cells ?? [];
  return Object.fromEntries((columnDefinitions ?? []).map(({ name }, index) => [name, cells[index]]));
}

describe("an age", () => {
  it.each([
    [-5_000, "<invalid>"],
    [-1_500, "0s"],
    [0, "0s"],
    [119_999, "119s"],
    [120_000, "2m"],
    [125_000, "2m5s"],
    [10 * 60_000, "10m"],
    [179 * 60_000, "179m"],
    [3 * 3_600_000, "3h"],
    [200 * 60_000, "3h20m"],
    [8 * 3_600_000, "8h"],
    [48 * 3_600_000, "2d"],
    [50 * 3_600_000, "2d2h"],
    [8 * 86_400_000, "8d"],
    [730 * 86_400_000, "2y"],
    [800 * 86_400_000, "2y70d"],
    [9 * 365 * 86_400_000, "9y"],
  ])("of %d ms is %s", (milliseconds, text) => expect(ageText(milliseconds)).toBe(text));
});

describe("the cells of a pod", () => {
  const container = (name: string, state: object, fields: object = {}) => ({ name, state, ...fields });
  const running = { running: {} };
  const pod = (status: object, metadata: object = {}) =>
    cellsOf("Pod", { metadata, spec: { containers: [{ name: "a" }, { name: "b" }] }, status });

  it.each<[string, object, object?]>([
    ["Pending", { phase: "Pending" }],
    ["Evicted", { phase: "Failed", reason: "Evicted" }],
    ["Terminating", { phase: "Running" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    ["Unknown", { phase: "Running", reason: "NodeLost" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    ["Succeeded", { phase: "Succeeded" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    [
      "CrashLoopBackOff",
      { phase: "Running", containerStatuses: [container("a", { waiting: { reason: "CrashLoopBackOff" } })] },
    ],
    [
      "Signal:9",
      { phase: "Failed", containerStatuses: [container("a", { terminated: { exitCode: 137, signal: 9 } })] },
    ],
    ["Init:0/0", { phase: "Pending", initContainerStatuses: [container("i", running)] }],
  ])("say %s", (word, status, metadata) => expect(pod(status, metadata)["Status"]).toBe(word));

  it("count restarts, and say when the last one was", () => {
    const ended = (finishedAt: string) => ({
      restartCount: 2,
      ready: true,
      lastState: { terminated: { finishedAt } },
    });
    const containerStatuses = [
      container("a", running, ended("2025-12-31T23:59:00Z")),
      container("b", running, ended("2025-12-31T23:50:00Z")),
    ];
    expect(pod({ phase: "Running", containerStatuses })).toMatchObject({
      Restarts: "4 (60s ago)",
      Ready: "2/2",
      Age: "60m",
    });
  });

  it("come with a condition when it is over", () => {
    const { rows } = tableOf("Pod", object({ status: { phase: "Succeeded" } }), options);
    const message = "The pod has completed successfully.";
    expect(rows?.[0]?.conditions).toEqual([
      { type: "Completed", status: "True", reason: "Succeeded", message },
    ]);
  });
});

describe("the cells of a storage class", () => {
  const marked = (name: string, creationTimestamp: string) =>
    object({
      metadata: {
        name,
        creationTimestamp,
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
    });
  const classes = [marked("a", "2025-01-01T00:00:00Z"), marked("b", "2025-02-01T00:00:00Z"), object({})];
  const names = (kubernetesVersion: string, shown: AnyObject | AnyObject[]) =>
    tableOf("StorageClass", shown, { ...options, kubernetesVersion }).rows?.map(({ cells }) => cells[0]);

  it("name the newest default of a list", () =>
    expect(names("1.37", classes)).toEqual(["a", "b (default)", "n"]));
  it("name none outside of a list", () => expect(names("1.37", classes.slice(1, 2)[0] ?? [])).toEqual(["b"]));
  it("named every default before 1.37", () =>
    expect(names("1.36", classes)).toEqual(["a (default)", "b (default)", "n"]));
});

it.each([
  [
    { type: "Resource", resource: { name: "cpu", target: { averageUtilization: 80 } } },
    { resource: { current: { averageUtilization: 41 } } },
    "cpu: 41%/80%",
  ],
  [{ type: "Resource", resource: { name: "cpu", target: {} } }, undefined, "cpu: <unknown>/<auto>"],
  [
    { type: "Object", object: { target: { value: "2k" } } },
    { object: { current: { value: "1k" } } },
    "1k/2k",
  ],
  [{ type: "Strange" }, undefined, "<unknown type>"],
])("how far an autoscaler is from %j", (metric, status, text) => {
  const cells = cellsOf("HorizontalPodAutoscaler", {
    spec: { metrics: [metric] },
    status: status && { currentMetrics: [status] },
  });
  expect(cells["Targets"]).toBe(text);
});

describe("a server", () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer({ history: 10 });
  });
  afterEach(() => server.close());

  const Accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const maps = "/api/v1/namespaces/default/configmaps";

  it("gives Tables in pages", async () => {
    for (const name of ["a", "b", "c"])
      await server.call(maps, { body: { metadata: { name }, data: { x: "1" } } });
    const { body } = await server.call(`${maps}?limit=2`, { headers: { Accept } });
    expect(body).toMatchObject({
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      metadata: { remainingItemCount: 1 },
    });
    expect(body.rows.map(({ cells }: { cells: unknown[] }) => cells)).toEqual([
      ["a", 1, "0s"],
      ["b", 1, "0s"],
    ]);
    expect(body.rows[0].object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "a" } });
    const rest = await server.call(`${maps}?limit=2&continue=${body.metadata.continue}`, {
      headers: { Accept },
    });
    expect(rest.body.rows).toHaveLength(1);
  });

  it("answers what is asked for as YAML, errors too", async () => {
    const headers = { Accept: "application/yaml" };
    const { headers: got, text } = await server.call("/api/v1/namespaces/default", { headers });
    expect(got["content-type"]).toBe("application/yaml");
    expect(text).toMatch(/^apiVersion: v1\nkind: Namespace\n/);
    expect((await server.call(`${maps}/none`, { headers })).text).toContain("reason: NotFound\n");
  });
});

describe("a watch as Tables", () => {
  const env = { now: () => now, kubernetesVersion: "1.37" };
  const transformation = { as: "Table", version: "v1" } as const;
  const transformer = new Transformer(transformation, new URLSearchParams("includeObject=None"), env);
  const event = (fields: object, first: boolean) =>
    transformer.event(object({ kind: "ConfigMap", ...fields }), first) as {
      columnDefinitions: object[] | null;
      rows: { object: object | null }[];
    };

  it("has columns in its first event alone", () => {
    expect(event({}, true).columnDefinitions).toHaveLength(3);
    expect(event({}, false).columnDefinitions).toBeNull();
  });

  it("shows what ends the first events even to those who want no objects", () => {
    const annotations = { "k8s.io/initial-events-end": "true" };
    expect(event({}, true).rows[0]?.object).toBeNull();
    expect(event({ metadata: { annotations } }, false).rows[0]?.object).toMatchObject({
      metadata: { annotations },
    });
  });

  it("breaks off with a Status as it is", () => {
    const gone = { kind: "Status", code: 410 };
    expect(transformer.event(gone, true)).toBe(gone);
  });
});
