import { describe, expect, it } from "vitest";
import type { ControllerRevision, StatefulSet } from "../../../src/core/model.js";
import { planAbort, returnPatch, type AbortPlan } from "../../../src/core/rollout/abort.js";
import { stagingAnnotation, type Staging } from "../../../src/core/rollout/staging.js";
import { makePod, makeSet, type SetOptions } from "../../support/objects.js";

const template = { metadata: { labels: { app: "web" } }, spec: { containers: [] } };

function revision(number: number, hash: string): ControllerRevision {
  return {
    metadata: {
      name: `web-${hash}`,
      uid: hash,
      resourceVersion: "1",
      creationTimestamp: "2026-11-21T10:00:00Z",
    },
    revision: number,
    data: { spec: { template: { ...template, $patch: "replace" } } },
  };
}

const revisions = [revision(1, "a"), revision(2, "b")];
const pods = [makePod(0), makePod(1), makePod(2, "crash", { revision: "b", restarts: 2 })];
const holder = { who: "alice@laptop", host: "laptop", pid: 1, since: "2026-11-21T10:00:00.000Z" };

function staged(staging: Staging, options: SetOptions = {}): StatefulSet {
  const annotations = { [stagingAnnotation]: JSON.stringify(staging) };
  return makeSet({ current: "a", update: "b", partition: 2, metadata: { annotations }, ...options });
}

function plan(staging: Staging, options: SetOptions = {}): AbortPlan {
  const planned = planAbort(staged(staging, options), staging, revisions, pods);
  if (!planned) throw new Error("no way back");
  return planned;
}

const begun: Staging = { v: 1, partitionBefore: 0, revisionBefore: "web-a" };

describe("the way back of a staging", () => {
  it("is to the revision from before it, for the pods that have left it", () => {
    expect(plan(begun)).toEqual({
      revision: revisions[0],
      needsReturn: true,
      staged: "web-2",
      held: "web-0 and web-1",
      partition: 2,
      partitionBefore: 0,
    });
  });

  it("is told by the pods that are held where the annotation lacks it", () => {
    const bare: Staging = { v: 1, partitionBefore: 0 };
    expect(plan(bare).revision).toBe(revisions[0]);
    expect(planAbort(staged(bare, { current: "b" }), bare, revisions, pods)).toBeUndefined();
    const gone = { ...begun, revisionBefore: "web-x" };
    expect(planAbort(staged(gone), gone, revisions, pods)).toBeUndefined();
  });

  it("needs no return where the template never left, and does after a kill in the middle of it", () => {
    expect(plan(begun, { update: "a" }).needsReturn).toBe(false);
    expect(plan({ ...begun, aborting: true }, { update: "a" }).needsReturn).toBe(true);
  });
});

describe("the first patch of an abort", () => {
  it("has the template and the annotation, and leaves the partition", () => {
    expect(returnPatch(staged(begun), plan(begun), holder)).toEqual({
      metadata: {
        resourceVersion: "1",
        annotations: { [stagingAnnotation]: JSON.stringify({ ...begun, aborting: true, holder }) },
      },
      spec: {
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } },
        template: { ...template, $patch: "replace" },
      },
    });
  });

  it("only takes the staging over where the template is back already", () => {
    const left: Staging = { ...begun, aborting: true };
    const set = staged(left, { update: "a" });
    const { metadata, spec } = returnPatch(set, plan(left, { update: "a" }), holder);
    expect(spec.template).toBeUndefined();
    expect(metadata.annotations[stagingAnnotation]).toBe(JSON.stringify({ ...left, holder }));
  });

  it("writes down what it goes back to, for whoever has to finish it", () => {
    const bare: Staging = { v: 1, partitionBefore: 0 };
    const { metadata } = returnPatch(staged(bare), plan(bare), holder);
    expect(JSON.parse(metadata.annotations[stagingAnnotation] ?? "")).toMatchObject({
      revisionBefore: "web-a",
    });
  });
});
