import { describe, expect, it } from "vitest";
import type { ClassifiedClaim } from "../../../src/core/claims/classify.js";
import type { ClaimFacts } from "../../../src/core/claims/facts.js";
import { claimItem, claimsTable, type ListedClaim } from "../../../src/view/claims/table.js";
import { unusedInWords } from "../../../src/view/claims/cleanup.js";
import { claimsSummary, leftOverLines } from "../../../src/view/claims/summary.js";
import { createTheme } from "../../../src/view/theme.js";
import { claim } from "../../core/claims/build.js";

const now = Date.parse("2026-11-13T00:00:00Z");
const policies = new Map([
  ["pv-www-web-0", "Delete"],
  ["pv-www-web-3", "Retain"],
]);
const place = { set: "web", template: "www", sets: ["web"] };
const used: ClassifiedClaim = {
  claim: claim("www-web-0"),
  state: "in-use",
  reason: "mounted by pod web-0",
  pod: "web-0",
  ordinal: 0,
  ...place,
};
const left: ClassifiedClaim = {
  claim: claim("www-web-3", { deleting: true }),
  state: "scaled-down",
  reason: "out of range",
  ordinal: 3,
  ...place,
};
const options = {
  ...{ policies, now, wide: false, unused: false, allNamespaces: false, headers: true },
  ...{ columns: undefined, theme: createTheme(false), ascii: false },
};
const commands = {
  cleanup: (include: readonly string[]) => ["cleanup", ...include].join(" "),
  why: (state: string) => `why ${state}`,
};

describe("the table of claims", () => {
  it("shows each claim with what deleting it does", () => {
    expect(claimsTable([used, left], options)).toBe(
      [
        "CLAIM       ORDINAL   STATE                      POD     SIZE   AGE   CLASS      ON DELETE",
        "www-web-0   0         in-use                     web-0   1Gi    12d   standard   data destroyed",
        "www-web-3   3         scaled-down, Terminating           1Gi    12d   standard   volume kept, Released",
        "",
      ].join("\n"),
    );
  });

  it.each([
    [200, "CLAIM ORDINAL STATE POD SIZE AGE CLASS ON DELETE"],
    [97, "CLAIM ORDINAL STATE SIZE AGE CLASS ON DELETE"],
    [80, "CLAIM STATE SIZE AGE ON DELETE"],
    [60, "CLAIM STATE SIZE"],
    [20, "CLAIM STATE"],
  ])(
    "does without what the name tells first at a width of %i, and without what deletion does late",
    (columns, titles) => {
      const lines = claimsTable([used, left], { ...options, columns }).split("\n");
      expect(lines[0]?.replace(/ {2,}/g, " ")).toBe(titles);
      if (columns > 40) expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    },
  );

  it("lets no control character of the cluster through", () => {
    const hostile = { ...used, claim: claim("www-web-0", { storageClass: "\u001b[31mred\u0007" }) };
    expect(claimsTable([hostile], options)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it.each<[string, Partial<ClaimFacts>, string, string]>([
    ["a volume that grows", { size: "1Gi", requested: "2Gi", resize: "Resizing" }, "in-use", "1Gi → 2Gi"],
    [
      "a file system that waits for its pod",
      { size: "1Gi", requested: "2Gi", resize: "FileSystemResizePending" },
      "in-use, FileSystemResizePending",
      "1Gi → 2Gi",
    ],
    ["a volume larger than was asked for", { size: "5Gi", requested: "1Gi" }, "in-use", "5Gi"],
    ["a claim without a volume", { phase: "Pending" }, "in-use, Pending", "1Gi"],
    ["a claim whose volume is gone", { phase: "Lost", deleting: true }, "in-use, Lost, Terminating", "1Gi"],
  ])("shows %s", (_, fields, state, size) => {
    const cells = rowOf({ ...used, claim: claim("www-web-0", fields) });
    expect([cells[2], cells[4]]).toEqual([state, size]);
  });

  it("has arrows in ASCII where there is nothing else", () => {
    const growing = claim("www-web-0", { size: "1Gi", requested: "2Gi", resize: "Resizing" });
    expect(rowOf({ ...used, claim: growing }, { ascii: true })[4]).toBe("1Gi -> 2Gi");
  });

  it.each([
    ["condition", "8d by condition"],
    ["event", "8d by event"],
    ["creation", "8d by creation"],
  ] as const)("says since when nothing uses a claim, and that the %s says so", (by, text) => {
    const unused = { since: now - 8 * 86_400_000, by };
    const table = claimsTable([used, { ...left, unused }], { ...options, unused: true });
    expect(table).toMatch(/^CLAIM .* AGE {3}UNUSED .* ON DELETE$/m);
    expect(table).toMatch(new RegExp(`^www-web-3 .* 12d {3}${text} {3}standard`, "m"));
  });

  it("colours nothing but states, and no width changes by it", () => {
    const painted = claimsTable([used, left], { ...options, theme: createTheme(true) });
    expect(painted).toContain("\u001b[32min-use\u001b[39m");
    expect(painted.replace(/\u001b\[\d+m/g, "")).toBe(claimsTable([used, left], options));
  });
});

function rowOf(listed: ListedClaim, more: Partial<typeof options> = {}): string[] {
  const [line = ""] = claimsTable([listed], { ...options, headers: false, ...more }).split("\n");
  return line.split(/ {3,}/);
}

describe("the summary of claims", () => {
  it("counts what is left over and what of it would be freed, with the command to clean up", () => {
    expect(claimsSummary([used], policies, commands)).toEqual(["1 claim, 1Gi"]);
    expect(claimsSummary([used, left], policies, commands)).toEqual([
      "2 claims, 2Gi · 1 left over, 1Gi (nothing would be freed): cleanup",
    ]);
    const freed: ClassifiedClaim = { ...left, claim: claim("www-web-0", { size: "3Gi" }) };
    expect(claimsSummary([used, left, freed], policies, commands)).toEqual([
      "3 claims, 5Gi · 2 left over, 4Gi (3Gi would be freed): cleanup",
    ]);
    expect(claimsSummary([used, freed], policies, commands)).toEqual([
      "2 claims, 4Gi · 1 left over, 3Gi: cleanup",
    ]);
    expect(claimsSummary([left], undefined, commands)).toEqual(["1 claim, 1Gi · 1 left over, 1Gi: cleanup"]);
  });

  it("has a line for every other state without a pod, in the order of what can be done", () => {
    const states = ["ambiguous", "set-deleted", "in-use", "policy", "autoscaled", "scaled-down"] as const;
    const claims = states.map((state) => ({ ...left, state, claim: claim("www-web-0") }));
    const both = { ...left, state: "autoscaled", also: "set-at-zero", claim: claim("www-web-0") } as const;
    expect(leftOverLines([...claims, both], policies, commands)).toEqual([
      "1 left over, 1Gi: cleanup",
      "1 autoscaled, 1Gi: cleanup autoscaled",
      "1 autoscaled and set-at-zero, 1Gi: cleanup autoscaled set-at-zero",
      "1 set-deleted, 1Gi: cleanup set-deleted",
      "1 policy, 1Gi: why policy",
      "1 ambiguous, 1Gi: why ambiguous",
    ]);
    expect(claimsSummary(claims.slice(0, 1), policies, commands)).toEqual([
      "1 claim, 1Gi",
      "1 ambiguous, 1Gi: why ambiguous",
    ]);
  });
});

it("a claim in JSON has every field, null where there is nothing to say", () => {
  expect(claimItem(left, policies)).toEqual({
    namespace: "default",
    name: "www-web-3",
    uid: "claim-www-web-3",
    set: "web",
    template: "www",
    ordinal: 3,
    state: "scaled-down",
    reason: "out of range",
    pod: null,
    phase: "Bound",
    terminating: true,
    size: "1Gi",
    requested: "1Gi",
    resize: null,
    volume: "pv-www-web-3",
    storageClass: "standard",
    reclaimPolicy: "Retain",
    unusedSince: null,
    unusedSinceBy: null,
    createdAt: "2026-11-01T00:00:00Z",
  });
  const unused = { since: now, by: "event" } as const;
  expect(claimItem({ ...left, unused }, policies)).toMatchObject({
    unusedSince: "2026-11-13T00:00:00.000Z",
    unusedSinceBy: "event",
  });
});

it.each([
  [3 * 86_400_000, "condition", "unused for 3 days"],
  [86_400_000, "event", "unused for 1 day"],
  [90_000, "condition", "unused for 1 minute"],
  [-5, "condition", "unused for 0 seconds"],
  [7_200_000, "creation", "created 2 hours ago"],
] as const)("%i ms by %s is %s", (age, by, words) => {
  expect(unusedInWords({ since: now - age, by }, now)).toBe(words);
});
