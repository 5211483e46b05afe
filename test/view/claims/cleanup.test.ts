import { describe, expect, it } from "vitest";
import type { ChosenClaim } from "../../../src/core/claims/plan.js";
import { cleanupPlan, type PlanOptions } from "../../../src/view/claims/cleanup.js";
import {
  backupPlanned,
  backupSaid,
  keepHint,
  keptSaid,
  managersWarning,
} from "../../../src/view/claims/keep.js";
import { claim, set } from "../../core/claims/build.js";

const now = Date.parse("2026-11-21T00:00:00Z");
const day = 86_400_000;

function chosen(ordinal: number, fields: Partial<ChosenClaim> = {}): ChosenClaim {
  const name = `www-web-${ordinal}`;
  return {
    ...{ claim: claim(name), state: "scaled-down", reason: "", sets: ["web"] },
    ...{ set: "web", template: "www", ordinal, unused: { since: now - 3 * day, by: "condition" } },
    ...fields,
  };
}

const policies = new Map([
  ["pv-www-web-3", "Retain"],
  ["pv-www-web-4", "Delete"],
  ["pv-www-web-5", "Recycle"],
]);
const options: PlanOptions = { policies, now, keepData: false, columns: undefined };
const plan = (claims: ChosenClaim[], more: Partial<PlanOptions> = {}) =>
  cleanupPlan(claims, [set("web", 3)], { ...options, ...more }).split("\n");

describe("what is about to be deleted", () => {
  it("is told with what becomes of the data by each policy, and in all", () => {
    const noVolume = chosen(7, { claim: claim("www-web-7", { volume: undefined }) });
    expect(plan([chosen(3), chosen(4), chosen(5), chosen(6), noVolume])).toEqual([
      "Left over from default/web (replicas 3), scaled-down, in no pod's use:",
      "  www-web-3  unused for 3 days  1Gi  standard  Retain: the volume stays, Released",
      "  www-web-4  unused for 3 days  1Gi  standard  Delete: the volume and its data are destroyed",
      "  www-web-5  unused for 3 days  1Gi  standard  Recycle: the data is wiped, the volume is used again",
      "  www-web-6  unused for 3 days  1Gi  standard  may destroy data: the volume's reclaim policy could not be read",
      "  www-web-7  unused for 3 days  1Gi  standard  it has no volume",
      "In all 5 claims, 5Gi: 1Gi destroyed, 1Gi wiped, 1Gi perhaps destroyed, 1Gi kept, 1Gi without a volume",
      "",
    ]);
  });

  it("is told as it is when the volumes are kept", () => {
    expect(plan([chosen(3), chosen(4), chosen(6)], { keepData: true }).slice(1, 5)).toEqual([
      "  www-web-3  unused for 3 days  1Gi  standard  Retain: the volume stays, Released",
      "  www-web-4  unused for 3 days  1Gi  standard  Delete, set to Retain first: the volume stays, Released",
      "  www-web-6  unused for 3 days  1Gi  standard  policy unknown, set to Retain first: the volume stays, Released",
      "In all 3 claims, 3Gi: 3Gi kept",
    ]);
  });

  it("keeps to a narrow terminal by shorter words", () => {
    for (const keepData of [false, true]) {
      const lines = plan([chosen(3), chosen(4), chosen(5)], { columns: 80, keepData });
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(lines[2]).toContain(keepData ? "Delete to Retain: volume kept" : "Delete: data destroyed");
    }
  });

  it("does without the class where that is not enough", () => {
    const longer = [3, 4].map((ordinal) =>
      chosen(ordinal, { claim: claim(`www-web-${ordinal}`, { size: "1234567890Gi" }) }),
    );
    const lines = plan(longer, { columns: 74 });
    expect(lines[1]).toBe("  www-web-3  unused for 3 days  1234567890Gi  Retain: volume kept, Released");
    expect(lines[2]).toBe("  www-web-4  unused for 3 days  1234567890Gi  Delete: data destroyed");
  });

  it("names the states where they differ, and says how old a claim is known to be", () => {
    const going = chosen(3, { claim: claim("www-web-3", { deleting: true }) });
    const created = chosen(4, { unused: { since: now - day, by: "creation" } });
    expect(plan([going, created]).slice(0, 3)).toEqual([
      "Left over from default/web (replicas 3), in no pod's use:",
      "  www-web-3  scaled-down, Terminating  unused for 3 days  1Gi  standard  Retain: the volume stays, Released",
      "  www-web-4  scaled-down               created 1 day ago  1Gi  standard  Delete: the volume and its data are destroyed",
    ]);
  });

  it("is one block a set, and no total of a single claim", () => {
    const other = chosen(1, { claim: claim("www-old-1"), set: "old", state: "set-deleted" });
    expect(plan([other])).toHaveLength(3);
    expect(plan([chosen(3), other]).filter((line) => line.startsWith("Left"))).toEqual([
      "Left over from default/web (replicas 3), scaled-down, in no pod's use:",
      "Left over from default/old, which is gone (set-deleted):",
    ]);
  });
});

describe("what is said around a deletion", () => {
  it("warns of sets with managers, of those that are chosen from only", () => {
    const sets = [
      set("web", 3, { managers: ["Helm release shop", "Argo CD application shop"] }),
      set("db", 3, { managers: ["Database db"] }),
      set("a", 1),
    ];
    expect(managersWarning([chosen(3), chosen(4)], sets)).toBe(
      "warning: default/web is managed by Helm release shop and Argo CD application shop, which may want these claims back\n",
    );
  });

  it("offers what was not asked for, and no volume that stays anyway", () => {
    expect(keepHint({}, true)).toBe("--backup=DIR saves the objects first, --keep-data keeps the volumes.\n");
    expect(keepHint({}, false)).toBe("--backup=DIR saves the objects first.\n");
    expect(keepHint({ backup: "b" }, true)).toBe("--keep-data keeps the volumes.\n");
    expect(keepHint({ backup: "b", keepData: true }, true)).toBe("");
  });

  it("counts what was saved and kept", () => {
    expect(backupSaid({ dir: "b", claims: 1, volumes: 0 }, "sts pvc restore b")).toBe(
      "saved 1 claim and 0 volumes in b: the objects, not the data\n  back, while the volumes are there: sts pvc restore b\n",
    );
    expect(backupPlanned("b", 2, " (dry run)")).toContain("would first save 2 claims and their volumes in b");
    expect([keptSaid([]), keptSaid(["pv-1"])]).toEqual([
      "",
      "1 volume stays, Released, until somebody deletes it: kubectl get pv\n",
    ]);
  });
});
