import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wantedRevision } from "../../../src/core/revision.js";
import { isReady } from "../../../src/core/pod-state.js";
import { Reason } from "../../../src/core/progress/reasons.js";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { wouldBlock } from "../../../src/core/rollout/unstick.js";
import { judge } from "../../../src/core/progress/verdict.js";
import { makeClaim, makePod, makeSet, type PodStage, type SetOptions } from "../../support/objects.js";

const crash = { revision: "b", restarts: 3 };

/** Which of web-0 to web-2 would block an update to a, or to another revision. */
function blocking(
  options: SetOptions,
  pods = [makePod(0), makePod(1), makePod(2, "crash", crash)],
  to = "a",
) {
  const set = makeSet({ current: "a", update: "b", ...options });
  const claims = [makeClaim("www-web-2", "Lost")];
  const around = { namespace: "default", name: "web", uid: "uid-web", claims, events: [], now: 0 };
  return wouldBlock(takeSnapshot({ ...around, set, pods }), `web-${to}`).map(({ name }) => name);
}

describe("what would block an update", () => {
  it("is a broken pod of another revision, under OrderedReady", () => {
    expect(blocking({})).toEqual(["web-2"]);
    expect(blocking({ policy: "Parallel" })).toEqual([]);
    expect(blocking({ strategy: "OnDelete" })).toEqual([]);
  });

  it("is none that is at the revision already", () => {
    expect(blocking({}, undefined, "b")).toEqual([]);
  });

  it("is seen between two crashes too, when the container runs", () => {
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "running", crash)])).toEqual(["web-2"]);
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "running", { revision: "b" })])).toEqual([]);
  });

  it("is a pod below the partition as well, where it is not at the current revision", () => {
    expect(blocking({ partition: 3 })).toEqual(["web-2"]);
    const held = [makePod(0), makePod(1), makePod(2, "crash", { restarts: 3 })];
    expect(blocking({ partition: 3 }, held, "c")).toEqual([]);
  });

  it("is none that a new pod would not cure, or that the controller deletes itself", () => {
    const lost = [makePod(0), makePod(1), makePod(2, "unschedulable", { revision: "b" })];
    expect(blocking({ claims: ["www"] }, lost)).toEqual([]);
    expect(blocking({}, lost)).toEqual(["web-2"]);
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "failed", crash)])).toEqual([]);
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "terminating", crash)])).toEqual([]);
  });
});

const stages: PodStage[] = [
  "pending",
  "unschedulable",
  "pulling",
  "running",
  "ready",
  "terminating",
  "failed",
  "crash",
  "image",
];

const anyPod = fc.record({
  stage: fc.constantFrom(...stages, ...Array<PodStage>(6).fill("ready")),
  revision: fc.constantFrom("a", "b", "c"),
  restarts: fc.nat(4),
  there: fc.boolean(),
});

const anySet = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  partition: fc.nat(5),
  start: fc.nat(2),
  policy: fc.constantFrom("OrderedReady" as const, "Parallel" as const),
  strategy: fc.constantFrom("RollingUpdate", "OnDelete", "Recreate"),
});

describe("whoever un-sticks", () => {
  it("is never told to delete a pod that is healthy, leaving, wanted as it is, or not yet waited for", () => {
    let told = 0;
    const states = fc.tuple(anySet, fc.array(anyPod, { minLength: 5, maxLength: 5 }));
    fc.assert(
      fc.property(states, ([options, kinds]) => {
        const set = makeSet({ ...options, current: "a", update: "b" });
        const pods = kinds.flatMap(({ there, stage, ...rest }, index) =>
          there || stage === "ready" ? [makePod(options.start + index, stage, rest)] : [],
        );
        const around = { namespace: "default", name: "web", uid: "uid-web", claims: [], events: [] };
        const snapshot = takeSnapshot({ ...around, set, pods, now: Date.parse("2026-11-21T11:00:00Z") });
        const question = { goal: { type: "settled" }, unstick: true, naming: { program: "sts" } } as const;
        const { reason, ordinal = -1 } = judge(snapshot, question);
        if (reason !== Reason.Deadlock) return;
        told += 1;
        const pod = snapshot.pods.get(ordinal);
        expect(options).toMatchObject({ policy: "OrderedReady", strategy: "RollingUpdate" });
        expect(pod && isReady(pod)).toBe(false);
        expect(pod?.metadata.deletionTimestamp).toBeUndefined();
        expect(pod?.metadata.labels?.["controller-revision-hash"]).not.toBe(
          wantedRevision(set, ordinal).revision,
        );
        for (let lower = options.start; lower < ordinal; lower += 1) {
          const below = snapshot.pods.get(lower);
          expect(below && isReady(below)).toBe(true);
          expect(below?.metadata.deletionTimestamp).toBeUndefined();
        }
      }),
      { numRuns: 2_000 },
    );
    expect(told).toBeGreaterThan(20);
  });
});
