import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, Pod, StatefulSet } from "../../../src/core/model.js";
import { Progress } from "../../../src/core/progress/progress.js";
import { takeSnapshot, type Snapshot } from "../../../src/core/progress/snapshot.js";
import { judge } from "../../../src/core/progress/verdict.js";
import { ControllerModel, type Step } from "../../support/controller-model.js";
import { makeEvent, makePod, makeSet, type PodStage } from "../../support/objects.js";

const question = { goal: { type: "settled" as const }, naming: { program: "sts" } };
const start = Date.parse("2026-11-21T10:05:00Z");

function snapshot(set: StatefulSet | undefined, pods: Pod[], events: Event[] = [], now = start): Snapshot {
  return takeSnapshot({
    namespace: "default",
    name: "web",
    uid: "uid-web",
    set,
    pods,
    claims: [],
    events,
    now,
  });
}

const stages: PodStage[] = [
  ...(["pending", "unschedulable", "scheduled", "pulling", "running", "ready"] as const),
  ...(["terminating", "failed", "crash", "image"] as const),
];

const anyPods = fc
  .uniqueArray(
    fc.record({
      ordinal: fc.nat(6),
      stage: fc.constantFrom(...stages),
      revision: fc.constantFrom("a", "b", "c"),
      restarts: fc.nat(4),
    }),
    { selector: ({ ordinal }) => ordinal },
  )
  .map((pods) => pods.map(({ ordinal, stage, ...options }) => makePod(ordinal, stage, options)));

const anyEvents = fc.array(
  fc
    .record({
      ordinal: fc.nat(6),
      reason: fc.constantFrom("FailedCreate", "SuccessfulCreate"),
      second: fc.integer({ min: 0, max: 50 }),
    })
    .map(({ ordinal, reason, second }) => {
      const outcome = reason === "FailedCreate" ? "failed error: forbidden" : "successful";
      const message = `create Pod web-${ordinal} in StatefulSet web ${outcome}`;
      const at = new Date(start - second * 1_000).toISOString();
      return makeEvent(reason, message, { kind: "StatefulSet", about: "web", uid: "uid-web", at });
    }),
  { maxLength: 8 },
);

const anySet = fc
  .record({
    replicas: fc.nat(6),
    generation: fc.integer({ min: 1, max: 2 }),
    observed: fc.integer({ min: 1, max: 2 }),
    partition: fc.nat(7),
    update: fc.constantFrom("a", "b"),
    policy: fc.constantFrom("OrderedReady" as const, "Parallel" as const),
    strategy: fc.constantFrom("RollingUpdate", "OnDelete", "Recreate", "SomethingNew"),
    minReadySeconds: fc.constantFrom(0, 30, 1_000),
  })
  .map((options) => makeSet(options));

describe("a verdict", () => {
  it("does not depend on the order of pods or of events", () => {
    const shuffled = fc.tuple(anySet, anyPods, anyEvents).chain(([set, pods, events]) =>
      fc.record({
        set: fc.constant(set),
        pods: fc.constant(pods),
        events: fc.constant(events),
        otherPods: fc.shuffledSubarray(pods, { minLength: pods.length }),
        otherEvents: fc.shuffledSubarray(events, { minLength: events.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ set, pods, events, otherPods, otherEvents }) => {
        const one = judge(snapshot(set, pods, events), question);
        const other = judge(snapshot(set, otherPods, otherEvents), question);
        expect(other).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  it("is never Done against what Done means", () => {
    fc.assert(
      fc.property(anySet, anyPods, (set, pods) => {
        if (judge(snapshot(set, pods), question).state !== "Done") return;
        expect(set.status?.observedGeneration).toBeGreaterThanOrEqual(set.metadata.generation ?? 0);
        expect(pods).toHaveLength(set.spec.replicas ?? -1);
        for (const pod of pods) {
          expect(pod.metadata.deletionTimestamp).toBeUndefined();
          expect(pod.status?.conditions).toContainEqual(
            expect.objectContaining({ type: "Ready", status: "True" }),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never fails for a pod that the rollout replaces by itself", () => {
    fc.assert(
      fc.property(anyPods, (pods) => {
        const stale = pods.filter(
          ({ metadata }) => metadata.labels?.["controller-revision-hash"] !== "web-b",
        );
        const set = makeSet({ replicas: 7, update: "b", policy: "Parallel" });
        expect(judge(snapshot(set, stale), question).state).toBe("InProgress");
      }),
      { numRuns: 300 },
    );
  });
});

const anyStep = fc.record({
  step: fc.constantFrom<Step[]>("controller", "kubelet", "status"),
  pick: fc.nat(10),
});

const anyHistory = fc.record({
  replicas: fc.nat(5),
  policy: fc.constantFrom("OrderedReady" as const, "Parallel" as const),
  to: fc.nat(5),
  update: fc.boolean(),
  partition: fc.nat(6),
  steps: fc.array(anyStep, { maxLength: 120 }),
});

describe("against a model of the controller, through random histories", () => {
  it("Done is never early, no healthy history fails, and every one ends in Done", () => {
    let ends = 0;
    fc.assert(
      fc.property(anyHistory, ({ replicas, policy, to, update, partition, steps }) => {
        const model = new ControllerModel(replicas, policy, 0);
        model.scale(to);
        if (update) model.update("b", partition);
        const progress = new Progress(question, undefined, 0);
        const look = (now: number) => progress.observe(snapshot(model.set, model.objects), now).verdict;
        steps.forEach(({ step, pick }, index) => {
          model.step(step, pick);
          const verdict = look(index);
          if (verdict.state === "Done") expect(model.isSettled).toBe(true);
          else expect(verdict.state).toBe("InProgress");
        });
        // A fair end: everybody gets their turn until nothing is left to do.
        for (let turn = 0; turn < 200; turn += 1) {
          for (const step of ["controller", "kubelet", "status"] as const) model.step(step, turn);
        }
        expect(model.isSettled).toBe(true);
        expect(look(1_000).state).toBe("Done");
        ends += 1;
      }),
      { numRuns: 200 },
    );
    expect(ends).toBeGreaterThanOrEqual(200);
  });

  it("tells every pod's coming and going, and no change that is none", () => {
    fc.assert(
      fc.property(anyHistory, ({ replicas, policy, to, update, partition, steps }) => {
        const model = new ControllerModel(replicas, policy, 0);
        model.scale(to);
        if (update) model.update("b", partition);
        const progress = new Progress(question, undefined, 0);
        const told = new Map<number, string>();
        steps.forEach(({ step, pick }, index) => {
          model.step(step, pick);
          const state = snapshot(model.set, model.objects);
          for (const change of progress.observe(state, index).changes) {
            if (change.type !== "pod") continue;
            expect(change.from).toBe(told.get(change.ordinal));
            if (change.to === "Gone") told.delete(change.ordinal);
            else told.set(change.ordinal, change.to);
          }
          expect([...told.keys()].sort()).toEqual([...model.pods.keys()].sort());
          expect(progress.observe(state, index).changes).toEqual([]);
        });
      }),
      { numRuns: 100 },
    );
  });
});
