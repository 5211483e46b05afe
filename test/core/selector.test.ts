import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.js";
import { formatSelector, matches, parseSelector, selects } from "../../src/core/selector.js";

const labels = { app: "web", tier: "front", size: "5" };

describe("label selectors", () => {
  it.each([
    ["app=web", true],
    ["app==web", true],
    ["app = web , tier=front", true],
    ["app!=web", false],
    ["missing!=web", true],
    ["app in (web,api)", true],
    ["app notin (web, api)", false],
    ["missing notin (a)", true],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["size>4", true],
    ["size<4", false],
    ["app>4", false],
    ["example.com/role=x", false],
    ["app=", false],
    ["", true],
  ])("%s is %s of the labels", (text, expected) => {
    expect(matches(parseSelector(text), labels)).toBe(expected);
    expect(matches(parseSelector(formatSelector(parseSelector(text))), labels)).toBe(expected);
  });

  it.each(["app=web,", "=web", "app in web", "app in (web", "a b", "app=we b", "-x=1", "app=_", "a=b=c"])(
    "refuses %j",
    (text) => {
      expect(() => parseSelector(text)).toThrow(UsageError);
    },
  );

  it("reads the form inside objects, and an absent selector selects nothing", () => {
    const selector = {
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["front"] }],
    };
    expect(selects(selector, labels)).toBe(true);
    expect(selects(selector, { app: "web" })).toBe(false);
    expect(selects({}, {})).toBe(true);
    expect(selects(undefined, {})).toBe(false);
  });
});
