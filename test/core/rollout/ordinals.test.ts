import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/core/errors.js";
import { formatOrdinals, ordinalsOf, parseOrdinals } from "../../../src/core/rollout/ordinals.js";
import { makeSet } from "../../support/objects.js";

describe("parseOrdinals", () => {
  it.each([
    ["0", [0]],
    ["0,2-4", [0, 2, 3, 4]],
    ["4, 2 ,0-1", [0, 1, 2, 4]],
    ["1-3,2-4,2", [1, 2, 3, 4]],
  ])("%s", (text, ordinals) => {
    expect(ordinalsOf(makeSet({ replicas: 5 }), parseOrdinals(text))).toEqual(ordinals);
  });

  it.each(["", ",", "1,", "a", "-1", "3-1", "1-", "1.5", "0x1", "1 2", "99999999999999999999"])(
    'refuses "%s" and names it',
    (text) => {
      expect(() => parseOrdinals(text)).toThrow(UsageError);
      expect(() => parseOrdinals(text)).toThrow(`--ordinals=${text}: "`);
    },
  );
});

describe("ordinalsOf", () => {
  it.each([
    ["5", {}, "web has no ordinal 5: its ordinals are 0 to 4"],
    ["3-9", {}, "web has no ordinal 5: its ordinals are 0 to 4"],
    ["0-2000000000", {}, "web has no ordinal 5: its ordinals are 0 to 4"],
    ["0", { start: 5 }, "web has no ordinal 0: its ordinals are 5 to 9"],
    ["1", { replicas: 1 }, "web has no ordinal 1: its ordinals are 0"],
    ["0", { replicas: 0 }, "web has no ordinal 0: it has 0 replicas"],
  ])("%s of %j is out of range", (text, options, message) => {
    const set = makeSet({ replicas: 5, ...options });
    expect(() => ordinalsOf(set, parseOrdinals(text))).toThrow(new UsageError(message));
  });

  it("counts from the start ordinal", () => {
    expect(ordinalsOf(makeSet({ replicas: 5, start: 5 }), parseOrdinals("5,8-9"))).toEqual([5, 8, 9]);
  });
});

describe("formatOrdinals", () => {
  it.each([
    [[], ""],
    [[3], "3"],
    [[4, 2, 3, 0], "0,2-4"],
    [[0, 1, 3, 4], "0-1,3-4"],
  ])("%j", (ordinals, text) => {
    expect(formatOrdinals(ordinals)).toBe(text);
  });
});
