import { describe, expect, it } from "vitest";
import type { Restore, SavedFile, Unchanged } from "../../../src/core/claims/restore/decide.js";
import type { Claim, Volume } from "../../../src/core/model.js";
import { keptVolumes, refusal, restorePlan } from "../../../src/view/claims/restore.js";

function saved(name: string, size?: string): SavedFile {
  const claim = {
    metadata: { namespace: "default", name },
    spec: { volumeName: `pv-${name}`, resources: { requests: { storage: "1Gi" } } },
  } as unknown as Claim;
  const volume = { spec: { capacity: { storage: size } } } as unknown as Volume;
  return { file: `${name}.json`, claim, ...(size !== undefined && { volume }) };
}

const restored = (of: SavedFile, ...users: string[]) =>
  ({ action: "restore", saved: of, users }) as unknown as Restore;
const unchanged = (of: SavedFile) => ({ action: "unchanged", saved: of }) as unknown as Unchanged;
const nameOf = ({ claim }: { claim: Claim }) => claim.metadata.name;

describe("restorePlan", () => {
  it("names what is given back with its size and volume, and the pods that wait, each once", () => {
    const decisions = [
      restored(saved("www-web-9", "2Gi"), "web-9", "\u001b[31mreader"),
      restored(saved("www-web-10"), "web-10", "web-9"),
      unchanged(saved("www-web-11")),
    ];
    expect(restorePlan(decisions, nameOf)).toBe(
      [
        "To be given back, each bound to its old volume:",
        "  www-web-9    2Gi   pv-www-web-9",
        "  www-web-10   1Gi   pv-www-web-10",
        "note: pods that mount these claims start with them: web-9, reader and web-10",
        "",
      ].join("\n"),
    );
  });

  it("says nothing where nothing is given back", () => {
    expect(restorePlan([unchanged(saved("a"))], nameOf)).toBe("");
  });
});

describe("refusal", () => {
  it("has the reason, and below it what to do, without what a terminal would take for commands", () => {
    const refused = {
      action: "refused",
      saved: saved("a"),
      reason: "is Failed (\u001b[2Jno\ndisk)",
    } as const;
    expect(refusal({ ...refused, remedy: "kubectl delete pvc a" }, nameOf)).toBe(
      "refused: a: is Failed (no disk)\n  kubectl delete pvc a\n",
    );
    expect(refusal(refused, nameOf)).toBe("refused: a: is Failed (no disk)\n");
  });
});

describe("keptVolumes", () => {
  const patch = (words: string) => `kubectl ${words}`;

  it("says how to set each policy back", () => {
    const kept = [
      { name: "pv-1", before: "Delete" },
      { name: "pv-2", before: "Recycle" },
      { name: "pv-3", before: "Delete" },
    ];
    expect(keptVolumes(kept, patch).split("\n")).toEqual([
      "these 2 volumes have reclaim policy Retain now, and had Delete when the claims were saved; to set it back:",
      `  kubectl patch pv pv-1 pv-3 -p '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}'`,
      "this volume has reclaim policy Retain now, and had Recycle when the claims were saved; to set it back:",
      `  kubectl patch pv pv-2 -p '{"spec":{"persistentVolumeReclaimPolicy":"Recycle"}}'`,
      "",
    ]);
  });

  it("names not all of many", () => {
    const kept = Array.from({ length: 11 }, (_, index) => ({ name: `pv-${index}`, before: "Delete" }));
    expect(keptVolumes(kept, patch)).toContain("to set one back:\n  kubectl patch pv NAME -p ");
  });

  it("says nothing of none", () => {
    expect(keptVolumes([], patch)).toBe("");
  });
});
