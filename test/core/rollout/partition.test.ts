import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/core/errors.js";
import { planStage } from "../../../src/core/rollout/partition.js";
import { webOfFive as set, withPartition } from "./web-of-five.js";

describe("planStage: the partition is an index counted from ordinals.start (#128529)", () => {
  it.each([
    [{ partition: 3 }, {}, 3, "web-3 and web-4", "web-0 to web-2"],
    [{ canary: 1 }, {}, 4, "web-4", "web-0 to web-3"],
    [{ canary: 9 }, {}, 0, "web-0 to web-4", ""],
    [{ percent: 50 }, {}, 2, "web-2 to web-4", "web-0 and web-1"],
    [{ percent: 0 }, {}, 5, "", "web-0 to web-4"],
    [{ percent: 100 }, {}, 0, "web-0 to web-4", ""],
    [{ partition: 5 }, { replicas: 9, ordinals: { start: 2 } }, 5, "web-7 to web-10", "web-2 to web-6"],
    [{ canary: 1 }, { replicas: 1 }, 0, "web-0", ""],
    [{ partition: 2 ** 31 - 1 }, {}, 2 ** 31 - 1, "", "web-0 to web-4"],
  ])("%j of %j", (request, spec, partition, updated, held) => {
    expect(planStage(set(spec), request)).toMatchObject({ partition, updated, held });
  });

  it("of a set with as many replicas as the API takes, without counting them all", () => {
    const many = set({ replicas: 2 ** 31 - 1 });
    expect(planStage(many, { canary: 1 })).toMatchObject({
      updated: "web-2147483646",
      held: "web-0 to web-2147483645",
    });
  });

  it("warns when no pod will roll, and that raising the partition rolls nothing back", () => {
    expect(planStage(set(withPartition(2)), { partition: 5 }).warnings).toEqual([
      "partition 5 is not below replicas 5: no pod will be updated",
      "raising the partition from 2 to 5 rolls no updated pod back",
    ]);
  });

  it.each(["OnDelete", "Recreate", "Surprise"])("refuses %s, which has no partition", (type) => {
    expect(() => planStage(set({ updateStrategy: { type } }), { canary: 1 })).toThrow(UsageError);
  });
});
