import { describe, expect, it } from "vitest";
import { formatSizes, parseSizes } from "../../../../src/core/claims/resize/sizes.js";
import { UsageError } from "../../../../src/core/errors.js";

describe("sizes", () => {
  it("are read as they are written, templates with dashes and dots among them", () => {
    const sizes = parseSizes(["data=2Gi", "my-logs.v1=1.5Gi", "x=2e9"]);
    expect([...sizes]).toEqual([
      ["data", "2Gi"],
      ["my-logs.v1", "1.5Gi"],
      ["x", "2e9"],
    ]);
    expect(formatSizes(sizes)).toBe("data=2Gi my-logs.v1=1.5Gi x=2e9");
  });

  it.each([
    [["data"], "not TEMPLATE=SIZE"],
    [["=2Gi"], "not TEMPLATE=SIZE"],
    [["data="], "not TEMPLATE=SIZE"],
    [["data=2GB"], "not a quantity"],
    [["data=+2Gi=3"], "not a quantity"],
    [["data=0"], "more than 0"],
    [["data=-1Gi"], "more than 0"],
    [["data=99999Ei"], "no volume is as large"],
    [["data=1e30"], "no volume is as large"],
    [["data=1Gi", "data=2Gi"], "two sizes"],
    [[], "what is to grow is needed"],
  ])("%j is a usage error", (words, message) => {
    expect(() => parseSizes(words)).toThrow(UsageError);
    expect(() => parseSizes(words)).toThrow(message);
  });
});
