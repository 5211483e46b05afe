import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../src/core/model.js";
import { selectContainers } from "../../../src/core/rollout/containers.js";
import { importedEnv } from "../../../src/core/rollout/env-source.js";
import { envLines, envPatch, parseEnvChange, type EnvVar } from "../../../src/core/rollout/env.js";

const secret = (key: string) => ({ valueFrom: { secretKeyRef: { name: "db", key } } });

function set(env: EnvVar[] | undefined): StatefulSet {
  return {
    metadata: { name: "web" },
    spec: {
      template: {
        spec: {
          containers: [{ name: "nginx", ...(env && { env }) }, { name: "log" }],
          initContainers: [{ name: "init" }],
        },
      },
    },
  } as unknown as StatefulSet;
}

const live: EnvVar[] = [
  { name: "A", value: "1" },
  { name: "B" },
  { name: "P", ...secret("password") },
  { name: "Z", value: "$(A)" },
];

const order = (...names: string[]) => ({ "$setElementOrder/env": names.map((name) => ({ name })) });

describe("envPatch of one container", () => {
  it.each<[string[], object]>([
    [["A=2"], { env: [{ name: "A", value: "2" }], ...order("A", "B", "P", "Z") }],
    [["N=x=y,z"], { env: [{ name: "N", value: "x=y,z" }], ...order("A", "B", "P", "Z", "N") }],
    [
      ["B=b", "A="],
      {
        env: [
          { name: "A", value: "" },
          { name: "B", value: "b" },
        ],
        ...order("A", "B", "P", "Z"),
      },
    ],
    [
      ["A-", "N=1"],
      {
        env: [
          { name: "A", $patch: "delete" },
          { name: "N", value: "1" },
        ],
        ...order("B", "P", "Z", "N"),
      },
    ],
    [["P=plain"], { env: [{ name: "P", value: "plain", valueFrom: null }], ...order("A", "B", "P", "Z") }],
  ])("%j", (words, patch) => {
    expect(envPatch(set(live), "nginx", parseEnvChange(words))).toEqual({
      spec: { containers: [{ name: "nginx", ...patch }] },
    });
  });

  it.each([[["A=1"]], [["B="]], [["GONE-"]], [["A=1", "Z=$(A)", "X-"]]])(
    "is nothing where %j is so already",
    (words) => expect(envPatch(set(live), "nginx", parseEnvChange(words))).toBeUndefined(),
  );

  it.each([
    ["a value", { name: "A", ...secret("x") }, { name: "A", value: null, ...secret("x") }],
    ["nothing", { name: "N", ...secret("x") }, { name: "N", ...secret("x") }],
    [
      "another source",
      { name: "P", ...secret("x") },
      { name: "P", valueFrom: { ...secret("x").valueFrom, $patch: "replace" } },
    ],
  ])("puts a source in the place of %s", (_, variable, sent) => {
    const patch = envPatch(set(live), "nginx", { variables: [variable], removed: [] });
    expect(patch).toMatchObject({ spec: { containers: [{ env: [sent] }] } });
  });

  it("knows a source that is there already", () => {
    const change = { variables: [{ name: "P", ...secret("password") }], removed: [] };
    expect(envPatch(set(live), "nginx", change)).toBeUndefined();
  });

  it("replaces a list in which a name is twice, as it cannot be merged by name", () => {
    const twice = [...live, { name: "A", value: "3" }];
    const patch = envPatch(set(twice), "nginx", parseEnvChange(["A=2"]));
    const env = [{ name: "A", value: "2" }, ...live.slice(1), { $patch: "replace" }];
    expect(patch).toEqual({ spec: { containers: [{ name: "nginx", env }] } });
  });
});

describe("the containers that a pattern means", () => {
  it.each([
    ["*", ["nginx", "log"]],
    ["nginx", ["nginx"]],
    ["init", ["init"]],
    ["*i*", ["nginx", "init"]],
    ["l*g", ["log"]],
    ["*x", ["nginx"]],
  ])("%s", (pattern, names) => {
    const found = selectContainers(set(live), pattern);
    expect(found.map(({ container }) => container.name)).toEqual(names);
    const patch = envPatch(set(live), pattern, parseEnvChange(["N=1"])) as { spec: object };
    const patched = Object.values(patch.spec) as { name: string }[][];
    expect(patched.flat().map(({ name }) => name)).toEqual(names);
  });

  it.each(["ngin", "n.inx", "x*"])("%s: none, which is refused with those that there are", (pattern) => {
    expect(() => envPatch(set(live), pattern, parseEnvChange(["N=1"]))).toThrow(
      `unable to find container named "${pattern}" in web; it has nginx, log, init`,
    );
  });
});

describe("parseEnvChange", () => {
  it("takes the names that the API takes: printable ASCII without =", () => {
    const { variables, removed } = parseEnvChange(["a.b/c d=1", "-x-=2", "1-"]);
    expect(variables.map(({ name }) => name)).toEqual(["a.b/c d", "-x-"]);
    expect(removed).toEqual(["1"]);
  });

  it.each([
    ["FOO", '"FOO" is not KEY=VALUE, nor KEY- to remove it'],
    ["=x", '"" as the name of a variable is empty'],
    ["-", '"" as the name of a variable is empty'],
    ["é=1", "must be printable ASCII without '='"],
    ["A=1 A=2", "A is given twice"],
    ["A=1 A-", "A is given twice"],
  ])("refuses %s", (words, message) => {
    expect(() => parseEnvChange(words.split(" "))).toThrow(message);
  });
});

describe("importedEnv", () => {
  const from = { kind: "secret", name: "db" } as const;
  const names = (keys: string[], present: string[] | undefined, prefix = "") =>
    importedEnv({ from, prefix, keys }, present).map(({ name, valueFrom }) => [
      name,
      valueFrom?.secretKeyRef?.key,
    ]);

  it("makes a variable of each key, by name, or of those that are asked for", () => {
    expect(names([], ["tls.key", "a"], "DB_")).toEqual([
      ["DB_A", "a"],
      ["DB_TLS_KEY", "tls.key"],
    ]);
    expect(names(["b"], ["a", "b"])).toEqual([["B", "b"]]);
    expect(names(["b"], undefined)).toEqual([["B", "b"]]);
  });

  it("refuses a key that is not there, and keys that would have one name", () => {
    expect(() => names(["c"], ["b", "a"])).toThrow("secret/db has no key c; it has a, b");
    expect(() => names([], ["a.b", "a-b"])).toThrow("several keys of secret/db would be A_B");
  });
});

describe("envLines", () => {
  it("prints as kubectl does, changes included, and sources as comments", () => {
    const [found] = selectContainers(set(live), "nginx");
    if (!found) throw new Error("no container");
    expect(envLines("web", found, parseEnvChange(["A-", "N=1"]))).toEqual([
      "# StatefulSet web, container nginx",
      "B=",
      "# P from secret db, key password",
      "Z=$(A)",
      "N=1",
    ]);
  });
});
