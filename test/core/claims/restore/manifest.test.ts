import { describe, expect, it } from "vitest";
import { managerOf, mayOwn, restoredManifest } from "../../../../src/core/claims/restore/manifest.js";
import type { Claim } from "../../../../src/core/model.js";

const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "set" };

const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: {
    namespace: "default",
    name: "www-web-2",
    uid: "old",
    resourceVersion: "7",
    generation: 3,
    creationTimestamp: "2026-11-01T00:00:00Z",
    deletionTimestamp: "2026-11-02T00:00:00Z",
    deletionGracePeriodSeconds: 0,
    selfLink: "/x",
    finalizers: ["kubernetes.io/pvc-protection"],
    managedFields: [{ manager: "kubectl" }],
    ownerReferences: [owner],
    labels: { app: "web" },
    annotations: {
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
      "volume.kubernetes.io/selected-node": "node-1",
      note: "mine",
    },
    unknownMeta: { a: 1 },
  },
  spec: { accessModes: ["ReadWriteOnce"], volumeName: "pv-1", unknownSpec: ["b"] },
  status: { phase: "Bound" },
  unknownTop: true,
} as unknown as Claim;

describe("a claim that is made again", () => {
  it("has every field that it was given, and none that the server or the binder gave it", () => {
    expect(restoredManifest(claim, [])).toEqual({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        namespace: "default",
        name: "www-web-2",
        labels: { app: "web" },
        annotations: { "volume.kubernetes.io/selected-node": "node-1", note: "mine" },
        unknownMeta: { a: 1 },
      },
      spec: { accessModes: ["ReadWriteOnce"], volumeName: "pv-1", unknownSpec: ["b"] },
      unknownTop: true,
    });
  });

  it("has the owners that it is told, and no empty annotations", () => {
    const metadata = { ...claim.metadata, annotations: { "pv.kubernetes.io/bind-completed": "yes" } };
    const made = restoredManifest({ ...claim, metadata }, [owner]);
    expect(made.metadata["ownerReferences"]).toEqual([owner]);
    expect(made.metadata).not.toHaveProperty("annotations");
  });
});

describe("an owner", () => {
  const living = (fields: object) => ({
    metadata: { uid: "set", ...fields } as unknown as Claim["metadata"],
  });

  it.each([
    ["is there", owner, living({}), true],
    ["is gone", owner, undefined, false],
    ["was made anew under its name", owner, living({ uid: "other" }), false],
    ["is being deleted", owner, living({ deletionTimestamp: "now" }), false],
    ["is a pod, with which it would be deleted", { ...owner, kind: "Pod" }, living({}), false],
  ])("owns it again or not: it %s", (_what, reference, found, expected) => {
    expect(mayOwn(reference, found)).toBe(expected);
  });
});

describe("in whose name a claim is made again", () => {
  const spec = { "f:spec": { "f:accessModes": {} } };
  const writtenBy = (...managedFields: unknown[]) =>
    managerOf({ ...claim, metadata: { ...claim.metadata, managedFields } } as unknown as Claim);

  it("is that of who wrote its spec first", () => {
    const labels = { manager: "kubectl-label", fieldsV1: { "f:metadata": {} } };
    const controller = { manager: "kube-controller-manager", fieldsV1: spec };
    expect(writtenBy(labels, controller)).toBe("kube-controller-manager");
    expect(writtenBy(labels)).toBeUndefined();
  });

  it.each<[string, unknown[]]>([
    ["null", [null]],
    ["text", ["x"]],
    ["fields of a wrong type", [{ manager: "a", fieldsV1: { "f:spec": "x" } }]],
    ["a name that is none", [{ manager: 5, fieldsV1: spec }]],
    ["a name too long", [{ manager: "a".repeat(129), fieldsV1: spec }]],
    ["a name with escapes", [{ manager: "\u001b[31m", fieldsV1: spec }]],
  ])("is nobody's where a backup holds %s", (_, entries) => {
    expect(writtenBy(...entries)).toBeUndefined();
  });
});
