import { describe, expect, it } from "vitest";
import type { ControllerRevision } from "../../../src/core/model.js";
import { findRevision, historyOf, parseRange, resolveRange } from "../../../src/core/rollout/history.js";
import { makePod, makeSet } from "../../support/objects.js";

function revision(number: number, hash: string, image: string, cause?: string): ControllerRevision {
  const spec = { containers: [{ name: "main", image, resources: {} }], hostname: null };
  return {
    metadata: {
      name: `web-${hash}`,
      namespace: "default",
      uid: hash,
      resourceVersion: "1",
      creationTimestamp: `2026-11-2${number}T10:00:00Z`,
      ...(cause !== undefined && { annotations: { "kubernetes.io/change-cause": cause } }),
    },
    revision: number,
    data: { spec: { template: { $patch: "replace", metadata: { creationTimestamp: null }, spec } } },
  };
}

const revisions = [revision(1, "a", "nginx:1"), revision(2, "b", "nginx:2", "newer")];
const staged = makeSet({ replicas: 3, current: "a", update: "b", partition: 2 });
const pods = [makePod(0), makePod(1), makePod(2, "ready", { revision: "b" })];

describe("the history of a set", () => {
  it("tells which ordinals run each revision, and what it is to the set", () => {
    expect(historyOf(staged, revisions, pods)).toMatchObject([
      { revision: 1, name: "web-a", changeCause: null, ordinals: [0, 1], current: true, update: false },
      { revision: 2, name: "web-b", changeCause: "newer", ordinals: [2], current: false, update: true },
    ]);
  });

  it("leaves out what the server left empty, and the patch's directive", () => {
    const [first] = historyOf(staged, revisions, pods);
    expect(JSON.stringify(first?.template)).toBe(
      '{"metadata":{},"spec":{"containers":[{"name":"main","image":"nginx:1","resources":{}}]}}',
    );
  });

  it("shows what pods still run and the history has lost", () => {
    const old = [makePod(0, "ready", { revision: "x" }), makePod(1, "ready", { revision: "x" }), pods[2]];
    const found = historyOf(
      staged,
      revisions,
      old.flatMap((pod) => pod ?? []),
    );
    expect(found).toHaveLength(3);
    expect(found[0]).toEqual({
      revision: null,
      name: "web-x",
      changeCause: null,
      createdAt: null,
      images: ["nginx:1.29"],
      ordinals: [0, 1],
      current: false,
      update: false,
      template: undefined,
    });
    expect(found[1]?.ordinals).toEqual([]);
  });

  it("counts only pods of the set itself", () => {
    const foreign = makePod(0, "ready", { owner: "another" });
    expect(historyOf(staged, revisions, [foreign])[0]?.ordinals).toEqual([]);
  });

  it("does not claim that nobody runs it where pods could not be read", () => {
    expect(historyOf(staged, revisions, undefined).map(({ ordinals }) => ordinals)).toEqual([null, null]);
  });

  it("gives no role before the controller has named one", () => {
    const fresh = makeSet();
    delete fresh.status;
    const unlabelled = makePod(0);
    delete unlabelled.metadata.labels?.["controller-revision-hash"];
    const [entry] = historyOf(fresh, [], [unlabelled]);
    expect(entry).toMatchObject({ name: null, ordinals: [0], current: false, update: false });
  });
});

describe("a range of revisions", () => {
  const history = historyOf(staged, [...revisions, revision(5, "e", "nginx:5")], pods);
  const resolve = (text: string) =>
    resolveRange("web", history, parseRange(text)).map((entry) => entry.revision);

  it.each([
    ["1..2", [1, 2]],
    ["5..1", [5, 1]],
    ["1..", [1, 5]],
    ["1", [1, 5]],
    ["..5", [2, 5]],
    ["..", [2, 5]],
    ["2..2", [2, 2]],
  ])("%s", (text, expected) => expect(resolve(text)).toEqual(expected));

  it.each(["", " ", "a..b", "1...2", "1.2", "-1", "1..2..3"])("%j is none", (text) => {
    expect(() => parseRange(text)).toThrow("is not a pair of revisions");
  });

  it("names the revisions that there are", () => {
    expect(() => resolve("3..5")).toThrow("unable to find revision 3 of web; it has 1, 2 and 5");
    expect(() => findRevision("web", [], 1)).toThrow("unable to find revision 1 of web; it has none yet");
    expect(() => resolve("..1")).toThrow("revision 1 of web is the oldest: there is none before it");
    expect(() => resolveRange("web", [], parseRange(".."))).toThrow("web has no revisions yet");
  });
});
