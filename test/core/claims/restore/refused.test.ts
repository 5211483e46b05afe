import { describe, expect, it } from "vitest";
import type { SavedFile } from "../../../../src/core/claims/restore/decide.js";
import {
  type Now,
  bound,
  claimOf,
  decide,
  name,
  savedOf,
  terminating,
  volumeOf,
  without,
  words,
} from "./build.js";

describe("a saved claim", () => {
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
