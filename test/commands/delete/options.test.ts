import { describe, expect, it } from "vitest";
import { readDeleteOptions } from "../../../src/commands/delete/options.js";
import { Input } from "../../../src/commands/shared/input.js";

function read(args: string[], flags: Record<string, string> = {}) {
  return readDeleteOptions(
    new Input(args, [], new Map(Object.entries(flags).map(([name, value]) => [name, [value]]))),
  );
}

describe("delete's flags", () => {
  it("leaves claims to the retention policy unless told", () => {
    const { sets, ordered, cascade, claims, ignoreNotFound } = read(["sts/web"]);
    expect({ sets, ordered, cascade, claims, ignoreNotFound }).toEqual({
      sets: { names: ["web"], selector: undefined, all: false, allNamespaces: false },
      ordered: false,
      cascade: "background",
      claims: undefined,
      ignoreNotFound: false,
    });
  });

  it("ignores what is not there with --all and -l, as kubectl does", () => {
    expect(read([], { all: "true" }).ignoreNotFound).toBe(true);
    expect(read([], { selector: "app=web" }).ignoreNotFound).toBe(true);
    expect(read([], { all: "true", "ignore-not-found": "false" }).ignoreNotFound).toBe(false);
  });

  it.each([
    ["-1", undefined],
    ["0", 1],
    ["30", 30],
  ])("reads --grace-period=%s as kubectl does", (text, expected) => {
    expect(read(["web"], { "grace-period": text }).gracePeriodSeconds).toBe(expected);
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ["no set", [], {}, /name a StatefulSet/],
    ["names and files", ["web"], { filename: "x.yaml" }, /names and -f/],
    ["ordered and orphan", ["web"], { ordered: "true", cascade: "orphan" }, /choose one/],
    [
      "claims deleted and orphan",
      ["web"],
      { claims: "delete", cascade: "orphan" },
      /the pods use the claims/,
    ],
    ["ordered without waiting", ["web"], { ordered: "true", wait: "false" }, /--wait=false/],
    ["claims deleted without waiting", ["web"], { claims: "delete", wait: "false" }, /--wait=false/],
    ["volumes kept without claims deleted", ["web"], { "keep-data": "true" }, /--claims=delete/],
    ["a backup of claims that are kept", ["web"], { claims: "keep", backup: "x" }, /--claims=delete/],
    ["a wrong cascade", ["web"], { cascade: "all" }, /not one of background, foreground, orphan/],
    ["a wrong choice of claims", ["web"], { claims: "all" }, /not one of keep, delete/],
  ])("refuses %s", (_, args, flags, message) => {
    expect(() => read(args, flags)).toThrow(message);
  });
});
