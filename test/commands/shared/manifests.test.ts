import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readManifests } from "../../../src/commands/shared/manifests.js";
import type { Context } from "../../../src/context.js";
import { UsageError } from "../../../src/core/errors.js";

/** A context whose only part that works is a tree of files; folders end in a slash. */
function files(tree: Record<string, string | Buffer>, stdin = ""): Context {
  const missing = (path: string) => Object.assign(new Error(path), { code: "ENOENT" });
  const inside = (folder: string) => {
    const start = `${folder.replace(/\/$/, "")}/`;
    const names = Object.keys(tree).filter((path) => path.startsWith(start));
    return [...new Set(names.map((path) => path.slice(start.length).split("/").slice(0, 2).join("/")))];
  };
  return {
    program: "sts",
    stdin: { readAll: async () => Buffer.from(stdin) },
    files: {
      read: async (path: string) => {
        const content = tree[path];
        if (content === undefined) throw missing(path);
        return Buffer.from(content as string);
      },
      list: async (path: string) => {
        if (tree[path] !== undefined) return undefined;
        const names = inside(path).filter(Boolean);
        if (names.length === 0 && tree[`${path}/`] === undefined) throw missing(path);
        return [...new Set(names.map((name) => name.split("/")[0] ?? ""))]
          .sort()
          .map((name) => ({ name, isFolder: names.some((other) => other.startsWith(`${name}/`)) }));
      },
    },
  } as unknown as Context;
}

async function read(tree: Record<string, string | Buffer>, paths = Object.keys(tree), recursive = false) {
  return readManifests(files(tree), { files: paths, recursive });
}

async function complaint(text: string | Buffer): Promise<string> {
  const error: unknown = await read({ "a.yaml": text }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
}

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

describe("reading manifests", () => {
  it("reads documents, JSON, Lists and standard input", async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: s}\n`;
    const json = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"j"}}`;
    const tree = {
      "a.yaml": `---\n${configMap("x")}---\n# nothing\n---\n${configMap("w")}`,
      "b.yaml": list,
      "c.json": json,
    };
    const names = (await read(tree)).map(({ manifest }) => `${manifest.kind} ${manifest.metadata.name}`);
    expect(names).toEqual(["ConfigMap x", "ConfigMap w", "Service s", "Secret j"]);
    const fromInput = await readManifests(files({}, configMap("in")), { files: ["-"], recursive: false });
    expect(fromInput[0]?.manifest.metadata.name).toBe("in");
    expect(fromInput[0]?.locate(["metadata", "name"])).toBe("standard input:3:12");
  });

  it("reads a directory, and what is inside it with -R", async () => {
    const tree = {
      "d/b.yml": configMap("b"),
      "d/a.yaml": configMap("a"),
      "d/x/c.json": configMap("c"),
      "d/no.txt": "?",
    };
    expect((await read(tree, ["d"])).map(({ manifest }) => manifest.metadata.name)).toEqual(["a", "b"]);
    expect((await read(tree, ["d"], true)).map(({ manifest }) => manifest.metadata.name)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("understands YAML as kubectl does: 1.1, without dates and base 60", async () => {
    const text = `${configMap("x")}mode: 0644\nyes: no\nport: 22:22\nday: 2026-11-21\nbig: 1e3\nbase: &b {a: 1}\nuse:\n  <<: *b\n  c: 2\n`;
    const [found] = await read({ "a.yaml": text });
    expect(found?.manifest).toMatchObject({
      mode: 420,
      true: false,
      port: "22:22",
      day: "2026-11-21",
      use: { a: 1, c: 2 },
    });
  });

  it.each<[string, string | Buffer, string]>([
    ["an empty file", "", "a.yaml: no objects in it"],
    ["only comments", "# nothing\n---\n", "a.yaml: no objects in it"],
    [
      "a tab",
      "apiVersion: v1\nmetadata:\n\tname: x\n",
      "a.yaml:3:1: a tab indents this line: YAML takes spaces only",
    ],
    ["a key twice", "apiVersion: v1\nkind: A\nkind: B\n", "a.yaml:3:1: this key is there twice"],
    ["text", "hello", "a.yaml:1:1: an object of Kubernetes is a mapping with apiVersion, kind and metadata"],
    ["no kind", "apiVersion: v1\n", "a.yaml:1:1: kind is missing"],
    [
      "no name",
      "apiVersion: v1\nkind: Service\nmetadata:\n  labels: {}\n",
      "a.yaml:3:1: metadata.name of this Service is missing",
    ],
    [
      "a name that is none",
      configMap("yes"),
      "a.yaml:3:12: metadata.name of this ConfigMap must be text: put it in quotes",
    ],
    ["binary", Buffer.from([97, 10, 98, 0, 99]), "a.yaml:2:2: not text: a byte 0 is in it"],
    ["other encodings", Buffer.from([97, 10, 0xff, 0xfe]), "a.yaml:2:1: not text in UTF-8"],
    ["infinity", `${configMap("x")}n: .inf\n`, "a.yaml:4:4: .inf is no number of JSON"],
    [
      "a number that would change",
      `${configMap("x")}n: 12345678901234567890\n`,
      "a.yaml:4:4: 12345678901234567890 is too large to be kept exactly: put it in quotes",
    ],
    ["a mapping as a key", `${configMap("x")}? {a: b}\n: c\n`, "a.yaml:4:3: a key must be text"],
    [
      "an object twice",
      `${configMap("x")}---\n${configMap("x")}`,
      'a.yaml:5:1: ConfigMap "x" is there twice, first at a.yaml:1:1',
    ],
    [
      "a wrong type",
      `${configMap("x")}data:\n  port: 80\n`,
      'a.yaml:5:3: ConfigMap "x": data.port must be text (put it in quotes), and is the number 80',
    ],
  ])("refuses %s", async (_what, text, message) => {
    expect(await complaint(text)).toBe(message);
  });

  it("refuses bombs quickly", async () => {
    const levels = Array.from(
      { length: 12 },
      (_unused, level) => `l${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(",")}]`,
    );
    expect(await complaint(`${configMap("x")}l0: &a0 [x]\n${levels.join("\n")}\n`)).toMatch(
      /^a\.yaml:5:\d+: the aliases unfold/,
    );
    expect(await complaint("---\na: b\n".repeat(1001))).toBe(
      "a.yaml:2001:1: more than 1000 documents in one file",
    );
    expect(await complaint("[".repeat(100_000))).toMatch(/^a\.yaml:1:\d+: /);
    expect(await complaint(Buffer.alloc(17 * 1024 * 1024, 32))).toMatch(/too large for a manifest/);
  });

  it("says what is wrong with the path", async () => {
    await expect(read({}, ["no.yaml"])).rejects.toThrow('the path "no.yaml" does not exist');
    await expect(read({ "d/x.txt": "" }, ["d"])).rejects.toThrow(
      "d: no manifests in this directory (.yaml, .yml, .json; -R looks deeper)",
    );
    await expect(read({}, ["https://example.com/a.yaml"])).rejects.toThrow(
      "curl -fsSL https://example.com/a.yaml | sts … -f -",
    );
  });

  it("names every wrong field of a StatefulSet with its place", async () => {
    const text = [
      "apiVersion: apps/v1",
      "kind: StatefulSet",
      "metadata: {name: web, labels: {tier: 1}}",
      "spec:",
      "  replicas: three",
      "  selector: {matchLabels: {app: web}}",
      "  template:",
      "    spec:",
      "      containers:",
      "      - name: web",
      "        env: [{name: A, value: true}]",
      "        ports: [{containerPort: eighty}]",
      "  volumeClaimTemplates:",
      "  - metadata: {name: www}",
      "    spec: {resources: {requests: {storage: 1GB}}}",
    ].join("\n");
    expect((await complaint(text)).split("\n")).toEqual([
      'a.yaml:3:32: StatefulSet "web": metadata.labels.tier must be text (put it in quotes), and is the number 1',
      'a.yaml:5:3: StatefulSet "web": spec.replicas must be a whole number, and is the text "three"',
      'a.yaml:11:25: StatefulSet "web": spec.template.spec.containers[0].env[0].value must be text (put it in quotes), and is the boolean true',
      'a.yaml:12:18: StatefulSet "web": spec.template.spec.containers[0].ports[0].containerPort must be a whole number, and is the text "eighty"',
      'a.yaml:15:35: StatefulSet "web": spec.volumeClaimTemplates[0].spec.resources.requests.storage "1GB" is not a quantity: write for example 500m, 2, 1Gi or 1.5Gi',
    ]);
  });

  it("ends in objects or in a UsageError, whatever is in the file", async () => {
    const line = fc.constantFrom(
      ...[
        "apiVersion: v1",
        "kind: ConfigMap",
        "metadata: {name: x}",
        "metadata:",
        "  name: x",
        "---",
        "...",
        "- a",
        "a: &a [1]",
      ],
      ...[
        "b: *a",
        "<<: *a",
        "\t- x",
        "x: {",
        "]",
        "? [a]",
        "!!binary x",
        "%YAML 9",
        "items: [1, null]",
        "kind: List",
        '"',
        "\u0007",
      ],
      ...[
        "data: {a: 1}",
        "spec: 3",
        "&x",
        "*x",
        "|",
        "> ",
        "k: !!int x",
        "2: 3",
        "null: ~",
        "a: .nan",
        "__proto__: {a: 1}",
      ],
    );
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const error: unknown = await read({ "a.yaml": content }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(UsageError);
      }),
      { numRuns: 3000 },
    );
  });
});
