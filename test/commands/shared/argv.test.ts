import { describe, expect, it } from "vitest";
import { normaliseArgv, type ArgvNode } from "../../../src/commands/shared/argv.js";
import type { Flag } from "../../../src/commands/shared/command.js";

const flag = (name: string, more: Partial<Flag> = {}): Flag => ({ name, help: "", ...more });
const common = [flag("namespace", { short: "n", value: "NS" }), flag("all-namespaces", { short: "A" })];
const get = [
  ...common,
  flag("output", { short: "o", value: "F" }),
  flag("watch", { short: "w" }),
  flag("dry-run", { value: "M", bare: "client" }),
];
const leaf = (flags: Flag[]): ArgvNode => ({ flags, children: new Map() });
const tree: ArgvNode = {
  flags: common,
  children: new Map([
    ["get", leaf(get)],
    ["rollout", { flags: common, children: new Map([["status", leaf(get)]]) }],
  ]),
};

describe("normaliseArgv writes each flag as kubectl's users mean it", () => {
  it.each([
    ["get web -o json", "get web --output=json"],
    ["get web -ojson", "get web --output=json"],
    ["get web -o=json", "get web --output=json"],
    ["get web --output json", "get web --output=json"],
    ["get --watch web", "get --watch=true web"],
    ["get --watch=false web", "get --watch=false web"],
    ["get --dry-run web", "get --dry-run=client web"],
    ["get --dry-run=server web", "get --dry-run=server web"],
    ["get -Aw", "get --all-namespaces=true --watch=true"],
    ["get -Awojson", "get --all-namespaces=true --watch=true --output=json"],
    ["-n db get web", "get --namespace=db web"],
    ["-n get get get", "get --namespace=get get"],
    ["rollout -n db status web", "rollout status --namespace=db web"],
    ["get rollout", "get rollout"],
    ["get web --nope=1 -x", "get web --nope=1 -x"],
    ["get -", "get -"],
    ["get -o", "get --output"],
  ])("%s → %s", (typed, expected) => {
    expect(normaliseArgv(typed.split(" "), tree).words.join(" ")).toBe(expected);
  });

  it("keeps what stands behind -- apart and untouched", () => {
    expect(normaliseArgv(["get", "web", "--", "sh", "-c", "-n"], tree)).toEqual({
      path: ["get"],
      words: ["get", "web"],
      rest: ["sh", "-c", "-n"],
    });
  });
});
