import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalQuantity, compareQuantities, parseQuantity } from "../../../src/sandbox/kinds/quantity.js";

describe("canonicalQuantity", () => {
  // What the API server made of these (apimachinery, resource.Quantity).
  it.each([
    ["1.5Gi", "1536Mi"],
    ["1024Mi", "1Gi"],
    ["1000m", "1"],
    ["0.5", "500m"],
    [0.1, "100m"],
    [1000, "1k"],
    ["2000k", "2M"],
    ["1e3", "1e3"],
    ["0.5Gi", "512Mi"],
    ["0.5Ki", "512"],
    ["100", "100"],
    ["0", "0"],
    ["-1Gi", "-1Gi"],
    ["0.0000000001", "1n"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it("is stable and keeps the value", () => {
    const suffix = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti");
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(999), suffix, (whole, thousandths, unit) => {
        const text = `${whole}.${String(thousandths).padStart(3, "0")}${unit}`;
        const canonical = canonicalQuantity(text);
        expect(canonicalQuantity(canonical)).toBe(canonical);
        expect(compareQuantities(text, canonical)).toBe(0);
      }),
    );
  });
});

describe("parseQuantity", () => {
  it.each(["", "abc", "1 Gi", "1gi", "1..5", "Gi", "1KiB", true, null, {}])("refuses %j", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});

describe("what no machine could work out", () => {
  it.each([
    ["1e400000", "9223372036854775807"],
    ["-1e400000", "-9223372036854775807"],
    ["1e-999999999", "1e-9"],
    ["0e999999999", "0"],
    [`1e${"9".repeat(400)}`, "9223372036854775807"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });
});

describe("compareQuantities", () => {
  it.each([
    ["1Gi", "1G", 1],
    ["1Gi", "1024Mi", 0],
    ["999m", "1", -1],
    ["1e3", "1k", 0],
  ])("compares %s with %s", (a, b, order) => {
    expect(compareQuantities(a, b)).toBe(order);
    expect(compareQuantities(b, a)).toBe(0 - order);
  });
});
