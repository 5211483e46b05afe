import { describe, expect, it } from "vitest";
import { storageProblems, wantedClaims, type VolumeFacts } from "../../../src/core/manifest/volumes.js";
import type { Manifest } from "../../../src/core/model.js";

const set = (replicas: number, storageClassName?: string): Manifest => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "web" },
  spec: {
    replicas,
    volumeClaimTemplates: [
      {
        metadata: { name: "www" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
          ...(storageClassName === undefined ? {} : { storageClassName }),
        },
      },
    ],
  },
});

const volume = (name: string, storage: string, more: object = {}): VolumeFacts =>
  ({
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ["ReadWriteOnce"], ...more },
    status: { phase: "Available" },
  }) as VolumeFacts;

const storageClass = (name: string, provisioner: string, isDefault = false) => ({
  metadata: {
    ...{ name, uid: name, resourceVersion: "1", creationTimestamp: "" },
    annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) },
  },
  provisioner,
});

const problems = (
  wanted: Manifest,
  classes: ReturnType<typeof storageClass>[],
  volumes: VolumeFacts[],
  existing: string[] = [],
) => storageProblems(wantedClaims(wanted, new Set(existing)), { classes, volumes });

describe("storage before a set is created", () => {
  it("is fine where a provisioner serves the class, the default one included", () => {
    expect(problems(set(3, "fast"), [storageClass("fast", "x")], [])).toEqual([]);
    expect(problems(set(3), [storageClass("fast", "x", true)], [])).toEqual([]);
    expect(problems(set(0, "none"), [], [])).toEqual([]);
  });

  it("is fine where enough prepared volumes fit, the class existing or not", () => {
    const volumes = ["a", "b"].map((name) => volume(name, "1Gi", { storageClassName: "static" }));
    expect(problems(set(2, "static"), [], volumes)).toEqual([]);
    expect(
      problems(set(2, "static"), [storageClass("static", "kubernetes.io/no-provisioner")], volumes),
    ).toEqual([]);
    expect(problems(set(1), [], [volume("a", "1Gi")])).toEqual([]);
  });

  it.each([
    ["too small", volume("a", "500Mi")],
    ["of another class", volume("a", "2Gi", { storageClassName: "other" })],
    ["taken", volume("a", "2Gi", { claimRef: { name: "data-db-0" } })],
    ["of another mode", volume("a", "2Gi", { accessModes: ["ReadOnlyMany"] })],
    ["bound", { ...volume("a", "2Gi"), status: { phase: "Bound" } } as VolumeFacts],
  ])("counts no volume that is %s", (_what, candidate) => {
    expect(problems(set(1), [], [candidate])).toEqual([
      "there is no default StorageClass, and no Available PersistentVolume fits: www-web-0 will stay Pending until there is one",
    ]);
  });

  it("takes the smallest that fits, and leaves out claims that are there", () => {
    expect(problems(set(2), [], [volume("big", "10Gi"), volume("small", "1Gi")])).toEqual([]);
    expect(problems(set(3, "s"), [], [volume("a", "1Gi", { storageClassName: "s" })], ["www-web-0"])).toEqual(
      [
        "StorageClass s does not exist, and only 1 Available PersistentVolume fits: www-web-2 will stay Pending until there is one",
      ],
    );
  });

  it("counts a volume that waits for this very claim", () => {
    expect(problems(set(1), [], [volume("a", "1Gi", { claimRef: { name: "www-web-0" } })])).toEqual([]);
  });
});
