import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareObjects } from "../../../src/sandbox/patch/field-compare.js";
import { FieldSet, pathText } from "../../../src/sandbox/patch/field-set.js";
import { trackFields } from "../../../src/sandbox/patch/managed-fields.js";
import { applyPatch } from "../../../src/sandbox/patch/apply-patch.js";
import { encodePatched, touchedBy } from "../../../src/sandbox/patch/encode.js";
import { jsonPatch } from "../../../src/sandbox/patch/json-patch.js";
import { mergePatch } from "../../../src/sandbox/patch/merge-patch.js";
import { strategicMergePatch } from "../../../src/sandbox/patch/strategic.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { sameJson } from "../../../src/sandbox/store/json.js";
import { answerTo } from "../kinds/replay.js";

const json = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 3 }));

describe("mergePatch", () => {
  it("takes __proto__ for a field as any other", () => {
    const patch = JSON.parse('{"data":{"__proto__":{"polluted":"yes"}}}') as object;
    const merged = mergePatch({ data: { kept: "1" } }, patch) as { data: Record<string, unknown> };
    expect(JSON.stringify(merged)).toBe('{"data":{"kept":"1","__proto__":{"polluted":"yes"}}}');
    expect(merged.data["polluted"]).toBeUndefined();
  });

  it("does the same a second time and leaves its arguments alone", () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });
});

describe("jsonPatch", () => {
  it("takes __proto__ for a field as any other, and nothing that all objects have for one", () => {
    const added = jsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);
    expect(Object.entries(added)).toEqual([["__proto__", { polluted: true }]]);
    for (const path of ["/__proto__/polluted", "/constructor/prototype/polluted"]) {
      expect(() => jsonPatch({}, [{ op: "add", path, value: true }])).toThrow(/rejected our request/);
    }
    for (const op of ["remove", "test"]) {
      expect(() => jsonPatch({}, [{ op, path: "/toString", value: true }])).toThrow();
    }
    expect("polluted" in {}).toBe(false);
  });
});

describe("strategicMergePatch", () => {
  it("leaves its arguments alone and keeps the names of containers apart", () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
    const containers = (list: string[], image: string): object[] => list.map((name) => ({ name, image }));
    fc.assert(
      fc.property(names, names, (old, sent) => {
        const target = { containers: containers(old, "old") };
        const patch = { containers: containers(sent, "new") };
        const before = JSON.stringify([target, patch]);
        const result = strategicMergePatch("PodSpec", target, patch);
        const expected = new Map(
          [...containers(old, "old"), ...containers(sent, "new")].map((one) => [Object.values(one)[0], one]),
        );
        expect(new Map(result.containers.map((one: { name: string }) => [one.name, one]))).toEqual(expected);
        expect(result.containers).toHaveLength(expected.size);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });
});

describe("FieldSet", () => {
  const part = fc.constantFrom("f:spec", "f:a", 'k:{"name":"x"}', 'v:"y"', "f:b.c/d");
  const paths = fc.array(fc.array(part, { minLength: 1, maxLength: 4 }));

  it("survives being written and read", () => {
    fc.assert(
      fc.property(paths, (list) => {
        const set = new FieldSet(list.map((path) => path.join("\u0000")));
        expect(FieldSet.fromFieldsV1(set.toFieldsV1()).equals(set)).toBe(true);
      }),
    );
  });

  it("names paths as conflicts do", () => {
    const path = ["f:spec", "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}', "f:name"];
    expect(pathText(path)).toBe('.spec.ports[containerPort=80,protocol="TCP"].name');
  });
});

describe("trackFields", () => {
  const base = answerTo("set", {}).object as AnyObject;
  const writers = fc.constantFrom("a", "b", "c");
  const write = (manager: string) => ({
    manager,
    operation: "Update" as const,
    time: "2026-01-01T00:00:00Z",
    subresource: "",
  });

  it("has one owner for replicas: who changed them last", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(writers, fc.nat(4)), { minLength: 1 }), (writes) => {
        let object = structuredClone(base);
        trackFields(undefined, object, write("creator"));
        let last = "creator";
        for (const [manager, replicas] of writes) {
          const next = structuredClone(object);
          if (next.spec.replicas !== replicas) last = manager;
          next.spec.replicas = replicas;
          trackFields(object, next, write(manager));
          object = next;
        }
        const entries = object.metadata.managedFields as {
          manager: string;
          fieldsV1: Record<string, object>;
        }[];
        const owners = entries.filter(({ fieldsV1 }) => "f:replicas" in (fieldsV1["f:spec"] ?? {}));
        expect(owners.map(({ manager }) => manager)).toEqual([last]);
      }),
    );
  });

  it("finds no difference between an object and itself", () => {
    const { added, modified, removed } = compareObjects("StatefulSet", base, structuredClone(base));
    expect(added.size + modified.size + removed.size).toBe(0);
  });
});

describe("names that all objects have", () => {
  it("are fields as any others on the way of a JSON patch", () => {
    const touched = touchedBy(["/metadata/__proto__/polluted/x", "/data/constructor/x"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(JSON.stringify(touched)).toContain('"__proto__":{"polluted":{}}');
    const revision = { data: { constructor: { x: 1 }, a: 2 } };
    expect(encodePatched("ControllerRevision", revision, touched)).toBe(
      '{"data":{"a":2,"constructor":{"x":1}}}',
    );
  });

  it("are no types of patches", () => {
    const request = { type: "constructor", body: "{}", validates: false };
    expect(() => applyPatch({} as AnyObject, request, { kind: "Pod" })).toThrow("415");
  });

  it("make a difference where one object has them", () => {
    expect(sameJson({}, { constructor: "a" })).toBe(false);
    expect(sameJson({ toString: "a" }, {})).toBe(false);
    expect(sameJson({ a: undefined }, {})).toBe(true);
  });
});
