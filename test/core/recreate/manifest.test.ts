import { describe, expect, it } from "vitest";
import type { ConfigMap, StatefulSet } from "../../../src/core/model.js";
import {
  guarded,
  isGuarded,
  managersPatch,
  manifestOf,
  releasePatch,
} from "../../../src/core/recreate/manifest.js";
import { fromConfigMap, toConfigMap, type Recreating } from "../../../src/core/recreate/record.js";

const managers = [
  { manager: "helm", operation: "Update", time: "t1", fieldsV1: { "f:spec": {} } },
  { manager: "kube-controller-manager", operation: "Update", subresource: "status", time: "t2" },
];
const saved = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  novelty: { of: "a later release" },
  metadata: {
    name: "web",
    namespace: "default",
    uid: "old",
    resourceVersion: "7",
    generation: 3,
    creationTimestamp: "2026-01-01T00:00:00Z",
    managedFields: managers,
    labels: { a: "b" },
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", x: "y" },
    ownerReferences: [{ apiVersion: "v1", kind: "Redis", name: "r", uid: "r", controller: true }],
    finalizers: ["orphan", "example.com/mine"],
    novelty: true,
  },
  spec: {
    serviceName: "web",
    selector: {},
    template: {},
    novelty: 1,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, novelty: 2 } },
  },
  status: { replicas: 3 },
} as unknown as StatefulSet;

describe("the manifest of a set that is there", () => {
  it("keeps every field, known to us or not, but those that only a server writes", () => {
    expect(manifestOf(saved)).toEqual({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      novelty: { of: "a later release" },
      metadata: {
        name: "web",
        namespace: "default",
        labels: saved.metadata.labels,
        annotations: saved.metadata.annotations,
        ownerReferences: saved.metadata.ownerReferences,
        finalizers: ["example.com/mine"],
        novelty: true,
      },
      spec: saved.spec,
    });
  });

  it("is guarded by OnDelete and a mark, and released into what it was", () => {
    const manifest = manifestOf(saved);
    const first = guarded(manifest, "old");
    expect(first["spec"]).toEqual({ ...saved.spec, updateStrategy: { type: "OnDelete" } });
    expect(first.metadata["annotations"]).toMatchObject({ x: "y", "sts/recreating": "old" });
    const made = { ...saved, metadata: { ...saved.metadata, ...first.metadata } } as StatefulSet;
    expect([isGuarded(made, "old"), isGuarded(made, "other"), isGuarded(saved, "old")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(releasePatch(made, manifest)).toEqual({
      metadata: { resourceVersion: "7", annotations: { "sts/recreating": null } },
      spec: { updateStrategy: saved.spec.updateStrategy },
    });
  });

  it("gives fields back to their managers, unless somebody else has written by then", () => {
    const ours = { manager: "sts", operation: "Update", fieldsV1: { "f:spec": {} } };
    const status = { ...managers[1], time: "t9" };
    const made = (...entries: object[]) =>
      ({
        ...saved,
        metadata: { ...saved.metadata, resourceVersion: "9", managedFields: entries },
      }) as StatefulSet;
    expect(managersPatch(made(ours, status), saved)).toEqual({
      metadata: { resourceVersion: "9", managedFields: [managers[0], status] },
    });
    expect(managersPatch(made({ ...managers[0] }, status), saved)).toBeUndefined();
    expect(managersPatch(made(ours, { manager: "kubectl", operation: "Update" }), saved)).toBeUndefined();
    const before = made({ ...ours, time: "t1" });
    expect(managersPatch(made({ ...ours, time: "t2" }, status), before)).toBeUndefined();
  });
});

describe("the record of a recreation", () => {
  const recreating: Recreating = {
    saved,
    wanted: { ...manifestOf(saved), spec: { ...saved.spec, serviceName: "web-hs" } },
    purpose: "another Service",
    again: "sts recreate web",
    pods: { "web-0": "uid-0" },
    holder: { who: "alice@laptop", host: "laptop", pid: 1, since: "now" },
  };
  const stored = (change: (map: ConfigMap) => void = () => undefined): ConfigMap => {
    const map = structuredClone(toConfigMap(recreating)) as unknown as ConfigMap;
    Object.assign(map.metadata, { uid: "c", resourceVersion: "1" });
    change(map);
    return map;
  };

  it("comes back as it was written", () => {
    const record = { name: "sts-recreate-web", uid: "c", resourceVersion: "1" };
    expect(fromConfigMap(stored())).toEqual({ ...recreating, record });
  });

  it.each<[string, (data: Record<string, string>, map: ConfigMap) => void]>([
    ["without our label", (_data, map) => delete map.metadata.labels],
    ["without data", (_data, map) => delete map.data],
    ["with half a manifest", (data) => (data["wanted.json"] = '{"metadata":')],
    ["by a holder that is none", (data) => (data["holder.json"] = '{"pid":"1"}')],
    ["with null for a manifest", (data) => (data["original.json"] = "null")],
    ["with an object without metadata", (data) => (data["original.json"] = "{}")],
    ["with an object without metadata to be made", (data) => (data["wanted.json"] = "{}")],
    ["of another set", (_data, map) => (map.metadata.name = "sts-recreate-db")],
    ["that lies in another namespace", (_data, map) => (map.metadata.namespace = "other")],
    [
      "of another pod template",
      (data) => (data["wanted.json"] = JSON.stringify({ ...recreating.wanted, spec: {} })),
    ],
    [
      "of another kind",
      (data) => (data["wanted.json"] = JSON.stringify({ ...recreating.wanted, kind: "Pod" })),
    ],
  ])("is not believed %s", (_what, change) => {
    expect(fromConfigMap(stored((map) => change(map.data ?? {}, map)))).toBeUndefined();
  });
});
