import { beforeEach, describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/index.js";
import { pvcListCommand } from "../../src/commands/pvc-list.js";
import { Input } from "../../src/commands/shared/input.js";
import { exitCodeOf } from "../../src/errors.js";
import { testContext, testSink } from "../support/test-context.js";
import { FakeCluster } from "./claims/fake-cluster.js";

const now = Date.parse("2026-01-31T00:00:00Z");
let fake: FakeCluster;
/** Resources that were listed. */
let lists: string[];

function putClaim(ordinal: number, status: object = {}, spec: object = {}, set = "web") {
  const metadata = { name: `www-${set}-${ordinal}`, labels: { app: set } };
  const resources = { requests: { storage: "1Gi" } };
  return fake.put("persistentvolumeclaims", {
    metadata,
    spec: { volumeName: `pv-${ordinal}`, resources, storageClassName: "fast", ...spec },
    status: { phase: "Bound", capacity: { storage: "1Gi" }, ...status },
  });
}

function putSet(name: string, replicas: number) {
  fake.put("statefulsets", {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      volumeClaimTemplates: [{ metadata: { name: "www" } }],
    },
  });
}

function deletedPod(pod: string, lastTimestamp: string) {
  fake.put("events", {
    metadata: { name: `e-${pod}` },
    reason: "SuccessfulDelete",
    message: `delete Pod ${pod} in StatefulSet web successful`,
    involvedObject: { kind: "StatefulSet", namespace: "default", name: "web" },
    lastTimestamp,
  });
}

const unused = {
  conditions: [{ type: "Unused", status: "True", lastTransitionTime: "2026-01-28T00:00:00Z" }],
};

beforeEach(() => {
  fake = new FakeCluster();
  lists = [];
  putSet("web", 2);
  for (const ordinal of [0, 1, 2, 3, 4]) putClaim(ordinal);
  for (const ordinal of [0, 2, 3, 4]) {
    fake.put("persistentvolumes", {
      metadata: { name: `pv-${ordinal}` },
      spec: { persistentVolumeReclaimPolicy: ordinal === 3 ? "Retain" : "Delete" },
    });
  }
  fake.put("pods", {
    metadata: { name: "web-0" },
    spec: { volumes: [{ name: "www", persistentVolumeClaim: { claimName: "www-web-0" } }] },
  });
});

async function run(flags: Record<string, string> = {}, args: string[] = [], ascii = false, columns?: number) {
  const clock = { now: () => now, sleep: async () => undefined, after: () => () => undefined };
  const whole = fake.asCluster();
  const cluster = {
    ...whole,
    list: ((...call: Parameters<Cluster["list"]>) => {
      lists.push(call[0].resource);
      return whole.list(...call);
    }) as Cluster["list"],
  };
  const err = testSink({ ascii, ...(columns !== undefined && { isTerminal: true, columns }) });
  const context = testContext({ cluster, clock, out: testSink({ ascii }), err });
  const values = new Map(Object.entries(flags).map(([name, value]) => [name, [value]]));
  const work = async () => {
    const options = pvcListCommand.options(new Input(args, [], values));
    return pvcListCommand.run(options, context);
  };
  const code = await work().catch((error: unknown) => {
    context.err.write(`${(error as Error).message}\n`);
    return exitCodeOf(error);
  });
  return { code, out: context.out.text, err: context.err.text };
}

async function items(flags: Record<string, string> = {}) {
  const { out } = await run({ ...flags, output: "json" });
  return (JSON.parse(out) as { items: Record<string, unknown>[] }).items;
}

describe("pvc list", () => {
  it("gives a command that has no room on a terminal a line of its own", async () => {
    const { err } = await run({}, ["web"], false, 60);
    expect(err).toBe("5 claims, 5Gi · 3 left over, 3Gi (2Gi would be freed):\n  sts pvc cleanup web\n");
  });

  it("shows each claim, what deleting it does, and how to clean up", async () => {
    expect(await run({}, ["web"])).toEqual({
      code: 0,
      out: [
        "CLAIM       ORDINAL   STATE         POD     SIZE   AGE   CLASS   ON DELETE",
        "www-web-0   0         in-use        web-0   1Gi    30d   fast    data destroyed",
        "www-web-1   1         reserved              1Gi    30d   fast    may destroy data",
        "www-web-2   2         scaled-down           1Gi    30d   fast    data destroyed",
        "www-web-3   3         scaled-down           1Gi    30d   fast    volume kept, Released",
        "www-web-4   4         scaled-down           1Gi    30d   fast    data destroyed",
        "",
      ].join("\n"),
      err: "5 claims, 5Gi · 3 left over, 3Gi (2Gi would be freed): sts pvc cleanup web\n",
    });
    expect(lists).not.toContain("events");
  });

  it("prints commands that reach the same claims", async () => {
    const commandIn = async (flags: Record<string, string>, args: string[] = []) =>
      /: (sts pvc cleanup.*)\n/.exec((await run(flags, args)).err)?.[1];
    expect(await commandIn({})).toBe("sts pvc cleanup");
    expect(await commandIn({ "all-namespaces": "true" })).toBe("sts pvc cleanup -A");
    expect(await commandIn({ "all-namespaces": "true", namespace: "x" })).toBe("sts pvc cleanup -A");
    expect(await commandIn({ namespace: "default", context: "prod" }, ["web"])).toBe(
      "sts pvc cleanup web -n default --context=prod",
    );
    expect(await commandIn({ selector: "app in (a,b)" })).toBe("sts pvc cleanup -l 'app in (a,b)'");
    expect(await commandIn({ "older-than": "7d" }, ["web"])).toBe("sts pvc cleanup web --older-than=7d");
  });

  it("gives the documented fields, and few more", async () => {
    putClaim(4, { ...unused, capacity: { storage: "1Gi" } }, { resources: { requests: { storage: "2Gi" } } });
    const [used, , , , left] = await items();
    expect(left).toEqual({
      namespace: "default",
      name: "www-web-4",
      uid: "uid-www-web-4",
      set: "web",
      template: "www",
      ordinal: 4,
      state: "scaled-down",
      reason: "web runs ordinals 0 to 1; nothing uses ordinal 4",
      pod: null,
      phase: "Bound",
      terminating: false,
      size: "1Gi",
      requested: "2Gi",
      resize: "Resizing",
      storageClass: "fast",
      volume: "pv-4",
      reclaimPolicy: "Delete",
      unusedSince: "2026-01-28T00:00:00.000Z",
      unusedSinceBy: "condition",
      createdAt: "2026-01-01T00:00:00Z",
    });
    expect(used).toMatchObject({ state: "in-use", pod: "web-0", unusedSince: null, unusedSinceBy: null });
  });

  it.each([
    ["name", {}, "persistentvolumeclaim/www-web-2\n"],
    ["jsonpath={.items[*].ordinal}", {}, "2"],
    ["custom-columns=NAME:.name,STATE:.state", { "no-headers": "true" }, "www-web-2   scaled-down\n"],
  ])("-o %s", async (output, flags, expected) => {
    fake.remove("persistentvolumeclaims", "www-web-3");
    fake.remove("persistentvolumeclaims", "www-web-4");
    expect((await run({ state: "scaled-down", output, ...flags })).out).toBe(expected);
  });

  it.each([
    [".size", "2 4 0 1 3"],
    ["{.pod}", "1 2 3 4 0"],
    [".unusedSince", "2 4 3 0 1"],
  ])("orders by %s", async (path, expected) => {
    putClaim(3, { ...unused, capacity: { storage: "10Gi" } });
    putClaim(1, { capacity: { storage: "2Gi" } });
    putClaim(2, { capacity: { storage: "500Mi" } });
    putClaim(0, { capacity: { storage: "1536Mi" } });
    const { out } = await run({ "sort-by": path, output: "jsonpath={.items[*].ordinal}" });
    expect(out).toBe(expected);
  });

  it("says nothing on stdout where nothing is found", async () => {
    expect(await run({ state: "policy,ambiguous" }, ["web"])).toEqual({
      code: 0,
      out: "",
      err: "No policy or ambiguous claims of web found in this namespace.\n",
    });
    expect((await run({ "older-than": "99d" })).err).toBe(
      "No claims of StatefulSets, unused for so long, found in this namespace.\n",
    );
    expect((await run({ state: "policy", output: "json" })).out).toBe('{\n    "items": []\n}\n');
  });

  it.each<[string, Record<string, string>, string[], string]>([
    ["a state that is never shown", { state: "not-ours" }, [], '--state: "not-ours" is not one of in-use'],
    ["a selector that is none", { selector: "a b" }, [], '"a b" is not a label selector'],
    ["names and labels", { selector: "a=b" }, ["web"], "names and -l cannot be used together"],
    ["another kind", {}, ["deploy/web"], "sts works on StatefulSets only"],
    ["a map in a format", { graph: "true", output: "json" }, [], "does not go together with --output"],
    ["a part of a map", { graph: "true", state: "policy" }, [], "does not go together with --state"],
    ["an order that is none", { "sort-by": "{.a" }, [], "error parsing jsonpath"],
    ["a time that is none", { "older-than": "soon" }, [], "--older-than: "],
  ])("refuses %s", async (_, flags, args, message) => {
    const { code, err } = await run(flags, args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(lists).toEqual([]);
  });

  it("does not know a set that neither exists nor left anything", async () => {
    expect(await run({}, ["nope"])).toMatchObject({ code: 1, out: "" });
  });
});

describe("since when nothing uses a claim", () => {
  beforeEach(() => {
    putClaim(2, unused);
    deletedPod("web-3", "2026-01-30T23:00:00Z");
  });

  it("is told by the claim, else by an event, else by its creation, and which is said", async () => {
    const found = (await items()).map(({ name, unusedSince, unusedSinceBy }) => [
      name,
      unusedSince,
      unusedSinceBy,
    ]);
    expect(found).toEqual([
      ["www-web-0", null, null],
      ["www-web-1", null, null],
      ["www-web-2", "2026-01-28T00:00:00.000Z", "condition"],
      ["www-web-3", "2026-01-30T23:00:00.000Z", "event"],
      ["www-web-4", "2026-01-01T00:00:00.000Z", "creation"],
    ]);
    const { out } = await run({ output: "wide" });
    for (const text of ["3d by condition", "60m by event", "30d by creation"]) expect(out).toContain(text);
  });

  it.each([
    ["59m", ["www-web-2", "www-web-3", "www-web-4"]],
    ["1h", ["www-web-2", "www-web-3", "www-web-4"]],
    ["61m", ["www-web-2", "www-web-4"]],
    ["4d", ["www-web-4"]],
    ["31d", []],
  ])("chooses what is older than %s", async (olderThan, expected) => {
    expect((await items({ "older-than": olderThan })).map(({ name }) => name)).toEqual(expected);
    const { out } = await run({ "older-than": olderThan });
    for (const name of expected) expect(out).toContain(name);
    if (expected.length > 0) expect(out).toContain("UNUSED");
  });

  it("needs no events where every claim tells", async () => {
    for (const ordinal of [3, 4]) putClaim(ordinal, unused);
    lists = [];
    await items();
    expect(lists).not.toContain("events");
    putClaim(4);
    await items();
    expect(lists).toContain("events");
  });

  it("goes by creation where events may not be read, and says so", async () => {
    fake.forbidden = ["events"];
    const { out, err } = await run({ output: "wide" });
    expect(err).toContain(
      "note: events may not be read here: a claim counts as unused from its creation on\n",
    );
    expect(out).toMatch(/^www-web-3 .* 30d by creation/m);
  });
});

it("names the autoscaler, and the ScaledObject that made it", async () => {
  fake.put("horizontalpodautoscalers", {
    metadata: { name: "keda-hpa-web", labels: { "scaledobject.keda.sh/name": "web-load" } },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" }, maxReplicas: 4 },
  });
  const { out, err } = await run({ output: "wide" });
  expect(out).toMatch(
    /^www-web-3 .* HorizontalPodAutoscaler keda-hpa-web \(of the KEDA ScaledObject web-load\) may scale web up to 4 replicas$/m,
  );
  expect(err).toBe(
    [
      "5 claims, 5Gi · 1 left over, 1Gi: sts pvc cleanup",
      "2 autoscaled, 2Gi (1Gi would be freed): sts pvc cleanup --include=autoscaled",
      "",
    ].join("\n"),
  );
});

it("leaves alone what another controller owns, with a reason", async () => {
  const metadata = {
    name: "www-web-4",
    labels: { app: "web" },
    ownerReferences: [
      { apiVersion: "db.example/v1", kind: "Database", name: "main", uid: "u", controller: true },
    ],
  };
  fake.put("persistentvolumeclaims", { metadata, spec: { volumeName: "pv-4" } });
  const { out, err } = await run({ output: "wide" }, ["web"]);
  expect(out).toMatch(/^www-web-4 .* ambiguous, Pending .* Database main/m);
  expect(err).toContain("1 ambiguous, 0: sts pvc list web --state=ambiguous -o wide\n");
});

it("goes on where volumes and autoscalers may not be read, and says what it could not see", async () => {
  fake.forbidden = ["persistentvolumes", "horizontalpodautoscalers"];
  const { code, out, err } = await run();
  expect(code).toBe(0);
  expect(out.match(/may destroy data/g)).toHaveLength(5);
  expect(out).not.toContain("scaled-down");
  expect(err).toContain("note: persistentvolumes may not be read here");
  expect(err).toContain("note: horizontalpodautoscalers may not be read here");
  expect(err).toContain("3 autoscaled, 3Gi: sts pvc cleanup --include=autoscaled\n");
});

describe("--graph", () => {
  it("draws a map of each set, and sums up where there are several", async () => {
    expect((await run({ graph: "true" }, ["web"])).err).toBe("");
    putSet("db", 1);
    const { out, err } = await run({ graph: "true" });
    expect(out).toBe(
      [
        "default/db   1 replica, db-0 · no claims",
        "       0",
        "  www  _",
        "  missing: www-db-0",
        "",
        "default/web   2 replicas, web-0 and web-1 · 5 claims, 5Gi",
        "       0-4",
        "  www  ●○▒▒▒",
        "  3 left over, 3Gi (2Gi would be freed): sts pvc cleanup web",
        "",
        "● in use  ○ reserved  ▒ left over  _ missing",
        "",
      ].join("\n"),
    );
    expect(err).toBe("");
    putClaim(0, {}, {}, "db");
    expect((await run({ graph: "true" })).err).toContain("6 claims, 6Gi · 3 left over");
  });

  it("keeps to ASCII where there is nothing else", async () => {
    const { out } = await run({ graph: "true" }, ["web"], true);
    expect(out).toMatch(/^[\n -~]*$/);
    expect(out).toContain("  www  #o%%%\n");
  });

  it("finds nothing", async () => {
    for (const ordinal of [0, 1, 2, 3, 4]) fake.remove("persistentvolumeclaims", `www-web-${ordinal}`);
    fake.remove("statefulsets", "web");
    expect(await run({ graph: "true" })).toEqual({
      code: 0,
      out: "",
      err: "No claims of StatefulSets found in this namespace.\n",
    });
  });
});
