import { describe, expect, it } from "vitest";
import {
  holdOf,
  losesReplicas,
  lostHold,
  withHold,
  withoutState,
  withReplicas,
  withStaging,
} from "../../../src/core/apply/held.js";
import type { Manifest, StatefulSet } from "../../../src/core/model.js";

const staging = JSON.stringify({ v: 1, partitionBefore: 1 });
const paused = JSON.stringify({ v: 1, partitionBefore: 0 });

function live(partition: number | undefined, annotations?: Record<string, string>, type = "RollingUpdate") {
  const rollingUpdate = partition === undefined ? undefined : { partition };
  return {
    metadata: { name: "web", annotations },
    spec: { updateStrategy: { type, rollingUpdate } },
  } as unknown as StatefulSet;
}

function manifest(annotations?: Record<string, string>, updateStrategy?: object): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web", ...(annotations && { annotations }) },
    spec: { replicas: 3, ...(updateStrategy && { updateStrategy }) },
  };
}

describe("withoutState", () => {
  it("leaves out the state of a rollout that was exported with a manifest", () => {
    expect(withoutState(manifest({ "sts/staging": staging, "sts/paused": paused }), undefined)).toEqual(
      manifest(),
    );
    expect(withoutState(manifest({ "sts/staging": staging, team: "a" }), undefined)).toEqual(
      manifest({ team: "a" }),
    );
  });

  it("puts the partition in force in the place of another, only while the rollout is held", () => {
    const wanted = manifest(undefined, { rollingUpdate: { partition: 0, maxUnavailable: 2 } });
    const kept = manifest(undefined, { rollingUpdate: { partition: 2, maxUnavailable: 2 } });
    expect(withoutState(wanted, live(2, { "sts/staging": staging }))).toEqual(kept);
    expect(withoutState(wanted, live(2, { "sts/paused": paused }))).toEqual(kept);
    expect(withoutState(wanted, live(2))).toEqual(wanted);
    expect(withoutState(manifest(), live(2, { "sts/paused": paused }))).toEqual(manifest());
  });
});

describe("lostHold and withHold", () => {
  const held = live(2, { "sts/staging": staging, team: "a" });

  it.each<[string, StatefulSet, ReturnType<typeof lostHold>]>([
    ["all is kept", live(2, { "sts/staging": staging }), undefined],
    ["the partition", live(0, { "sts/staging": staging }), { partition: true, annotations: [] }],
    ["the annotation", live(2), { partition: false, annotations: ["sts/staging"] }],
    ["both", live(undefined), { partition: true, annotations: ["sts/staging"] }],
    ["no partition with OnDelete", live(undefined, { "sts/staging": staging }, "OnDelete"), undefined],
  ])("%s", (_what, answer, lost) => {
    expect(lostHold(held, answer)).toEqual(lost);
    expect(lostHold(live(2), answer)).toBeUndefined();
    if (!lost) return;
    const updateStrategy = lost.partition ? { rollingUpdate: { partition: 2 } } : undefined;
    const annotations = lost.annotations.length > 0 ? { "sts/staging": staging } : undefined;
    expect(withHold(manifest(), held, lost)).toEqual(manifest(annotations, updateStrategy));
  });

  it("knows what holds a rollout", () => {
    expect(holdOf(held)).toBe("staging");
    expect(holdOf(live(2, { "sts/paused": paused, "sts/staging": staging }))).toBe("pause");
    expect(holdOf(live(2))).toBeUndefined();
  });
});

it("withStaging adds partition and annotation, and keeps the rest", () => {
  const wanted = manifest({ team: "a" }, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } });
  const { metadata, spec } = withStaging(wanted, 4, { v: 1, partitionBefore: 0 });
  expect(metadata["annotations"]).toEqual({ team: "a", "sts/staging": '{"v":1,"partitionBefore":0}' });
  expect(spec).toEqual({
    replicas: 3,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2, partition: 4 } },
  });
});

it("replicas are lost only where a manifest leaves them out and the API would fall back", () => {
  const at = (replicas: number) => ({ metadata: {}, spec: { replicas } }) as unknown as StatefulSet;
  const without = (spec: object): Manifest => ({ ...manifest(), spec });
  expect(losesReplicas(without({}), at(3), at(1))).toBe(true);
  expect(losesReplicas(without({ replicas: null }), at(3), at(1))).toBe(true);
  expect(losesReplicas(without({}), at(3), at(3))).toBe(false);
  expect(losesReplicas(without({ replicas: 1 }), at(3), at(1))).toBe(false);
  expect(withReplicas(without({ serviceName: "web" }), at(3))["spec"]).toEqual({
    serviceName: "web",
    replicas: 3,
  });
});
