import { describe, expect, it } from "vitest";
import type { Unused } from "../../../src/core/claims/age.js";
import {
  describeReturning,
  returningClaims,
  type ReturningClaim,
} from "../../../src/core/claims/returning.js";
import { makeSet } from "../../support/objects.js";
import { claim } from "./build.js";

const day = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");
const creation = (): Unused => ({ since: now - day, by: "creation" });

describe("returningClaims", () => {
  const names = (claims: readonly ReturningClaim[]) => claims.map(({ claim: { name } }) => name);

  it("are those of the ordinals that are added, by ordinal as a number, whatever order they came in", () => {
    const claims = ["www-web-10", "www-web-9", "www-web-8", "www-web-web-9", "log-web-9", "www-web-11"];
    const set = makeSet({ replicas: 9, claims: ["www", "log"] });
    const found = returningClaims(
      set,
      11,
      claims.map((name) => claim(name)),
      creation,
    );
    expect(names(found)).toEqual(["www-web-9", "log-web-9", "www-web-10"]);
  });

  it("counts from ordinals.start, from zero replicas, and only in the set's namespace", () => {
    const set = makeSet({ replicas: 0, start: 5, claims: ["www"] });
    const claims = [claim("www-web-5"), claim("www-web-4"), claim("www-web-6", { namespace: "other" })];
    expect(names(returningClaims(set, 2, claims, creation))).toEqual(["www-web-5"]);
    expect(returningClaims(makeSet({ claims: [] }), 9, claims, creation)).toEqual([]);
    expect(returningClaims(makeSet({ claims: ["www"] }), 2, [claim("www-web-2")], creation)).toEqual([]);
  });
});

describe("describeReturning", () => {
  const back = (ordinal: number, days: number, by: Unused["by"], deleting = false): ReturningClaim => ({
    claim: claim(`www-web-${ordinal}`, { deleting }),
    ordinal,
    unused: { since: now - days * day, by },
  });
  const words = (...claims: ReturningClaim[]) => describeReturning("web", claims, { now });

  it.each<[string, ReturningClaim[], string[]]>([
    [
      "by the condition",
      [back(3, 12, "condition")],
      ["www-web-3 comes back with its old data (unused for 12d, by condition)"],
    ],
    [
      "of different ages",
      [back(3, 12, "condition"), back(4, 90, "condition")],
      ["www-web-3 and www-web-4 come back with their old data (unused for 12d to 90d, by condition)"],
    ],
    [
      "by an event",
      [back(3, 0, "event")],
      ["www-web-3 comes back with its old data (unused for 0s, by events)"],
    ],
    [
      "by creation, in one line each, and those on their way out",
      [
        back(3, 12, "condition"),
        back(4, 30, "creation"),
        back(5, 30, "creation"),
        back(6, 1, "creation", true),
      ],
      [
        "www-web-3 comes back with its old data (unused for 12d, by condition)",
        "www-web-4 and www-web-5 come back with their old data (created 30d ago, last use not known)",
        "www-web-6 is being deleted: web-6 waits for that and starts empty",
      ],
    ],
  ])("%s", (_, claims, lines) => expect(words(...claims)).toEqual(lines));

  it("names only the first of many, and says once how to do without them", () => {
    const many = [3, 4, 5, 6, 7].map((ordinal) => back(ordinal, 1, "condition"));
    expect(describeReturning("web", many, { now, way: "--fresh starts empty" })).toEqual([
      "www-web-3, www-web-4, www-web-5 and 2 more come back with their old data (unused for 24h, by condition); --fresh starts empty",
    ]);
  });
});
