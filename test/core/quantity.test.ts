import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.js";
import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityUnits,
  sumQuantities,
} from "../../src/core/quantity.js";

describe("quantities", () => {
  it.each([
    ["0", "0"],
    ["1Gi", "1Gi"],
    ["1024Mi", "1Gi"],
    ["0.5Gi", "512Mi"],
    ["1.5Gi", "1536Mi"],
    ["1000m", "1"],
    ["0.25", "250m"],
    ["1500M", "1500M"],
    ["2000M", "2G"],
    ["1e3", "1e3"],
    ["12E6", "12e6"],
    ["1E", "1E"],
    ["+5", "5"],
    ["-5Mi", "-5Mi"],
    [".5", "500m"],
    ["5.", "5"],
    ["100Ki", "100Ki"],
    ["512", "512"],
    ["0.5Ki", "512"],
    ["1n", "1n"],
    ["0.1n", "1n"],
    ["9223372036854775808", "9223372036854775807"],
  ])("reads %s as the API does and writes it as %s", (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
  });

  it.each(["", "Gi", "1GB", "1 Gi", "one", "1.2.3", "0x10", "1e", "--1", "1Kib", ".", "1e999", "NaN", "١Gi"])(
    "refuses %j",
    (text) => {
      expect(() => parseQuantity(text)).toThrow(UsageError);
    },
  );

  it("compares across forms", () => {
    expect(compareQuantities("1Gi", "1G")).toBe(1);
    expect(compareQuantities("1024Mi", "1Gi")).toBe(0);
    expect(compareQuantities("999m", "1")).toBe(-1);
  });

  it("sums in the form of the first", () => {
    expect(sumQuantities(["1Gi", "512Mi"])).toBe("1536Mi");
    expect(sumQuantities(["1Gi", "1Gi", "3Gi"])).toBe("5Gi");
    expect(sumQuantities([])).toBe("0");
  });

  it("counts bytes, rounded up", () => {
    expect(quantityUnits("1Ki")).toBe(1024);
    expect(quantityUnits("1m")).toBe(1);
  });

  it("keeps the amount when written and read again", () => {
    const suffix = fc.constantFrom("", "k", "M", "G", "Ki", "Mi", "Gi", "m", "u", "e3");
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), suffix, (amount, unit) => {
        const first = parseQuantity(`${amount}${unit}`);
        expect(parseQuantity(formatQuantity(first)).nano).toBe(first.nano);
      }),
    );
  });
});
