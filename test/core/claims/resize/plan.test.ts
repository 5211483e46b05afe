import { describe, expect, it } from "vitest";
import {
  classFacts,
  volumeOrigin,
  type ClassFacts,
  type VolumeOrigin,
} from "../../../../src/core/claims/resize/obstacles.js";
import { isDone, planResize, withSizes, type Found } from "../../../../src/core/claims/resize/plan.js";
import { parseSizes } from "../../../../src/core/claims/resize/sizes.js";
import { UsageError } from "../../../../src/core/errors.js";
import type { Claim, StatefulSet, StorageClass, Volume } from "../../../../src/core/model.js";
import { claim, set, type ClaimShape } from "./build.js";

const standard: ClassFacts = { name: "standard", mayGrow: true };
const fixed: ClassFacts = { name: "fixed", mayGrow: false };

function found(claims: readonly Claim[], more: Partial<Found> = {}): Found {
  const classes = new Map([standard, fixed].map((facts) => [facts.name, facts]));
  const byName = new Map(claims.map((one) => [one.metadata.name, one]));
  return { set: set(), claims: byName, classes, volumes: new Map(), ...more };
}

function plan(seen: Found, sizes = "data=2Gi", ordinals?: readonly number[]) {
  return planResize(seen, { sizes: parseSizes(sizes.split(" ")), ordinals });
}

const names = (claims: readonly { claim: Claim }[]) => claims.map(({ claim: { metadata } }) => metadata.name);

describe("a resize", () => {
  it("grows the claims in range, by template and ordinal, and the templates", () => {
    const claims = ["data-web-0", "data-web-1", "logs-web-0", "logs-web-1"].map((name) => claim(name));
    const result = plan(found(claims, { set: set(["data", "logs"]) }), "logs=3Gi data=2Gi");
    expect(names(result.claims)).toEqual(["logs-web-0", "logs-web-1", "data-web-0", "data-web-1"]);
    expect(result.templates).toEqual([
      { name: "logs", from: "1Gi", to: "3Gi" },
      { name: "data", from: "1Gi", to: "2Gi" },
    ]);
    expect(result.obstacles).toEqual([]);
    expect(isDone(result)).toBe(false);
  });

  it("counts ordinals from the start ordinal, and knows what is left over from names alike", () => {
    const claims = [5, 6, 7, 0].map((ordinal) => claim(`data-web-${ordinal}`));
    const others = ["data-web-web-5", "data-web-05", "data-web-", "data-web"].map((name) => claim(name));
    const result = plan(found([...claims, ...others], { set: set(["data"], 2, 5) }));
    expect(names(result.claims)).toEqual(["data-web-5", "data-web-6"]);
    expect(result.leftOver.map(({ metadata }) => metadata.name)).toEqual(["data-web-7", "data-web-0"]);
  });

  it("is done where all have their size, however it is written", () => {
    const claims = [0, 1].map((ordinal) => claim(`data-web-${ordinal}`, { asks: "1024Mi" }));
    expect(isDone(plan(found(claims), "data=1Gi"))).toBe(true);
  });

  it("goes on with what an earlier run has asked for", () => {
    const claims = [
      claim("data-web-0", { asks: "2Gi", has: "2Gi" }),
      claim("data-web-1", { asks: "2Gi", conditions: [{ type: "Resizing" }] }),
    ];
    const result = plan(found(claims));
    expect(names(result.claims)).toEqual(["data-web-1"]);
    expect(result.claims[0]).toMatchObject({ isAsked: true, from: "2Gi", capacity: "1Gi" });
  });

  it("of some ordinals leaves the templates alone, and the other claims", () => {
    const claims = [0, 1].map((ordinal) => claim(`data-web-${ordinal}`));
    const result = plan(found(claims), "data=2Gi", [1]);
    expect(names(result.claims)).toEqual(["data-web-1"]);
    expect([result.templates, result.kept]).toEqual([[], [{ name: "data", from: "1Gi", to: "2Gi" }]]);
  });

  it("leaves claims alone that have more, unless it is asked for just those", () => {
    const claims = [claim("data-web-0", { asks: "5Gi", has: "5Gi" }), claim("data-web-1")];
    const result = plan(found(claims));
    expect([names(result.larger), names(result.claims)]).toEqual([["data-web-0"], ["data-web-1"]]);
    expect([result.templates.length, result.obstacles]).toEqual([1, []]);
    expect(plan(found(claims), "data=2Gi", [0]).obstacles).toEqual([
      "data-web-0 has 5Gi already: 2Gi is less, and volumes never shrink",
    ]);
  });

  it("of a template that the set has not is a usage error that names those it has", () => {
    expect(() => plan(found([]), "dat=2Gi")).toThrow(UsageError);
    expect(() => plan(found([]), "dat=2Gi")).toThrow('web has no claim template "dat": it has data');
    expect(() => plan(found([], { set: set([]) }))).toThrow("it has none");
  });
});

const byHand: VolumeOrigin = { name: "pv-data-web-0", madeByHand: "hostPath" };

describe("an obstacle is", () => {
  it.each<[string, ClaimShape | undefined, string | undefined, Partial<Found>?]>([
    ["nothing to a claim that may grow", {}, undefined],
    ["a claim that is not there", undefined, "is not there"],
    ["a claim that goes", { deleting: true }, "is being deleted"],
    ["a claim that waits for its volume", { phase: "Pending" }, "is not bound to a volume (Pending)"],
    ["a claim that has lost its volume", { phase: "Lost" }, "is not bound to a volume (Lost)"],
    ["a smaller size", { asks: "3Gi", has: "3Gi" }, "has 3Gi already: 2Gi is less"],
    ["a size below what the volume has", { asks: "1Gi", has: "3Gi" }, "has 3Gi already: 2Gi is less"],
    ["nothing where the volume has the size", { asks: "1Gi", has: "2Gi" }, undefined],
    ["nothing on the way back from a size that failed", { asks: "5Gi", has: "1Gi" }, undefined],
    ["the capacity itself, on that way", { asks: "5Gi", has: "2Gi" }, "takes it back only to more than 2Gi"],
    ["a class that may not", { storageClass: "fixed" }, "fixed, which has no allowVolumeExpansion: true"],
    ["a class that is gone", { storageClass: "old" }, "old, which is not there"],
    ["no class", { storageClass: null }, "has no StorageClass"],
    ["the class that is none", { storageClass: "" }, "has no StorageClass"],
    [
      "nothing for a class that may not be read",
      { storageClass: "fixed" },
      undefined,
      { classes: undefined },
    ],
    ["a volume made by hand", {}, "made by hand (hostPath)", { volumes: new Map([[byHand.name, byHand]]) }],
    ["nothing for volumes that may not be read", {}, undefined, { volumes: undefined }],
    [
      "nothing for a class that changed after it was asked",
      { asks: "2Gi", storageClass: "fixed" },
      undefined,
    ],
  ])("%s", (_case, shape, words, more = {}) => {
    const claims = shape ? [claim("data-web-0", shape)] : [];
    const { obstacles } = plan(found(claims, { set: set(["data"], 1), ...more }), "data=2Gi", [0]);
    if (words === undefined) expect(obstacles).toEqual([]);
    else expect(obstacles).toEqual([expect.stringContaining(words)]);
  });

  it("a template that asks for more, and a set that goes", () => {
    const going = set();
    going.metadata.deletionTimestamp = "2026-01-02T00:00:00Z";
    const claims = [0, 1].map((ordinal) => claim(`data-web-${ordinal}`));
    const { obstacles } = plan(found(claims, { set: going }), "data=500Mi");
    expect(obstacles[0]).toBe("web is being deleted");
    expect(obstacles[1]).toContain("template data asks for 1Gi: 500Mi is less");
  });
});

describe("facts", () => {
  it("of a class: it grows only where it says so", () => {
    const of = (allowVolumeExpansion?: boolean) =>
      classFacts({ metadata: { name: "a" }, allowVolumeExpansion } as StorageClass).mayGrow;
    expect([of(), of(false), of(true)]).toEqual([false, false, true]);
  });

  it("of a volume: made by hand is what no provisioner made and no driver grows", () => {
    const provisioned = { "pv.kubernetes.io/provisioned-by": "x" };
    const of = (source: object, annotations = {}) =>
      volumeOrigin({ metadata: { name: "v", annotations }, spec: source } as unknown as Volume).madeByHand;
    expect(of({ hostPath: { path: "/" } })).toBe("hostPath");
    expect(of({ hostPath: { path: "/" } }, provisioned)).toBeUndefined();
    expect(of({ csi: { driver: "x" } })).toBeUndefined();
  });
});

describe("the new template", () => {
  it("differs by its sizes only, and is the same when made twice", () => {
    const before = set(["data", "logs"]) as StatefulSet & { unknown?: object };
    before.unknown = { kept: true };
    const sizes = parseSizes(["logs=3Gi"]);
    const after = withSizes(before, sizes);
    const of = ({ spec }: StatefulSet) =>
      spec.volumeClaimTemplates?.map((template) => template.spec?.resources?.requests?.["storage"]);
    expect([of(before), of(after)]).toEqual([
      ["1Gi", "1Gi"],
      ["1Gi", "3Gi"],
    ]);
    expect(after.unknown).toEqual({ kept: true });
    expect(withSizes(after, sizes)).toEqual(after);
  });
});
