import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { Bucket } from "../../../src/sandbox/store/bucket.js";
import { copyJson, deepFreeze, sameJson } from "../../../src/sandbox/store/json.js";
import { Store } from "../../../src/sandbox/store/store.js";

function named(name: string, rest: object = {}): AnyObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, ...rest } as AnyObject;
}

describe("Bucket", () => {
  it("keeps keys in order and finds ranges, as a plain sorted list would", () => {
    const keys = fc.array(fc.constantFrom("a/1", "a/2", "a-b/1", "a-b/3", "b/1", "b/10", "b/2", "c"), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        keys,
        keys,
        fc.constantFrom("", "a/", "a-b/", "b/"),
        fc.constantFrom("", "a/1", "b/1"),
        (sets, drops, prefix, after) => {
          const bucket = new Bucket();
          for (const key of sets) bucket.set(key, named(key));
          for (const key of drops) bucket.delete(key);
          const left = [...new Set(sets)].filter((key) => !drops.includes(key)).sort();
          expect(bucket.size).toBe(left.length);
          const wanted = left.filter((key) => key.startsWith(prefix) && key > after);
          expect(
            Array.from(bucket.entries(prefix, after.startsWith(prefix) ? after : ""), ([key]) => key),
          ).toEqual(after.startsWith(prefix) ? wanted : left.filter((key) => key.startsWith(prefix)));
          if (after.startsWith(prefix) && after) expect(bucket.countAfter(prefix, after)).toBe(wanted.length);
        },
      ),
    );
  });
});

describe("Store", () => {
  it("tells of changes under one counter", () => {
    const store = new Store();
    const seen: string[] = [];
    const stop = store.subscribe("pods", ({ type, object }) =>
      seen.push(`${type} ${object.metadata.resourceVersion}`),
    );
    store.put("pods", "d/a", named("a"));
    store.put("configmaps", "d/a", named("a"));
    store.put("pods", "d/a", named("a", { spec: 1 }));
    store.remove("pods", "d/a", named("a"));
    stop();
    store.put("pods", "d/b", named("b"));
    expect(seen).toEqual(["ADDED 2", "MODIFIED 4", "DELETED 5"]);
    expect(store.changesAfter("pods", 3).map(({ revision }) => revision)).toEqual([4, 5, 6]);
  });

  it("shows a resource as it was", () => {
    const store = new Store();
    store.put("pods", "d/a", named("a"));
    store.put("pods", "d/b", named("b", { old: true }));
    const { revision } = store;
    store.remove("pods", "d/a", named("a"));
    store.put("pods", "d/b", named("b"));
    store.put("pods", "d/c", named("c"));
    const past = Array.from(store.bucketAt("pods", revision)?.entries() ?? [], ([, object]) => object);
    expect(past).toMatchObject([{ metadata: { name: "a" } }, { metadata: { name: "b" }, old: true }]);
  });

  it("forgets with time, and says so", () => {
    const store = new Store({ history: 2 });
    for (const name of ["a", "b", "c", "d", "e"]) store.put("pods", name, named(name));
    expect(store.changesAfter("pods", 3)).toHaveLength(3);
    expect(() => store.changesAfter("pods", 2)).toThrow("too old resource version: 2 (3)");
    store.compact();
    expect(() => store.changesAfter("pods", 5)).toThrow("too old resource version: 5 (6)");
    expect(store.changesAfter("pods", 6)).toEqual([]);
    expect(store.bucketAt("pods", 5)).toBeUndefined();
  });
});

describe("JSON", () => {
  it("is copied whole, to be changed", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = copyJson(deepFreeze(value));
        expect(copy).toEqual(value);
        if (typeof copy === "object" && copy) expect(Object.isFrozen(copy)).toBe(false);
      }),
    );
    expect(Object.keys(copyJson({ a: undefined, b: null }))).toEqual(["b"]);
  });

  it("compares as JSON does", () => {
    const document = fc.jsonValue();
    fc.assert(fc.property(document, (value) => sameJson(value, JSON.parse(JSON.stringify(value)))));
    expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameJson({ a: [1] }, { a: [1, 2] })).toBe(false);
    expect(sameJson({ a: null }, {})).toBe(false);
    expect(sameJson([], {})).toBe(false);
    expect(sameJson({ a: 1, t: 1 }, { a: 1, t: 2 }, ["t"])).toBe(true);
    expect(sameJson([{ a: 1, t: 1 }], [{ a: 1, t: 2 }], ["t"])).toBe(true);
    expect(sameJson({ a: { t: 1 } }, { a: { t: 2 } }, ["t"])).toBe(false);
  });
});
