import { describe, expect, it } from "vitest";
import type { Pod } from "../../../src/core/model.js";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { judge } from "../../../src/core/progress/verdict.js";
import { makePod, makeSet, type PodStage, type SetOptions } from "../../support/objects.js";

const start = Date.parse("2026-11-21T10:00:00Z");

/** Pods by ordinal: `b` is one that is ready at revision b, `b:crash` one that is not. */
type Pods = Readonly<Record<number, string>>;

function podsOf(pods: Pods): Pod[] {
  return Object.entries(pods).map(([ordinal, text]) => {
    const [revision = "", stage = "ready"] = text.split(":");
    return makePod(Number(ordinal), stage as PodStage, { revision, restarts: 4 });
  });
}

function verdictOf(options: SetOptions, pods: Pods, now = 0, maxUnavailable?: number | string) {
  const set = makeSet({ current: "a", update: "b", ...options });
  if (maxUnavailable !== undefined) {
    set.spec.updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable } };
  }
  const { namespace = "", name, uid } = set.metadata;
  const found = { set, pods: podsOf(pods), claims: [], events: [], now: start + now * 1_000 };
  return judge(takeSnapshot({ namespace, name, uid, ...found }), {
    goal: { type: "settled" },
    naming: { program: "sts" },
  });
}

describe("a rolling update", () => {
  it("is under way while a pod above the partition is old", () => {
    const verdict = verdictOf({}, { 0: "a", 1: "a", 2: "b" });
    expect(verdict).toMatchObject({ state: "InProgress", ordinal: 1 });
    expect(verdict.message).toContain("3 of 3 ready, 1 of 3 updated, waiting for web-1");
  });

  it("is done with a partition once those above it are updated", () => {
    expect(verdictOf({ partition: 2 }, { 0: "a", 1: "a", 2: "b" })).toMatchObject({
      state: "Done",
      message: "3 of 3 ready; web-0 and web-1 held at an older revision (partition 2)",
    });
    expect(verdictOf({ partition: 1 }, { 0: "a", 1: "a", 2: "b" })).toMatchObject({
      state: "InProgress",
      ordinal: 1,
    });
  });

  it("counts the partition from the start ordinal (#128529)", () => {
    const shape = { start: 5, partition: 2 };
    expect(verdictOf(shape, { 5: "a", 6: "a", 7: "b" })).toMatchObject({
      state: "Done",
      message: "3 of 3 ready; web-5 and web-6 held at an older revision (partition 2)",
    });
    expect(verdictOf(shape, { 5: "a", 6: "a", 7: "a" })).toMatchObject({ state: "InProgress", ordinal: 7 });
  });

  it("updates nothing where the partition is not below the replicas", () => {
    for (const partition of [3, 7, 2_147_483_647]) {
      expect(verdictOf({ partition }, { 0: "a", 1: "a", 2: "a" })).toMatchObject({ state: "Done" });
    }
  });

  it("fails by a pod below the partition that breaks at its own revision", () => {
    const shape = { partition: 2 };
    const broken = verdictOf(shape, { 0: "a", 1: "a:crash", 2: "b" });
    expect(broken).toMatchObject({ state: "Failed", ordinal: 1 });
  });

  it("may replace several at once", () => {
    const shape = { policy: "OrderedReady" } as const;
    expect(verdictOf(shape, { 0: "a", 1: "b:pulling", 2: "b:pulling" }, 0, 2)).toMatchObject({
      state: "InProgress",
    });
    expect(verdictOf(shape, { 0: "b", 1: "b", 2: "b" }, 0, "50%")).toMatchObject({ state: "Done" });
    expect(verdictOf(shape, { 0: "a", 1: "b", 2: "b:crash" }, 60, 2)).toMatchObject({
      state: "Failed",
      reason: "CrashLoopBackOff",
      ordinal: 2,
    });
  });

  it("waits until all have been ready for minReadySeconds", () => {
    const pods = { 0: "b", 1: "b", 2: "b" };
    const shape = { minReadySeconds: 10, current: "b", status: { availableReplicas: 3 } };
    expect(verdictOf(shape, pods, 9)).toMatchObject({
      state: "InProgress",
      reason: "WaitingForAvailability",
    });
    expect(verdictOf(shape, pods, 10)).toMatchObject({ state: "Done" });
    // Our clock may run ahead: the controller has to agree.
    const lagging = { ...shape, status: { availableReplicas: 2 } };
    expect(verdictOf(lagging, pods, 10)).toMatchObject({ state: "InProgress", reason: "WaitingForStatus" });
  });

  it("is stuck behind a broken pod of an old revision under OrderedReady, and not under Parallel (#67250)", () => {
    const pods = { 0: "a", 1: "a", 2: "a:crash" };
    expect(verdictOf({}, pods, 60)).toMatchObject({ state: "Failed", reason: "Deadlock", ordinal: 2 });
    expect(verdictOf({ policy: "Parallel" }, pods, 60)).toMatchObject({ state: "InProgress" });
  });
});

describe("OnDelete", () => {
  const shape = { strategy: "OnDelete" };

  it("is done at any revision, and says what is old", () => {
    expect(verdictOf(shape, { 0: "a", 1: "b", 2: "a" })).toMatchObject({
      state: "Done",
      message: "3 of 3 ready; web-0 and web-2 held at an older revision (OnDelete: replaced when deleted)",
    });
    expect(verdictOf(shape, { 0: "b", 1: "b", 2: "b" })).toMatchObject({ message: "3 of 3 ready" });
  });

  it("is under way while a deleted pod comes back, and fails when that crashes", () => {
    expect(verdictOf(shape, { 0: "a", 1: "a", 2: "b:pulling" })).toMatchObject({
      state: "InProgress",
      ordinal: 2,
    });
    expect(verdictOf(shape, { 0: "a", 1: "a" })).toMatchObject({ state: "InProgress", ordinal: 2 });
    expect(verdictOf(shape, { 0: "a", 1: "a", 2: "b:crash" }, 60)).toMatchObject({
      state: "Failed",
      ordinal: 2,
    });
  });
});

describe("Recreate (KEP-3541)", () => {
  const shape = { strategy: "Recreate" };

  it("wants every pod at the newest revision", () => {
    expect(verdictOf(shape, { 0: "a", 1: "a", 2: "a" })).toMatchObject({ state: "InProgress" });
    expect(verdictOf(shape, { 0: "a:terminating", 1: "a:terminating" })).toMatchObject({
      state: "InProgress",
    });
    expect(verdictOf(shape, {})).toMatchObject({ state: "InProgress" });
    expect(verdictOf(shape, { 0: "b", 1: "b", 2: "b" })).toMatchObject({ state: "Done" });
  });

  it("is not stuck behind a broken old pod: that goes, too", () => {
    expect(verdictOf(shape, { 0: "a", 1: "a", 2: "a:crash" }, 60)).toMatchObject({ state: "InProgress" });
  });
});

describe("a strategy that is not known yet", () => {
  const shape = { strategy: "Sideways" };

  it.each([
    [{ 0: "a", 1: "a", 2: "a" }, "Done"],
    [{ 0: "b", 1: "b", 2: "b" }, "Done"],
    [{ 0: "a", 1: "b:pulling", 2: "b" }, "InProgress"],
    [{}, "InProgress"],
  ])("is judged by what is there: %j is %s", (pods, state) => {
    expect(verdictOf(shape, pods)).toMatchObject({ state });
  });

  it("is named where it holds pods", () => {
    expect(verdictOf(shape, { 0: "a", 1: "b", 2: "b" }).message).toBe(
      "3 of 3 ready; web-0 held at an older revision (Sideways)",
    );
  });

  it("is none, where a server leaves the field out", () => {
    const set = makeSet();
    delete set.spec.updateStrategy;
    const { namespace = "", name, uid } = set.metadata;
    const found = { set, pods: podsOf({ 0: "a", 1: "a", 2: "a" }), claims: [], events: [], now: start };
    const snapshot = takeSnapshot({ namespace, name, uid, ...found });
    expect(judge(snapshot, { goal: { type: "settled" }, naming: { program: "sts" } }).state).toBe("Done");
  });
});
