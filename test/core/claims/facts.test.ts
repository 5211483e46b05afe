import { describe, expect, it } from "vitest";
import { autoscalerFacts, claimFacts, claimFactsOfMany, setFacts } from "../../../src/core/claims/facts.js";
import type { Autoscaler, Claim, StatefulSet } from "../../../src/core/model.js";

const condition = (type: string, status = "True") => ({ type, status });

function stored(name: string, fields: { metadata?: object; spec?: object; status?: object } = {}): Claim {
  return {
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: "2026-11-01T00:00:00Z",
      labels: { app: "web", tier: "data" },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "s" }],
      ...fields.metadata,
    },
    spec: { resources: { requests: { storage: "2Gi" } }, ...fields.spec },
    status: { phase: "Bound", capacity: { storage: "2Gi" }, ...fields.status },
  } as unknown as Claim;
}

describe("what is kept of a claim", () => {
  it.each<[string, object, object]>([
    ["one that is as it should be", {}, { phase: "Bound", size: "2Gi", requested: "2Gi", resize: undefined }],
    [
      "one without a status",
      { phase: undefined, capacity: undefined },
      { phase: "Pending", size: "2Gi", resize: undefined },
    ],
    ["a volume larger than asked for", { capacity: { storage: "5Gi" } }, { size: "5Gi", resize: undefined }],
    [
      "the same size in other words",
      { capacity: { storage: "2048Mi" } },
      { size: "2048Mi", resize: undefined },
    ],
    ["nobody has begun to grow", { capacity: { storage: "1Gi" } }, { size: "1Gi", resize: "Resizing" }],
    [
      "one that grows",
      { capacity: { storage: "1Gi" }, conditions: [condition("Unused", "False"), condition("Resizing")] },
      { resize: "Resizing", markedUsed: true },
    ],
    [
      "a file system that waits for its pod, which the driver refused to grow under it",
      {
        capacity: { storage: "1Gi" },
        conditions: [condition("FileSystemResizePending"), condition("NodeResizeError")],
        allocatedResourceStatuses: { storage: "NodeResizeInProgress" },
      },
      { resize: "FileSystemResizePending" },
    ],
    [
      "one that was given up",
      {
        capacity: { storage: "1Gi" },
        conditions: [condition("ControllerResizeError")],
        allocatedResources: { storage: "2Gi" },
        allocatedResourceStatuses: { storage: "ControllerResizeInfeasible" },
      },
      { resize: "ResizeFailed" },
    ],
    [
      "a condition about something else",
      { conditions: [condition("ModifyingVolume")] },
      { resize: undefined },
    ],
    ["a lost volume", { phase: "Lost" }, { phase: "Lost" }],
  ])("%s", (_, status, expected) => {
    expect(claimFacts(stored("www-web-0", { status }))).toMatchObject(expected);
  });

  it("is shared by neighbours that have it in common, and never changed by that", () => {
    const claims = [
      stored("a"),
      stored("b"),
      stored("c", { metadata: { labels: { app: "web" } }, spec: { storageClassName: "fast" } }),
      stored("d", {
        metadata: { labels: { app: "web", tier: "data", more: "x" }, ownerReferences: undefined },
      }),
      stored("e", {
        metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "web", uid: "s" }] },
      }),
    ].map((one) => JSON.parse(JSON.stringify(one)) as Claim);
    const shared = claims.map(claimFactsOfMany());
    expect(shared).toEqual(claims.map((one) => claimFacts(one)));
    expect(shared[1]?.labels).toBe(shared[0]?.labels);
    expect(shared[1]?.owners).toBe(shared[0]?.owners);
  });
});

it.each([
  [{}, undefined],
  [{ "scaledobject.keda.sh/name": "load" }, "load"],
])("knows the ScaledObject of an autoscaler by its label: %j", (labels, scaledObject) => {
  const autoscaler = {
    metadata: { name: "hpa", namespace: "default", labels },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: "StatefulSet", name: "web", apiVersion: "apps/v1" } },
  } as unknown as Autoscaler;
  expect(autoscalerFacts(autoscaler)).toEqual({
    namespace: "default",
    name: "hpa",
    set: "web",
    maxReplicas: 3,
    scaledObject,
  });
});

describe("who set the replicas of a set last", () => {
  const scaledBy = (manager: string, subresource?: string) =>
    setFacts({
      metadata: {
        ...{ name: "web", namespace: "default", uid: "u" },
        managedFields: [
          { manager, subresource, operation: "Update", fieldsV1: { "f:spec": { "f:replicas": {} } } },
        ],
      },
      spec: { replicas: 1, template: {} },
    } as unknown as StatefulSet).autoscaledLast;

  it.each([
    ["kube-controller-manager", "scale", true],
    ["keda", "scale", true],
    ["keda-operator", "scale", true],
    ["kubectl", "scale", false],
    ["sts", "scale", false],
    ["kube-controller-manager", undefined, false],
  ])("%s by %s: an autoscaler %s", (manager, subresource, expected) => {
    expect(scaledBy(manager, subresource)).toBe(expected);
  });
});
