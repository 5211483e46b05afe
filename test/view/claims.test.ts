import { describe, expect, it } from "vitest";
import type { ClassifiedClaim } from "../../src/core/claims/classify.js";
import { claimItem, claimsSummary, claimsTable } from "../../src/view/claims.js";
import { unusedInWords } from "../../src/view/claims-cleanup.js";
import { claim } from "../core/claims/build.js";

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
const options = { policies, now, wide: false, allNamespaces: false, headers: true, columns: undefined };

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

  it.each([200, 80, 40])("leaves out the last columns at a width of %i", (columns) => {
    const lines = claimsTable([used, left], { ...options, columns }).split("\n");
    expect(lines[0]?.includes("ON DELETE")).toBe(columns === 200);
    expect(lines[0]).toMatch(/^CLAIM +ORDINAL +STATE/);
    if (columns > 40) expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it("lets no control character of the cluster through", () => {
    const hostile = { ...used, claim: claim("www-web-0", { storageClass: "\u001b[31mred\u0007" }) };
    expect(claimsTable([hostile], options)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it("sums up, with the command to clean up", () => {
    expect(claimsSummary([used, left], "sts pvc cleanup web")).toBe(
      "2 claims, 2Gi · 1 left over, 1Gi: sts pvc cleanup web",
    );
    expect(claimsSummary([used], "sts pvc cleanup web")).toBe("1 claim, 1Gi");
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
    size: "1Gi",
    storageClass: "standard",
    reclaimPolicy: "Retain",
    unusedSince: null,
    createdAt: "2026-11-01T00:00:00Z",
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
