import { describe, expect, it } from "vitest";
import type { SavedFile } from "../../../../src/core/claims/restore/decide.js";
import {
  type Fields,
  type Now,
  bound,
  claimOf,
  decide,
  name,
  reserved,
  savedOf,
  terminating,
  volumeOf,
  without,
  words,
} from "./build.js";

describe("a saved claim", () => {
  it.each<[string, SavedFile, Now, string]>([
    ["its volume is kept", savedOf(), {}, "restore"],
    [
      "its volume is about to be destroyed",
      savedOf(),
      { volumes: [volumeOf({ persistentVolumeReclaimPolicy: "Delete" })] },
      "restore keep",
    ],
    [
      "its volume is reserved for the name: a run was killed",
      savedOf(),
      { volumes: [volumeOf(reserved)] },
      "restore",
    ],
    [
      "its volume was set free by hand",
      savedOf(),
      { volumes: [volumeOf({ claimRef: undefined })] },
      "restore",
    ],
    [
      "a later claim of the name had its volume, and is gone, too",
      savedOf(),
      { volumes: [volumeOf({ claimRef: { ...reserved.claimRef, uid: "later" } })] },
      "restore",
    ],
    [
      "its volume object was made anew for the same disk",
      savedOf(),
      { volumes: [volumeOf({}, { metadata: { uid: "volume-2" } })] },
      "restore",
    ],
    ["its volume was not saved, and names it", savedOf(claimOf("old"), null), {}, "restore"],
    [
      "its volume has grown since",
      savedOf(),
      { volumes: [volumeOf({ capacity: { storage: "2Gi" } })] },
      "restore",
    ],
    [
      "a resize was under way when it was saved",
      savedOf(claimOf("old", { resources: { requests: { storage: "2Gi" } } })),
      {},
      "restore",
    ],
    [
      "its selector does not match, which the binder does not ask",
      savedOf(claimOf("old", { selector: { matchLabels: { a: "b" } } })),
      {},
      "restore",
    ],
    [
      "a killed run has made it, and nobody bound it yet",
      savedOf(),
      { living: claimOf("new"), volumes: [volumeOf(reserved)] },
      "restore made",
    ],
    [
      "somebody made it by hand, and its volume still has the old UID",
      savedOf(),
      { living: claimOf("new") },
      "restore made",
    ],
    ["it is still on its way out", savedOf(), { living: claimOf("old", {}, terminating) }, "restore leaving"],
    [
      "it is on its way out, and its volume would go along",
      savedOf(),
      {
        living: claimOf("old", {}, terminating),
        volumes: [volumeOf({ persistentVolumeReclaimPolicy: "Delete" }, { status: { phase: "Bound" } })],
      },
      "restore leaving keep",
    ],
    [
      "it is there, restored and bound",
      savedOf(),
      {
        living: claimOf("new", {}, bound),
        volumes: [volumeOf({ claimRef: { ...reserved.claimRef, uid: "new" } })],
      },
      "unchanged",
    ],
    ["it never went", savedOf(), { living: claimOf("old", {}, bound) }, "unchanged"],
    [
      "it never went, and never had a volume",
      savedOf(claimOf("old", without), null),
      { living: claimOf("old", without) },
      "unchanged",
    ],
  ])("is given back or left: %s", (_what, saved, now, expected) => {
    expect(words(decide(saved, now))).toBe(expected);
  });
});

describe("a claim saved more than once", () => {
  const at = (day: string) => ({ metadata: { creationTimestamp: `2026-11-${day}T00:00:00Z` } });
  const older = savedOf(claimOf("a", {}, at("01")), volumeOf(), "older.json");
  const newer = savedOf(claimOf("b", {}, at("02")), volumeOf(), "newer.json");
  const onPv2 = volumeOf({}, { metadata: { name: "pv-2", uid: "volume-2" } });
  const elsewhere = savedOf(claimOf("c", { volumeName: "pv-2" }, at("03")), onPv2, "else where.json");

  it("with the same volume is given back as it was last", () => {
    for (const both of [
      [older, newer],
      [newer, older],
    ] as [SavedFile, SavedFile][]) {
      const decision = decide(both, {});
      expect([words(decision), decision.saved.file]).toEqual(["restore", "newer.json"]);
    }
  });

  it("with different volumes is not chosen for a person, even where one of them is gone", () => {
    for (const volumes of [[volumeOf(), onPv2], [volumeOf()], [onPv2]]) {
      const decision = decide([older, newer, elsewhere], { volumes });
      expect(words(decision)).toMatch(
        /^refused: it is saved more than once, with different volumes \(pv-2 and pv-1\)/,
      );
      expect(decision).toMatchObject({
        remedy:
          "name the file of the one that you want, the newest first: sts pvc restore 'else where.json' or sts pvc restore newer.json",
      });
    }
  });

  it("is there already when one of them is", () => {
    const living = claimOf("new", { volumeName: "pv-2" }, bound);
    const its = volumeOf(
      { claimRef: { namespace: "default", name, uid: "new" } },
      { metadata: onPv2.metadata as unknown as Fields },
    );
    expect(words(decide([older, elsewhere], { living, volumes: [volumeOf(), its] }))).toBe("unchanged");
    expect(words(decide([older, elsewhere], { living: claimOf("a", {}, bound) }))).toBe("unchanged");
  });

  it("does not count when it had no volume", () => {
    const empty = savedOf(claimOf("z", without, at("09")), null, "empty.json");
    expect(decide([empty, older], {}).saved.file).toBe("older.json");
  });
});
