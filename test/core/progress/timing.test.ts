import { describe, expect, it } from "vitest";
import type { Pod, StatefulSet } from "../../../src/core/model.js";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { standings } from "../../../src/core/progress/standing.js";
import { closedAt, phaseTotals, Timing } from "../../../src/core/progress/timing.js";
import { makePod, makeSet } from "../../support/objects.js";

const start = Date.parse("2026-11-21T10:00:00Z");

function at(seconds: number, set: StatefulSet, pods: Pod[]) {
  const now = start + seconds * 1_000;
  const rest = { namespace: "default", name: "web", uid: "uid-web", claims: [], events: [] };
  return [standings(takeSnapshot({ ...rest, set, pods, now })), now] as const;
}

describe("Timing", () => {
  it("splits the time of a replaced pod by phase, from its old pod's end to its new one's readiness", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 1, update: "b", minReadySeconds: 5 });
    const revision = "b";
    timing.observe(...at(10, set, [makePod(0)]));
    timing.observe(...at(10, set, [makePod(0, "terminating")]));
    timing.observe(...at(13, set, []));
    timing.observe(...at(14, set, [makePod(0, "pending", { revision })]));
    timing.observe(...at(15, set, [makePod(0, "scheduled", { revision })]));
    timing.observe(...at(17, set, [makePod(0, "pulling", { revision })]));
    timing.observe(...at(20, set, [makePod(0, "running", { revision })]));
    timing.observe(...at(24, set, [makePod(0, "ready", { revision, at: "2026-11-21T10:00:24Z" })]));
    timing.observe(...at(29, set, [makePod(0, "ready", { revision, at: "2026-11-21T10:00:24Z" })]));
    const [time] = timing.ordinals;
    expect(time).toMatchObject({ ordinal: 0, outcome: "ready", from: start + 10_000, to: start + 29_000 });
    expect(time && phaseTotals(time)).toEqual({
      terminating: 3_000,
      scheduling: 1_000,
      volumes: 2_000,
      images: 3_000,
      starting: 4_000,
      minReady: 5_000,
    });
  });

  it("counts time after a restart, or after having been ready, as not ready", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 2 });
    timing.observe(...at(0, set, [makePod(0), makePod(1, "crash", { restarts: 1 })]));
    timing.observe(...at(5, set, [makePod(0, "running"), makePod(1, "running", { restarts: 1 })]));
    timing.observe(...at(9, set, [makePod(0), makePod(1, "ready", { restarts: 1 })]));
    expect(timing.ordinals.map((time) => [time.ordinal, phaseTotals(time)])).toEqual([
      [1, { notReady: 9_000 }],
      [0, { notReady: 4_000 }],
    ]);
  });

  it("knows nothing of pods that did not move, and ends surplus ones as gone", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 1 });
    timing.observe(...at(0, set, [makePod(0), makePod(1)]));
    timing.observe(...at(1, set, [makePod(0), makePod(1, "terminating")]));
    timing.observe(...at(3, set, [makePod(0)]));
    expect(timing.ordinals).toMatchObject([{ ordinal: 1, outcome: "gone", to: start + 3_000 }]);
  });

  it("knows the revisions before and after, and when containers restarted", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 2, update: "b" });
    const fresh = { revision: "b" };
    timing.observe(...at(0, set, [makePod(0, "ready", { restarts: 3 }), makePod(1)]));
    timing.observe(...at(1, set, [makePod(0, "ready", { restarts: 3 }), makePod(1, "terminating")]));
    timing.observe(...at(2, set, [makePod(0, "ready", { restarts: 3 })]));
    timing.observe(...at(3, set, [makePod(0, "ready", { restarts: 3 }), makePod(1, "running", fresh)]));
    timing.observe(
      ...at(5, set, [makePod(0, "ready", { restarts: 3 }), makePod(1, "running", { ...fresh, restarts: 1 })]),
    );
    timing.observe(
      ...at(6, set, [
        makePod(0, "terminating", { restarts: 3 }),
        makePod(1, "ready", { ...fresh, restarts: 1 }),
      ]),
    );
    timing.observe(...at(7, set, [makePod(1, "ready", { ...fresh, restarts: 3 })]));
    expect(timing.ordinals).toMatchObject([
      {
        ...{ ordinal: 1, outcome: "ready", revisionBefore: "web-a", revisionAfter: "web-b" },
        restarts: [start + 5_000, start + 7_000],
      },
      { ordinal: 0, outcome: "open", revisionBefore: "web-a", revisionAfter: undefined, restarts: [] },
    ]);
  });

  it("takes a pod that leaves at the first look for the one from before", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 1, update: "b" });
    timing.observe(...at(0, set, [makePod(0, "terminating")]));
    timing.observe(...at(1, set, [makePod(0, "ready", { revision: "b" })]));
    expect(timing.ordinals).toMatchObject([{ revisionBefore: "web-a", revisionAfter: "web-b" }]);
  });

  it("does not grow with a pod that flaps for ever", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 1 });
    for (let second = 0; second < 2_000; second += 2) {
      timing.observe(...at(second, set, [makePod(0, "crash", { restarts: 1 })]));
      timing.observe(...at(second + 1, set, [makePod(0, "terminating")]));
    }
    const [time] = timing.ordinals;
    expect(time?.stretches.length).toBeLessThan(100);
    expect(time && closedAt(time, start + 2_000_000).to).toBe(start + 2_000_000);
  });

  it("puts pods that nobody saw leave before those that leave now, the highest first", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 1 });
    timing.observe(
      ...at(
        0,
        set,
        [0, 1, 2, 3].map((ordinal) => makePod(ordinal)),
      ),
    );
    timing.observe(...at(1, set, [makePod(0), makePod(1, "terminating")]));
    expect(timing.ordinals.map(({ ordinal, outcome }) => [ordinal, outcome])).toEqual([
      [3, "gone"],
      [2, "gone"],
      [1, "open"],
    ]);
  });

  it("counts a surplus pod as gone that nobody saw leave", () => {
    const timing = new Timing();
    const set = makeSet({ replicas: 1 });
    timing.observe(...at(0, set, [makePod(0), makePod(1)]));
    timing.observe(...at(2, set, [makePod(0)]));
    expect(timing.ordinals).toMatchObject([
      { ordinal: 1, outcome: "gone", from: start + 2_000, to: start + 2_000 },
    ]);
  });
});
