import { describe, expect, it } from "vitest";
import type { KubeObject, Pod, StatefulSet } from "../../../src/core/model.js";
import { takers } from "../../../src/core/recreate/overlap.js";
import { podsToKeep, recreateRefusal } from "../../../src/core/recreate/refusal.js";

interface Shape {
  metadata?: object;
  strategy?: object;
  status?: object;
}

function web({ metadata = {}, strategy, status = {} }: Shape = {}): StatefulSet {
  return {
    metadata: { name: "web", namespace: "default", uid: "u", generation: 2, ...metadata },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      updateStrategy: strategy ?? { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      template: { metadata: { labels: { app: "web", tier: "a" } } },
    },
    status: { observedGeneration: 2, currentRevision: "web-1", updateRevision: "web-1", ...status },
  } as unknown as StatefulSet;
}

function pod(ordinal: number, revision = "web-1", metadata: object = {}): Pod {
  return {
    metadata: {
      name: `web-${ordinal}`,
      uid: `pod-${ordinal}`,
      labels: { "controller-revision-hash": revision },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u", controller: true },
      ],
      ...metadata,
    },
    spec: { containers: [] },
  } as unknown as Pod;
}

const partition = (count: number) => ({ type: "RollingUpdate", rollingUpdate: { partition: count } });
const updating = { updateRevision: "web-2" };
const same = [pod(0), pod(1), pod(2)];
const half = [pod(0), pod(1), pod(2, "web-2")];
const updated = [pod(0, "web-2"), pod(1, "web-2"), pod(2, "web-2")];

describe("a set may be made anew", () => {
  it.each<[string, Shape, Pod[]]>([
    ["with all pods at one revision", {}, same],
    ["with no pods", {}, []],
    ["at a partition that holds nothing back", { strategy: partition(2) }, same],
    ["at a partition above all, with nothing to hold", { strategy: partition(2_147_483_647) }, same],
    [
      "when the counters lie: all pods are updated, the status says otherwise",
      { status: { ...updating, updatedReplicas: 1 } },
      updated,
    ],
    ["under OnDelete, with older pods", { strategy: { type: "OnDelete" }, status: updating }, half],
    [
      "with an older pod on its way out",
      { status: updating },
      [pod(0, "web-1", { deletionTimestamp: "x" }), ...updated.slice(1)],
    ],
    ["with a stranger's pod of another revision", {}, [...same, pod(3, "x", { ownerReferences: [] })]],
  ])("%s", (_what, shape, pods) => {
    expect(recreateRefusal(web(shape), pods, { program: "sts" })).toBeUndefined();
  });
});

describe("a set may not be made anew", () => {
  it.each<[string, Shape, Pod[], RegExp]>([
    ["while it is deleted", { metadata: { deletionTimestamp: "x" } }, same, /is being deleted/],
    [
      "while it is paused",
      { metadata: { annotations: { "sts/paused": "{}" } } },
      same,
      /sts rollout resume web comes first/,
    ],
    [
      "while it is staged",
      { metadata: { annotations: { "sts/staging": "{}" } } },
      same,
      /sts rollout promote web --all finishes it, sts rollout abort web takes it back/,
    ],
    ["before its spec is observed", { metadata: { generation: 3 } }, same, /has not taken the spec/],
    ["in the middle of a rollout", { status: updating }, half, /web-0 and web-1 at an older revision/],
    [
      "while a partition holds pods back",
      { strategy: partition(2), status: updating },
      half,
      /partition 2 holds web-0 and web-1 back/,
    ],
    [
      "while a partition would hold back pods that are away",
      { strategy: partition(2), status: updating },
      [pod(2, "web-2")],
      /partition 2 holds pods back/,
    ],
    [
      "under a strategy that we do not know",
      { strategy: { type: "New" }, status: updating },
      half,
      /rollout of web/,
    ],
    ["under Recreate", { strategy: { type: "Recreate" }, status: updating }, half, /rollout of web/],
  ])("%s", (_what, shape, pods, says) => {
    expect(recreateRefusal(web(shape), pods, { program: "sts" })).toMatch(says);
  });
});

it("keeps the set's own pods that are there to stay", () => {
  const pods = [
    pod(0),
    pod(1, "web-1", { deletionTimestamp: "x" }),
    pod(2, "web-1", { ownerReferences: [] }),
  ];
  expect(podsToKeep(web(), pods)).toEqual({ "web-0": "pod-0" });
});

it("names controllers that would take the pods over, and no ReplicaSet of a Deployment", () => {
  const other = (kind: string, name: string, selector: object) =>
    ({ kind, metadata: { name }, spec: { selector } }) as unknown as KubeObject;
  const found = takers(web(), [
    other("DaemonSet", "agent", { matchLabels: { app: "web" } }),
    other("ReplicaSet", "web-6d9", { matchLabels: { app: "web", "pod-template-hash": "6d9" } }),
    other("ReplicaSet", "other", { matchLabels: { app: "db" } }),
    other("ReplicaSet", "any", { matchExpressions: [{ key: "tier", operator: "Exists" }] }),
  ]);
  expect(found).toEqual(["DaemonSet agent", "ReplicaSet any"]);
});
