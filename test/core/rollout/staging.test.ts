import { describe, expect, it } from "vitest";
import {
  annotationPatch,
  atRest,
  partitionAfter,
  stagingFrom,
  stagingOf,
  stagingPatch,
  type Staging,
} from "../../../src/core/rollout/staging.js";
import { webOfFive as set, withPartition } from "./web-of-five.js";

describe("a staging remembers what was there before it, once", () => {
  it("stages, widens and ends where it was", () => {
    const before = set(withPartition(1));
    const first = stagingPatch(before, 4, stagingFrom(before));
    expect(first).toEqual({
      metadata: {
        resourceVersion: "7",
        annotations: { "sts/staging": '{"v":1,"partitionBefore":1,"revisionBefore":"web-2"}' },
      },
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 4 } } },
    });
    const staged = set(withPartition(4), first.metadata.annotations);
    expect(stagingPatch(staged, 2, stagingFrom(staged)).metadata).toEqual(first.metadata);
    expect(partitionAfter(staged)).toBe(1);
    expect(stagingPatch(staged, partitionAfter(staged), undefined)).toEqual({
      metadata: { resourceVersion: "7", annotations: { "sts/staging": null } },
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
    });
  });

  it("does not take a revision from a status that is behind the spec", () => {
    const behind = set({});
    behind.metadata.generation = 3;
    behind.status = { ...behind.status, replicas: 5, observedGeneration: 2 };
    expect(stagingFrom(behind)).toEqual({ v: 1, partitionBefore: 0 });
  });

  it.each([
    ["{", { v: 1, partitionBefore: 0 }],
    ["null", { v: 1, partitionBefore: 0 }],
    ['{"v":1,"partitionBefore":2,"plan":{"steps":"all"},"holder":7}', { v: 1, partitionBefore: 2 }],
    ['{"v":1,"partitionBefore":-2,"plan":{"steps":[1,"x%"]},"step":1}', { v: 1, partitionBefore: 0 }],
    [
      '{"v":1,"partitionBefore":0,"plan":{"steps":[2],"soakMs":"1","gate":[],"extra":1},"step":-1}',
      { v: 1, partitionBefore: 0, plan: { steps: [2], onFailure: "pause" }, step: 0 },
    ],
    [
      '{"v":1,"partitionBefore":0,"plan":{"steps":[1,"50%"],"onFailure":"x"},"step":1}',
      { v: 1, partitionBefore: 0, plan: { steps: [1, "50%"], onFailure: "pause" }, step: 1 },
    ],
  ])("takes of an annotation what can be read: %s", (text, staging) => {
    expect(stagingOf(set({}, { "sts/staging": text }))).toEqual(staging);
  });

  it("goes back to what an update under way came from, and to the newest where the template changes", () => {
    expect(stagingFrom(set({})).revisionBefore).toBe("web-2");
    expect(stagingFrom(set({}), false).revisionBefore).toBe("web-1");
  });

  it("is written down alone, without the one that drove it and without its failure", () => {
    const staging: Staging = {
      v: 1,
      partitionBefore: 0,
      failed: "the gate",
      step: 1,
      holder: { who: "alice", host: "laptop", pid: 7, since: "" },
    };
    expect(annotationPatch(set(withPartition(3)), atRest(staging))).toEqual({
      metadata: {
        resourceVersion: "7",
        annotations: { "sts/staging": '{"v":1,"partitionBefore":0,"step":1}' },
      },
    });
  });

  it.each([
    ['{"v":1,"partitionBefore":99999999999}', { v: 1, partitionBefore: 0 }],
    ['{"v":1,"partitionBefore":-3,"holder":{"host":"h"}}', { v: 1, partitionBefore: 0 }],
    [
      '{"v":1,"partitionBefore":2147483647,"holder":{"host":"h","pid":1,"since":7},"plan":{"steps":[1],"soakMs":1e99}}',
      {
        ...{ v: 1, partitionBefore: 2147483647, plan: { steps: [1], onFailure: "pause" }, step: 0 },
        holder: { who: "somebody", host: "h", pid: 1, since: "some time" },
      },
    ],
  ])("is read as far as it makes sense: %s", (text, expected) => {
    expect(stagingOf(set({}, { "sts/staging": text }))).toEqual(expected);
  });

  it("finds none where there is none", () => {
    expect(stagingOf(set({}))).toBeUndefined();
  });
});
