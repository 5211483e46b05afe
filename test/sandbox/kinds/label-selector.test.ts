import { describe, expect, it } from "vitest";
import { meets, selects, selectorText } from "../../../src/sandbox/kinds/label-selector.js";

const labels = { app: "web", tier: "5" };

describe("a label selector", () => {
  it("selects nothing when it is missing, and everything when it is empty", () => {
    expect(selects(undefined, labels)).toBe(false);
    expect(selects({}, labels)).toBe(true);
    expect(selects({}, undefined)).toBe(true);
    expect(selects({ matchLabels: { app: "web" } }, undefined)).toBe(false);
  });

  it("asks for all of its labels and expressions", () => {
    const matchExpressions = [{ key: "tier", operator: "Exists" }];
    expect(selects({ matchLabels: { app: "web" }, matchExpressions }, labels)).toBe(true);
    expect(selects({ matchLabels: { app: "db" }, matchExpressions }, labels)).toBe(false);
    expect(selects({ matchLabels: { app: "web" }, matchExpressions }, { app: "web" })).toBe(false);
  });

  it.each([
    ["In", "app", ["web", "db"], true],
    ["In", "app", ["db"], false],
    ["In", "none", ["db"], false],
    ["NotIn", "app", ["web"], false],
    ["NotIn", "app", ["db"], true],
    ["NotIn", "none", ["web"], true],
    ["Exists", "app", [], true],
    ["Exists", "none", [], false],
    ["Exists", "constructor", [], false],
    ["DoesNotExist", "app", [], false],
    ["DoesNotExist", "none", [], true],
    ["Gt", "tier", ["4"], true],
    ["Gt", "tier", ["5"], false],
    ["Lt", "tier", ["6"], true],
    ["Lt", "none", ["6"], false],
    ["Gt", "app", ["4"], false],
    ["Lt", "app", ["4"], false],
  ])("takes %s of %s %j for %s", (operator, key, values, met) => {
    expect(meets(labels, [{ key, operator, values }])).toBe(met);
  });

  it("has a text, keys in order", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["b", "a"] },
      { key: "old", operator: "DoesNotExist" },
    ];
    expect(selectorText({ matchLabels: { app: "web" }, matchExpressions })).toBe(
      "app=web,!old,tier in (a,b)",
    );
  });
});
