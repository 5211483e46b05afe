import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.js";
import { formatColumns, parseColumns } from "../../src/view/columns.js";
import { sortKeys } from "../../src/view/output-keys.js";
import { sortBy } from "../../src/view/output-sort.js";
import {
  formatDocument,
  listFormats,
  listOf,
  parseOutput,
  parseOutputFile,
  resourceName,
} from "../../src/view/output.js";
import { formatTable } from "../../src/view/table.js";
import { toYaml } from "../../src/view/yaml.js";

const web = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "web", labels: { app: "web" } },
  spec: { replicas: 3, containers: [{ name: "a" }, { name: "b" }] },
};

describe("-o", () => {
  it("reads kubectl's formats", () => {
    expect(parseOutput(undefined, listFormats)).toEqual({ type: "table" });
    expect(parseOutput("wide", listFormats)).toEqual({ type: "wide" });
    expect(parseOutput("jsonpath={.a}", listFormats)).toMatchObject({ type: "jsonpath", text: "{.a}" });
    expect(parseOutput("custom-columns-file=x", listFormats)).toEqual({
      type: "custom-columns-file",
      path: "x",
    });
  });

  it.each([
    "xml",
    "go-template={{.}}",
    "go-template-file=x",
    "jsonpath",
    "jsonpath=",
    "json=x",
    "custom-columns=",
    "custom-columns=A",
    "table",
    "jsonpath={.a",
  ])("refuses %s", (text) => expect(() => parseOutput(text, listFormats)).toThrow(UsageError));

  it("says that go-template is left out", () => {
    expect(() => parseOutput("go-template={{.x}}", listFormats)).toThrow(
      "go-template is not supported: use -o jsonpath",
    );
  });

  it("reads columns from a file of two lines", () => {
    const format = parseOutputFile("custom-columns-file", "NAME   R\n.metadata.name .spec.replicas\n");
    expect(formatDocument(format, web)).toBe("NAME   R\nweb    3\n");
  });

  it("prints one object, or several as a List", () => {
    expect(formatDocument({ type: "json" }, { a: 1 })).toBe('{\n    "a": 1\n}\n');
    expect(formatDocument({ type: "name" }, listOf([web, { ...web, metadata: { name: "db" } }]))).toBe(
      "statefulset.apps/web\nstatefulset.apps/db\n",
    );
    expect(
      formatDocument(parseOutput("jsonpath={.items[*].metadata.name}", listFormats), listOf([web, web])),
    ).toBe("web web");
    expect(resourceName({ apiVersion: "v1", kind: "Service", metadata: { name: "x" } })).toBe("service/x");
  });

  it("sorts keys and leaves lists as they are", () => {
    expect(JSON.stringify(sortKeys({ b: [{ d: 1, c: 2 }], a: null }))).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });
});

describe("custom columns", () => {
  it("show values as Go does, several joined, none as <none>", () => {
    const columns = parseColumns(
      "NAME:.metadata.name,L:.metadata.labels,C:{.spec.containers[*].name},X:.nothing,ALL:spec.containers",
    );
    expect(formatColumns(columns, [web], true)).toBe(
      "NAME   L              C     X        ALL\nweb    map[app:web]   a,b   <none>   [map[name:a] map[name:b]]\n",
    );
    expect(formatColumns(columns.slice(0, 1), [web], false)).toBe("web\n");
  });
});

describe("YAML", () => {
  it("quotes what a parser of YAML 1.1 would take for something else", () => {
    const texts = {
      a: "yes",
      b: "1:30",
      c: "2026-11-21",
      d: "l1\nl2\n",
      e: "",
      f: "0x10",
      g: "12e3",
      h: "null",
      i: "true",
      j: "~",
      k: "web",
    };
    expect(toYaml(texts)).toBe(
      [
        'a: "yes"',
        'b: "1:30"',
        'c: "2026-11-21"',
        "d: |",
        "  l1",
        "  l2",
        'e: ""',
        'f: "0x10"',
        'g: "12e3"',
        'h: "null"',
        'i: "true"',
        'j: "~"',
        "k: web",
        "",
      ].join("\n"),
    );
  });

  it("breaks no long line, repeats what is there twice, and does not indent lists", () => {
    const shared = { x: 1 };
    expect(toYaml({ long: `${"word ".repeat(40)}end`, list: [shared, shared] })).toBe(
      `long: ${"word ".repeat(40)}end\nlist:\n- x: 1\n- x: 1\n`,
    );
  });
});

describe("tables", () => {
  it("have kubectl's columns: three apart, six wide at least", () => {
    expect(
      formatTable([
        ["A", "READY", "AGE"],
        ["web", "3/3", "5d"],
      ]),
    ).toBe("A     READY   AGE\nweb   3/3     5d\n");
  });

  it("let no terminal sequence through", () => {
    expect(formatTable([["\u001b[31mred\u001b[0m\nx", "b"]])).toBe(
      "red x   b\n".replace("red x   b", "red x   b"),
    );
  });
});

describe("--sort-by", () => {
  const names = (items: { n?: unknown }[], path = ".n") => sortBy(items, path).map(({ n }) => n);
  it("orders numbers, quantities, dates and names with numbers in them", () => {
    expect(names([{ n: 10 }, { n: 9 }])).toEqual([9, 10]);
    expect(names([{ n: "1Gi" }, { n: "500Mi" }, { n: "1G" }])).toEqual(["500Mi", "1G", "1Gi"]);
    expect(names([{ n: "web-10" }, { n: "web-9" }])).toEqual(["web-9", "web-10"]);
    expect(names([{ n: "2026-11-21T00:00:00Z" }, { n: "2025-01-01T00:00:00Z" }])[0]).toBe(
      "2025-01-01T00:00:00Z",
    );
    expect(names([{ n: 1 }, {}], "{.n}")).toEqual([undefined, 1]);
  });
});
