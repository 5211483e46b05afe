import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "../../../src/sandbox/api/yaml.js";
import { scanJson } from "../../../src/sandbox/kinds/json-scanner.js";
import { decodeProtobuf } from "../../../src/sandbox/api/protobuf.js";
import { StatusError } from "../../../src/sandbox/store/status.js";

describe("scanJson", () => {
  it.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ["{bad}", "invalid character 'b' looking for beginning of object key string"],
    ["k", "invalid character 'k' looking for beginning of value"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["{} x", "invalid character 'x' after top-level value"],
    ["tru}", "invalid character '}' in literal true (expecting 'e')"],
    ['"\\x"', "invalid character 'x' in string escape code"],
  ])("says of %j what Go says", (text, error) => {
    expect(scanJson(text).error).toBe(error);
  });

  it("does not fall into what is too deep", () => {
    expect(scanJson("[".repeat(1_000_000)).error).toBe("invalid character '[' exceeded max depth");
  });

  it("finds fault where JSON.parse does, and nowhere else", () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", "{", "}", ",", '"', "x", "\\", "1", "[", ":"))
      .map(
        ([text, at, piece]) =>
          text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(scanJson(text).error === undefined).toBe(valid);
      }),
      { numRuns: 1000 },
    );
  });

  it("names what is there twice", () => {
    const text = '{"a":{"b":[{"c":1,"c":2},{"c":3}]},"d":1,"\\u0064":2}';
    expect(scanJson(text).duplicates).toEqual(["a.b[0].c", "d"]);
  });
});

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
const field = (number: number, value: string | Buffer) => {
  const bytes = Buffer.from(value);
  return Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length), ...bytes]);
};
const number = (at: number, value: number) => Buffer.from([...varint(at << 3), ...varint(value)]);
const join = (...parts: Buffer[]) => Buffer.concat(parts);
const envelope = (apiVersion: string, kind: string, raw: Buffer) =>
  join(
    Buffer.from("k8s\0"),
    field(1, join(field(1, apiVersion), field(2, kind))),
    field(2, raw),
    field(3, ""),
    field(4, ""),
  );

describe("YAML", () => {
  it.each([["["], ["{a: "], ["- "], ["? "]])(
    "is not read when it is too deep: %j again and again",
    (part) => {
      expect(() => parse(part.repeat(5_000))).toThrow("exceeded max depth");
    },
  );

  it("is not read when blocks are too deep", () => {
    const text = Array.from({ length: 1_500 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("");
    expect(() => parse(text)).toThrow("exceeded max depth");
  });

  it("may be wide", () => {
    expect(parse("- [a, {b: c}]\n".repeat(5_000))).toHaveLength(5_000);
  });
});

describe("decodeProtobuf", () => {
  it("reads what kubectl creates", () => {
    const labels = [
      field(11, join(field(1, "a"), field(2, "b"))),
      field(11, join(field(1, "c"), field(2, ""))),
    ];
    const metadata = field(1, join(field(1, "web"), field(2, ""), field(8, ""), ...labels));
    const port = join(field(1, "http"), number(3, 8080), field(4, join(number(1, 1), field(3, "web"))));
    const spec = field(
      2,
      join(field(1, port), field(2, join(field(1, "app"), field(2, "web"))), field(3, "None")),
    );
    expect(decodeProtobuf(envelope("v1", "Service", join(metadata, spec, field(3, field(1, "")))))).toEqual({
      kind: "Service",
      apiVersion: "v1",
      metadata: { name: "web", labels: { a: "b", c: "" } },
      spec: {
        ports: [{ name: "http", port: 8080, targetPort: "web" }],
        selector: { app: "web" },
        clusterIP: "None",
      },
      status: { loadBalancer: {} },
    });
  });

  it("reads every kind, with what Go has inlined", () => {
    const image = join(field(1, "app"), field(2, "nginx"));
    const volume = join(field(1, "data"), field(2, field(2, field(2, field(1, "1Gi")))));
    const pod = join(
      field(1, volume),
      field(2, image),
      number(4, 30),
      field(7, join(field(1, "a"), field(2, "b"))),
    );
    const since = join(number(1, 1_767_225_600), number(2, 5_000));
    expect(
      decodeProtobuf(
        envelope("v1", "Pod", join(field(1, join(field(1, "p"), field(8, since))), field(2, pod))),
      ),
    ).toEqual({
      kind: "Pod",
      apiVersion: "v1",
      metadata: { name: "p", creationTimestamp: "2026-01-01T00:00:00Z" },
      spec: {
        volumes: [{ name: "data", emptyDir: { sizeLimit: "1Gi" } }],
        containers: [{ name: "app", image: "nginx" }],
        terminationGracePeriodSeconds: 30,
        nodeSelector: { a: "b" },
      },
    });
    expect(
      decodeProtobuf(envelope("v1", "Lease", field(2, join(field(1, "me"), field(3, since))))),
    ).toMatchObject({
      spec: { holderIdentity: "me", acquireTime: "2026-01-01T00:00:00.000005Z" },
    });
    const revision = field(2, field(1, '{"spec":{}}'));
    expect(decodeProtobuf(envelope("apps/v1", "ControllerRevision", revision))).toMatchObject({
      data: { spec: {} },
    });
  });

  it("has bytes in base64", () => {
    const secret = join(field(1, field(1, "s")), field(2, join(field(1, "p"), field(2, "q"))));
    expect(decodeProtobuf(envelope("v1", "Secret", secret))).toMatchObject({ data: { p: "cQ==" } });
  });

  it("refuses what it does not understand rather than losing it", () => {
    const unknownField = envelope("v1", "ServiceAccount", join(field(1, field(1, "x")), field(2, "secret")));
    const unknownKind = envelope("v1", "ResourceQuota", Buffer.alloc(0));
    for (const body of [
      unknownField,
      unknownKind,
      Buffer.from("{}"),
      Buffer.alloc(0),
      unknownField.subarray(0, 30),
    ]) {
      expect(() => decodeProtobuf(body)).toThrow(/in an unknown format/);
    }
  });

  it("takes several numbers in one field for as many, and no text for a number", () => {
    const groups = field(14, field(4, Buffer.from([1, 2, 0x80, 1])));
    const pod = (spec: Buffer) => decodeProtobuf(envelope("v1", "Pod", field(2, spec)));
    expect(pod(groups)).toMatchObject({ spec: { securityContext: { supplementalGroups: [1, 2, 128] } } });
    for (const wrong of [field(4, "x"), field(11, "1"), field(2, field(6, number(3, 1).fill(0xff)))]) {
      expect(() => pod(wrong)).toThrow(/in an unknown format/);
    }
  });

  it("has tens of thousands of keys and elements in no time", () => {
    const many = Array.from({ length: 30_000 }, (_, at) => field(2, join(field(1, `k${at}`), field(2, "v"))));
    const { data } = decodeProtobuf(
      envelope("v1", "ConfigMap", join(...many, field(2, field(1, "__proto__")))),
    );
    expect(Object.keys(data as object)).toHaveLength(30_001);
  }, 5_000);

  it("never fails in another way", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("Service", "Namespace", "constructor"), (bytes, kind) => {
        try {
          decodeProtobuf(envelope("v1", kind, Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});
