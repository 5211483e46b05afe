import { describe, expect, it } from "vitest";
import { requestInfo } from "../../../src/sandbox/api/request.js";
import { readFault } from "../../../src/sandbox/faults/read.js";
import { FaultRules, type RequestFaultSpec } from "../../../src/sandbox/faults/rules.js";
import { faultWords } from "../../../src/sandbox/faults/words.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";

function info(line: string) {
  const [method = "", url = ""] = line.split(" ");
  const [path = "", search] = url.split("?");
  return requestInfo(method, path, new URLSearchParams(search));
}

const sets = "/apis/apps/v1/namespaces/default/statefulsets";
const lines = {
  version: "GET /version",
  list: "GET /api/v1/pods",
  watch: "GET /api/v1/pods?watch=true",
  log: "GET /api/v1/namespaces/default/pods/web-0/log",
  create: `POST ${sets}`,
  patch: `PATCH ${sets}/web`,
  scale: `PATCH ${sets}/web/scale`,
  remove: `DELETE ${sets}/web`,
};

function rules(...specs: RequestFaultSpec[]) {
  const time = { now: 0 };
  const made = new FaultRules(() => time.now);
  specs.forEach((spec, index) => made.add(`${spec.type}-${index + 1}`, spec));
  return { made, time, strike: (line: string) => made.strike(info(line)).map(({ type }) => type) };
}

describe("which requests a fault falls upon", () => {
  it.each<[string, Omit<RequestFaultSpec, "type">, (keyof typeof lines)[]]>([
    ["all", {}, ["version", "list", "watch", "log", "create", "patch", "scale", "remove"]],
    ["a verb", { verbs: ["list", "delete"] }, ["list", "remove"]],
    ["a resource, with its subresources", { resources: ["pods"] }, ["list", "watch", "log"]],
    ["a subresource alone", { resources: ["statefulsets.apps/scale"] }, ["scale"]],
    ["both", { verbs: ["patch"], resources: ["statefulsets.apps"] }, ["patch", "scale"]],
  ])("%s", (_, selection, hit) => {
    const { strike } = rules({ type: "error", ...selection });
    const struck = Object.entries(lines).filter(([, line]) => strike(line).length > 0);
    expect(struck.map(([name]) => name)).toEqual(hit);
  });

  it("a conflict only those that change an object that is there", () => {
    const { strike } = rules({ type: "conflict" });
    expect(Object.keys(lines).filter((name) => strike(lines[name as keyof typeof lines]).length > 0)).toEqual(
      ["patch", "scale"],
    );
  });

  it("each n-th, as often as it says, and counts", () => {
    const { made, strike } = rules({ type: "error", every: 3, count: 2, verbs: ["list"] });
    const hits = Array.from({ length: 12 }, () => strike(lines.list).length);
    expect(hits).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    strike(lines.patch);
    expect(made.list()).toMatchObject([{ name: "error-1", state: "over", seen: 6, hits: 2 }]);
  });

  it("none after its time", () => {
    const { made, time, strike } = rules({ type: "cut", forMilliseconds: 1_000 });
    time.now = 999;
    expect(strike(lines.list)).toEqual(["cut"]);
    time.now = 1_000;
    expect(strike(lines.list)).toEqual([]);
    expect(made.list()).toMatchObject([{ state: "over", until: "1970-01-01T00:00:01.000Z", hits: 1 }]);
  });

  it("those behind one that answers do not see the request", () => {
    const { made, strike } = rules(
      { type: "latency", milliseconds: 5 },
      { type: "throttle", every: 2 },
      { type: "error" },
    );
    expect([strike(lines.list), strike(lines.list)]).toEqual([
      ["latency", "error"],
      ["latency", "throttle"],
    ]);
    expect(made.list().map(({ seen, hits }) => [seen, hits])).toEqual([
      [2, 2],
      [2, 1],
      [1, 1],
    ]);
  });

  it("is cleared by name or sort, and remembers no more than a hundred", () => {
    const { made } = rules({ type: "error" }, { type: "cut" }, { type: "error" });
    expect(made.clear(({ name }) => name === "error-3")).toMatchObject([{ name: "error-3" }]);
    expect(made.clear(({ type }) => type === "error")).toHaveLength(1);
    expect(made.list().map(({ name }) => name)).toEqual(["cut-2"]);
    for (let serial = 0; serial < 150; serial += 1)
      made.add(`x-${serial}`, { type: "cut", forMilliseconds: 0 });
    expect(made.list()).toHaveLength(100);
    expect(made.list()[0]?.name).toBe("cut-2");
  });
});

describe("readFault", () => {
  const read = (value: unknown) => readFault(JSON.stringify(value), sandboxKinds());

  it("takes the names of resources that kubectl takes", () => {
    const { resources } = read({ type: "cut", resources: ["sts", "Pod", "pvc", "statefulsets.apps/scale"] });
    expect(resources).toEqual([
      "statefulsets.apps",
      "pods",
      "persistentvolumeclaims",
      "statefulsets.apps/scale",
    ]);
  });

  it.each<[unknown, string]>([
    [[], "the body must be an object of JSON"],
    [{}, "type: one of throttle, error"],
    [{ type: "flood" }, "type: one of throttle"],
    [{ type: "latency" }, "milliseconds: latency needs it"],
    [{ type: "latency", milliseconds: 60_001 }, "milliseconds: a whole number from 1 to 60000 is needed"],
    [{ type: "away", milliseconds: 1_000, every: 2 }, "every: away has no such field"],
    [{ type: "kill-node" }, "node: kill-node needs the name of one"],
    [{ type: "error", every: 0 }, "every: a whole number from 1 to 10000 is needed"],
    [{ type: "error", code: 404 }, "code: one of 500, 503, 504 is needed"],
    [{ type: "error", verbs: "get" }, "verbs: a list of words is needed"],
    [{ type: "error", verbs: ["proxy"] }, '"proxy" is no verb that error can fall upon'],
    [
      { type: "conflict", verbs: ["create"] },
      '"create" is no verb that conflict can fall upon: update, patch',
    ],
    [{ type: "cut", resources: ["foos"] }, `the server doesn't have a resource type "foos"`],
    [{ type: "cut", resources: ["pods/scale"] }, 'pods have no subresource "scale"'],
    [{ type: "cut", node: "node-1" }, "node: cut has no such field"],
    [{ type: "cut", constructor: 1 }, "constructor: cut has no such field"],
  ])("refuses %j", (value, message) => {
    expect(() => read(value)).toThrow(message);
  });
});

describe("faultWords", () => {
  it("is the command line again", () => {
    expect(
      faultWords({
        type: "throttle",
        verbs: ["get", "list"],
        every: 3,
        count: 2,
        forMilliseconds: 90_500,
        retryAfterSeconds: 2,
      }),
    ).toBe("throttle --verb=get,list --every=3 --count=2 --for=1m30s500ms --retry-after=2s");
    expect(faultWords({ type: "latency", milliseconds: 250, resources: ["pods"] })).toBe(
      "latency 250ms --resource=pods",
    );
    expect(faultWords({ type: "kill-node", node: "node-2" })).toBe("kill-node node-2");
  });
});
