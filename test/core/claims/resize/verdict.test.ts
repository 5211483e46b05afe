import { describe, expect, it } from "vitest";
import { growthOf } from "../../../../src/core/claims/resize/growth.js";
import type { PlannedClaim } from "../../../../src/core/claims/resize/plan.js";
import { standingOf } from "../../../../src/core/claims/resize/standing.js";
import {
  judgeGrowth,
  type GrowthLimits,
  type GrowthLook,
} from "../../../../src/core/claims/resize/verdict.js";
import type { Pod } from "../../../../src/core/model.js";
import { claim, planned, pod, set, type ClaimShape } from "./build.js";

const at = "2026-01-01T01:00:00Z";
const now = Date.parse(at) + 10_000;
const resizing = { type: "Resizing" };
const pending = { type: "FileSystemResizePending", lastTransitionTime: at };
const refused = {
  type: "NodeResizeError",
  lastTransitionTime: at,
  message: "failed to expand pvc with rpc error: in use",
};
const exhausted = { type: "ControllerResizeError", message: "failed to expand pvc with rpc error: no room" };

describe("growth of a claim to 2Gi", () => {
  it.each<[string, ClaimShape, string]>([
    ["nobody has answered", {}, "Requested"],
    ["the resizer is at it", { conditions: [resizing] }, "Resizing"],
    ["it is at it, by the newer field", { stage: "ControllerResizeInProgress", tried: "2Gi" }, "Resizing"],
    ["the file system is left", { conditions: [pending] }, "FileSystemResizePending"],
    ["the volume says so beside", { conditions: [resizing, pending] }, "FileSystemResizePending"],
    [
      "the file system is left at full capacity",
      { has: "2Gi", conditions: [pending] },
      "FileSystemResizePending",
    ],
    ["it has it", { has: "2Gi" }, "Resized"],
    ["it has more", { has: "3Gi" }, "Resized"],
    [
      "a condition is not true any more",
      { has: "2Gi", conditions: [{ ...resizing, status: "False" }] },
      "Resized",
    ],
    ["another condition is there", { has: "2Gi", conditions: [{ type: "Unused" }] }, "Resized"],
    ["it is infeasible", { stage: "ControllerResizeInfeasible", tried: "2Gi" }, "ResizeFailed"],
    ["it is infeasible on the node", { stage: "NodeResizeInfeasible", tried: "2Gi" }, "ResizeFailed"],
    ["it failed, as older releases have it", { stage: "NodeResizeFailed" }, "ResizeFailed"],
    ["another size was infeasible", { stage: "ControllerResizeInfeasible", tried: "5Gi" }, "Resizing"],
  ])("%s", (_case, shape, state) => {
    expect(growthOf(claim("data-web-0", shape), "2Gi").state).toBe(state);
  });

  it("tells the driver's words without those around them", () => {
    const stage = "ControllerResizeInfeasible";
    const failed = growthOf(claim("data-web-0", { stage, conditions: [resizing, exhausted] }), "2Gi");
    expect(failed.message).toBe("rpc error: no room");
  });
});

const grown: ClaimShape = { has: "2Gi" };
const stuck: ClaimShape = { conditions: [pending, refused] };
const waits: ClaimShape = { conditions: [pending] };

interface Case {
  /** By the ordinals from 0. */
  claims: readonly ClaimShape[];
  pods?: readonly Partial<Record<"phase" | "startTime", string>>[];
  limits?: Partial<GrowthLimits>;
  failures?: GrowthLook["failures"];
  /** Milliseconds since something advanced; 0 when left out. */
  still?: number;
}

function judged({ claims, pods = [], limits = {}, failures = new Map(), still = 0 }: Case) {
  const plans: PlannedClaim[] = claims.map((shape, ordinal) => planned(`data-web-${ordinal}`, "2Gi", shape));
  const standings = plans.map((one, ordinal) => {
    const mount: Pod = pod(`web-${ordinal}`, pods[ordinal]);
    return standingOf(one, { claim: one.claim, pod: mount, now, restartAfter: 90_000 });
  });
  const byUid = new Map(plans.map((one) => [one.claim.metadata.uid, one.claim]));
  const look = { standings, claims: byUid, failures, lastAdvance: now - still, now };
  return judgeGrowth(look, set(), {
    deadline: Infinity,
    stallTimeout: 600_000,
    restarted: new Set(),
    ...limits,
  });
}

describe("the verdict on claims that were asked to grow", () => {
  it.each<[string, Case, object]>([
    ["all have it", { claims: [grown, grown] }, { state: "Grown" }],
    [
      "one is at it",
      { claims: [grown, {}] },
      { state: "InProgress", message: "waiting for data-web-1 (Requested)" },
    ],
    [
      "a kubelet may have its turn yet",
      { claims: [waits] },
      { state: "InProgress", message: "waiting for data-web-0 (FileSystemResizePending)" },
    ],
    [
      "a driver refused while it was mounted",
      { claims: [grown, stuck] },
      { state: "Restart", ordinals: [1] },
    ],
    [
      "it was restarted since, and its file system grows as it is mounted",
      { claims: [stuck], pods: [{ startTime: "2026-01-01T01:00:05Z" }] },
      { state: "InProgress" },
    ],
    [
      "it comes up, and its file system grows as it is mounted",
      { claims: [stuck], pods: [{ phase: "Pending" }] },
      { state: "InProgress", message: expect.stringContaining("when web-0 has mounted it") },
    ],
    [
      "a restart waits for what still moves",
      { claims: [stuck, { conditions: [resizing] }] },
      { state: "InProgress" },
    ],
    [
      "a restart does not wait for pods",
      { claims: [stuck, stuck], pods: [{}, { phase: "Pending" }] },
      { state: "Restart", ordinals: [0] },
    ],
    [
      "a restart did not help",
      { claims: [stuck], limits: { restarted: new Set([0]) } },
      {
        state: "Failed",
        message: expect.stringContaining("though its pod was restarted: rpc error: in use"),
      },
    ],
    [
      "the resizer gave up",
      { claims: [{ stage: "ControllerResizeInfeasible", conditions: [exhausted] }, grown] },
      { state: "Failed", message: "data-web-0 cannot grow to 2Gi: rpc error: no room" },
    ],
    [
      "it gave up on one, and is at another",
      { claims: [{ stage: "ControllerResizeInfeasible" }, { conditions: [resizing] }] },
      { state: "InProgress" },
    ],
    [
      "it gave up on one, and the other takes long",
      { claims: [{ stage: "ControllerResizeInfeasible" }, { conditions: [resizing] }], still: 3_000 },
      { state: "Failed" },
    ],
    [
      "it failed once and tries again",
      { claims: [{}], failures: new Map([["uid-data-web-0", { count: 1, message: "busy" }]]) },
      { state: "InProgress" },
    ],
    [
      "it fails again and again, and has no better word",
      { claims: [{}], still: 3_000, failures: new Map([["uid-data-web-0", { count: 5, message: "busy" }]]) },
      { state: "Failed", message: "data-web-0 cannot grow to 2Gi: busy" },
    ],
    [
      "time is up",
      { claims: [{}, waits], limits: { deadline: now } },
      {
        state: "TimedOut",
        message: expect.stringContaining("data-web-0 (Requested) and data-web-1 (FileSystem"),
      },
    ],
    [
      "nothing advances",
      { claims: [{}], still: 600_000 },
      { state: "Stalled", message: expect.stringContaining("10 min") },
    ],
    ["a claim is being deleted", { claims: [{ asks: "2Gi", deleting: true }] }, { state: "Conflict" }],
    ["somebody else asks for another size", { claims: [{ asks: "4Gi" }] }, { state: "Conflict" }],
  ])("%s", (_case, given, expected) => {
    expect(judged(given)).toMatchObject(expected);
  });

  it("is a conflict where a claim is gone", () => {
    const one = planned("data-web-0", "2Gi");
    const standings = [standingOf(one, { claim: undefined, pod: undefined, now, restartAfter: 0 })];
    const look = { standings, claims: new Map(), failures: new Map(), lastAdvance: now, now };
    const limits = { deadline: Infinity, stallTimeout: undefined, restarted: new Set<number>() };
    expect(judgeGrowth(look, set(), limits)).toMatchObject({
      state: "Conflict",
      message: "data-web-0 was deleted meanwhile",
    });
  });

  it("calls for a restart when no kubelet has grown a file system in time, counted from the mount", () => {
    const one = planned("data-web-0", "2Gi", waits);
    const of = (startTime: string, later: number) =>
      standingOf(one, {
        claim: one.claim,
        pod: pod("web-0", { startTime }),
        now: Date.parse(at) + later,
        restartAfter: 90_000,
      });
    expect(of("2026-01-01T00:00:00Z", 89_000)).toMatchObject({
      needs: "nothing",
      restartAt: Date.parse(at) + 90_000,
    });
    expect(of("2026-01-01T00:00:00Z", 90_000).needs).toBe("restart");
    expect(of("2026-01-01T01:01:00Z", 90_000).needs).toBe("nothing");
  });
});
