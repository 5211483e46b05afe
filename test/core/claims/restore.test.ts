import { describe, expect, it } from "vitest";
import {
  decideRestore,
  type RestoreDecision,
  type SavedFile,
  type Situation,
} from "../../../src/core/claims/restore.js";
import type { Claim, Volume } from "../../../src/core/model.js";

type Fields = Record<string, unknown>;

const name = "www-web-2";

function claimOf(uid: string, spec: Fields = {}, more: { metadata?: Fields; status?: Fields } = {}): Claim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace: "default",
      name,
      uid,
      resourceVersion: "1",
      creationTimestamp: "2026-11-01T00:00:00Z",
      ...more.metadata,
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      resources: { requests: { storage: "1Gi" } },
      volumeName: "pv-1",
      ...spec,
    },
    status: more.status ?? {},
  } as unknown as Claim;
}

/** The volume `pv-1`, Released, kept, as the claim `old` left it. */
function volumeOf(spec: Fields = {}, more: { metadata?: Fields; status?: Fields } = {}): Volume {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: "pv-1",
      uid: "volume-1",
      resourceVersion: "1",
      creationTimestamp: "",
      ...more.metadata,
    },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      persistentVolumeReclaimPolicy: "Retain",
      csi: { driver: "disk", volumeHandle: "disk-1" },
      claimRef: { namespace: "default", name, uid: "old" },
      ...spec,
    },
    status: more.status ?? { phase: "Released" },
  } as unknown as Volume;
}

const without = { volumeName: undefined };
const reserved = { claimRef: { namespace: "default", name } };
const bound = { status: { phase: "Bound" } };
const terminating = { metadata: { deletionTimestamp: "2026-11-21T00:00:00Z" } };

function savedOf(claim = claimOf("old"), volume: Volume | null = volumeOf(), file = "f"): SavedFile {
  return volume ? { file, claim, volume } : { file, claim };
}

interface Now {
  living?: Claim;
  volumes?: Volume[];
  wait?: boolean;
  users?: string[];
}

function decide(saved: SavedFile | [SavedFile, ...SavedFile[]], now: Now): RestoreDecision {
  const volumes = new Map((now.volumes ?? [volumeOf()]).map((volume) => [volume.metadata.name, volume]));
  const situation: Situation = {
    living: now.living,
    volume: (volume) => volumes.get(volume),
    users: now.users ?? [],
    wait: now.wait ?? true,
    naming: { program: "sts", namespace: "default" },
  };
  return decideRestore(Array.isArray(saved) ? saved : [saved], situation);
}

/** `restore made` and the like, or the reason of a refusal. */
function words(decision: RestoreDecision): string {
  if (decision.action === "refused") return `refused: ${decision.reason}`;
  if (decision.action === "unchanged") return "unchanged";
  const { made, leaving, keep } = decision;
  return [
    "restore",
    ...(made ? ["made"] : []),
    ...(leaving ? ["leaving"] : []),
    ...(keep ? ["keep"] : []),
  ].join(" ");
}

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

  it.each<[string, SavedFile, Now, RegExp]>([
    ["its volume is gone", savedOf(), { volumes: [] }, /^its volume pv-1 is gone, and the data/],
    ["its volume is being deleted", savedOf(), { volumes: [volumeOf({}, terminating)] }, /is being deleted/],
    [
      "its volume is Failed",
      savedOf(),
      { volumes: [volumeOf({}, { status: { phase: "Failed", message: "no disk" } })] },
      /is Failed \(no disk\)/,
    ],
    [
      "its volume was wiped",
      savedOf(),
      { volumes: [volumeOf({ persistentVolumeReclaimPolicy: "Recycle", claimRef: undefined })] },
      /recycled: the data in it is wiped/,
    ],
    [
      "another volume has the name",
      savedOf(),
      {
        volumes: [
          volumeOf({ csi: { driver: "disk", volumeHandle: "disk-2" } }, { metadata: { uid: "volume-2" } }),
        ],
      },
      /is another one by now/,
    ],
    [
      "nothing tells that the volume is its own",
      savedOf(claimOf("old"), null),
      { volumes: [volumeOf({ claimRef: undefined })] },
      /may be another one by now/,
    ],
    [
      "another claim has its volume",
      savedOf(),
      { volumes: [volumeOf({ claimRef: { namespace: "default", name: "data-db-0", uid: "x" } })] },
      /belongs to default\/data-db-0 now/,
    ],
    [
      "a claim of another namespace has its volume",
      savedOf(),
      { volumes: [volumeOf({ claimRef: { namespace: "prod", name, uid: "x" } })] },
      /belongs to prod\/www-web-2 now/,
    ],
    [
      "its volume is too small",
      savedOf(
        claimOf("old", { resources: { requests: { storage: "2Gi" } } }),
        volumeOf({ capacity: { storage: "2Gi" } }),
      ),
      {},
      /has 1Gi, and the claim asks for 2Gi/,
    ],
    [
      "the class differs",
      savedOf(claimOf("old", { storageClassName: "fast" })),
      {},
      /storage class "standard", and the claim "fast"/,
    ],
    [
      "the class of an annotation differs",
      savedOf(
        claimOf(
          "old",
          {},
          { metadata: { annotations: { "volume.beta.kubernetes.io/storage-class": "fast" } } },
        ),
      ),
      {},
      /storage class/,
    ],
    [
      "the volume mode differs",
      savedOf(claimOf("old", { volumeMode: "Block" })),
      {},
      /volumeMode "Filesystem", and the claim "Block"/,
    ],
    [
      "the access modes differ",
      savedOf(claimOf("old", { accessModes: ["ReadWriteOnce", "ReadWriteMany"] })),
      {},
      /does not offer ReadWriteMany/,
    ],
    ["it had no volume", savedOf(claimOf("old", without), null), {}, /had no volume when it was saved/],
    [
      "a new claim has the name, bound elsewhere",
      savedOf(),
      { living: claimOf("new", { volumeName: "pv-2" }, bound) },
      /another claim of that name is there, bound to volume pv-2/,
    ],
    [
      "a new claim has the name, and no volume yet",
      savedOf(),
      { living: claimOf("new", without) },
      /another claim of that name is there, not bound yet/,
    ],
    [
      "a new claim of the name is on its way out",
      savedOf(),
      { living: claimOf("new", { volumeName: "pv-2" }, terminating) },
      /another claim of that name is Terminating/,
    ],
    [
      "its own claim is on its way out, and nobody waits",
      savedOf(),
      { living: claimOf("old", {}, terminating), wait: false },
      /still Terminating/,
    ],
    [
      "it is there and Lost",
      savedOf(),
      { living: claimOf("old", {}, { status: { phase: "Lost" } }) },
      /Lost, which is for good/,
    ],
    [
      "a claim made with the binder's annotation is Lost",
      savedOf(),
      { living: claimOf("new", {}, { status: { phase: "Lost" } }) },
      /Lost, which is for good/,
    ],
    [
      "a claim made with the binder's annotation is about to be Lost",
      savedOf(),
      {
        living: claimOf(
          "new",
          {},
          { metadata: { annotations: { "pv.kubernetes.io/bind-completed": "yes" } } },
        ),
      },
      /Lost, which is for good/,
    ],
  ])("is refused: %s", (_what, saved, now, expected) => {
    const decision = decide(saved, now);
    expect(words(decision)).toMatch(/^refused: /);
    expect(decision.action === "refused" && decision.reason).toMatch(expected);
  });

  it("that is refused comes with what to do, as a command", () => {
    const remedy = (now: Now) => {
      const decision = decide(savedOf(), now);
      return decision.action === "refused" ? decision.remedy : undefined;
    };
    expect(remedy({ living: claimOf("new", without) })).toContain("kubectl delete pvc www-web-2 -n default");
    expect(remedy({ living: claimOf("new", without), users: ["web-2"] })).toContain(
      "stop the pods that mount it",
    );
    expect(remedy({ volumes: [volumeOf({}, { status: { phase: "Failed" } })] })).toContain(
      "kubectl patch pv pv-1",
    );
    expect(remedy({ volumes: [] })).toBeUndefined();
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
          "name the file of the one that you want: sts pvc restore 'else where.json' or sts pvc restore newer.json",
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
