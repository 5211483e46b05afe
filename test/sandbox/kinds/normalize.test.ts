import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFindings, strictDecodingError, unknownFields } from "../../../src/sandbox/kinds/decode.js";
import { normalizeStruct } from "../../../src/sandbox/kinds/normalize.js";
import { fieldsOf, typeInfo } from "../../../src/sandbox/kinds/schema.js";
import schema from "../../../src/sandbox/kinds/schema.json" with { type: "json" };
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";

describe("normalizeStruct", () => {
  it("is done after one time, whatever it is given, and never throws", () => {
    const kinds = fc.constantFrom(...sandboxKinds().map(({ kind }) => kind));
    const names = fc.constantFrom(
      "metadata",
      "spec",
      "status",
      "template",
      "containers",
      "labels",
      "ports",
      "data",
      "replicas",
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("tree"), { maxLength: 2 }),
        fc.dictionary(names, tie("tree")),
      ),
    }));
    fc.assert(
      fc.property(kinds, fc.dictionary(names, tree), (kind, object) => {
        const once = structuredClone(object) as Record<string, unknown>;
        normalizeStruct(kind, once);
        const twice = structuredClone(once);
        normalizeStruct(kind, twice);
        expect(twice).toEqual(once);
        expect(unknownFields(kind, once)).toEqual([]);
        decodeFindings(kind, object);
      }),
      { seed: 4, examples: [["Namespace", { metadata: { toString: false } }]] },
    );
  });
});

describe("the table of types", () => {
  it("has every kind that is served, with metadata", () => {
    for (const { kind } of sandboxKinds())
      expect(fieldsOf(kind), kind).toMatchObject({ metadata: "ObjectMeta ! #1" });
  });

  it("knows every type that it names", () => {
    const { structs, aliases } = schema;
    const declared = [
      ...Object.keys(structs).map((name): [string, string[]] => [name, Object.values(fieldsOf(name))]),
      ...Object.entries(aliases).map(([name, type]): [string, string[]] => [name, [type]]),
    ];
    for (const [name, rows] of declared) {
      for (const row of rows) {
        const { element, name: type } = typeInfo(row.split(" ")[0] ?? "");
        const leaf = (element || type).replace(/^(\*|\[\]|map\[\w+\])+/, "");
        const known =
          leaf in structs ||
          leaf in aliases ||
          /^(string|bool|bytes|u?int\d*|float\d+|any|time|quantity|intOrString)$/.test(leaf);
        expect(known, `${name}: ${row}`).toBe(true);
      }
    }
  });
});

describe("unknownFields", () => {
  it("names paths with indexes and keys, in the order of the document", () => {
    const set = {
      spec: { template: { spec: { containers: [{ name: "a", imagee: "x" }] } }, foo: 1 },
      Spec: {},
    };
    expect(unknownFields("StatefulSet", set)).toEqual([
      "spec.template.spec.containers[0].imagee",
      "spec.foo",
      "Spec",
    ]);
  });

  it("has nothing against free keys", () => {
    expect(
      unknownFields("ConfigMap", { data: { anything: "x" }, metadata: { labels: { "a/b": "c" } } }),
    ).toEqual([]);
    expect(unknownFields("ControllerRevision", { data: { any: { thing: 1 } } })).toEqual([]);
  });

  it("makes the API's text", () => {
    expect(strictDecodingError(["spec.foo", "a"])).toBe(
      'strict decoding error: unknown field "spec.foo", unknown field "a"',
    );
  });
});
