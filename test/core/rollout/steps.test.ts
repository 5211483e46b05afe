import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../src/core/model.js";
import type { Staging, StepPlan } from "../../../src/core/rollout/staging.js";
import { beginSteps, nextMove, stepsBelow, type PlannedStep } from "../../../src/core/rollout/step-plan.js";
import { parseSteps } from "../../../src/core/rollout/steps.js";

interface Shape {
  replicas?: number;
  partition?: number;
  start?: number;
  staging?: Partial<Staging>;
  /** The controller has one revision for all pods. */
  settled?: boolean;
}

function set({ replicas = 5, partition, start, staging, settled = false }: Shape): StatefulSet {
  return {
    metadata: {
      name: "web",
      annotations: staging && { "sts/staging": JSON.stringify({ v: 1, partitionBefore: 0, ...staging }) },
    },
    spec: {
      replicas,
      ...(start !== undefined && { ordinals: { start } }),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } },
    },
    status: { observedGeneration: 1, currentRevision: "web-a", updateRevision: settled ? "web-a" : "web-b" },
  } as unknown as StatefulSet;
}

const plan = (steps: string): StepPlan => ({ steps: parseSteps(steps), onFailure: "pause" });
/** `0:4[4-4]`: the step, its partition, and the ordinals that it adds. */
const words = (step: PlannedStep | undefined) =>
  step && `${step.index}:${step.partition}[${step.first}-${step.last}]`;

describe("parseSteps", () => {
  it("reads numbers and shares", () => {
    expect(parseSteps("1, 50%,100%")).toEqual([1, "50%", "100%"]);
  });

  it.each(["", "0", "0%", "101%", "x", "1,,2", "2,1", "50%,50%", "-1", "1.5", "99999999999"])(
    "refuses %j",
    (text) => {
      expect(() => parseSteps(text)).toThrow(`--steps=${text}`);
    },
  );
});

describe("the steps that are to come, while so many are held", () => {
  it.each<[steps: string, Shape, held: number, coming: string[]]>([
    ["1,50%,100%", {}, 5, ["0:4[4-4]", "1:2[2-3]", "2:0[0-1]"]],
    ["1,50%,100%", {}, 4, ["1:2[2-3]", "2:0[0-1]"]],
    ["1,50%,100%", {}, 3, ["1:2[2-2]", "2:0[0-1]"]],
    ["1,50%,100%", {}, 0, []],
    ["1,50%", {}, 2, []],
    // A percentage is rounded up.
    ["10%,34%", { replicas: 3 }, 3, ["0:2[2-2]", "1:1[1-1]"]],
    // A step that adds nothing is passed over.
    ["1,50%,100%", { replicas: 2 }, 2, ["0:1[1-1]", "2:0[0-0]"]],
    ["1,50%,100%", { replicas: 1 }, 1, ["0:0[0-0]"]],
    ["1,3,50%", {}, 5, ["0:4[4-4]", "1:2[2-3]"]],
    ["1,50%,100%", { replicas: 0 }, 0, []],
    ["2,9", {}, 5, ["0:3[3-4]", "1:0[0-2]"]],
    // The partition is an index, counted from the start ordinal (#128529).
    ["1,100%", { replicas: 3, start: 5 }, 3, ["0:2[7-7]", "1:0[5-6]"]],
  ])("%s of %j, %i held", (steps, shape, held, coming) => {
    expect(stepsBelow(set(shape), plan(steps), held).map(words)).toEqual(coming);
  });
});

describe("what a run begins with", () => {
  const under = (step: number, steps = "1,50%,100%"): Partial<Staging> => ({ plan: plan(steps), step });

  it.each<
    [what: string, Shape, steps: string, isChanged: boolean, beginning: string, step: string | undefined]
  >([
    ["a new template", {}, "1,100%", true, "new", "0:4[4-4]"],
    ["a new template, below a partition of the user's", { partition: 3 }, "1,100%", true, "new", "0:4[4-4]"],
    ["a new template of a set without pods", { replicas: 0 }, "1,100%", true, "new", undefined],
    ["an update that is held", { partition: 5 }, "1,100%", false, "new", "0:4[4-4]"],
    ["an update that is held from the middle on", { partition: 3 }, "1,50%,100%", false, "new", "1:2[2-2]"],
    ["an update that nothing holds", {}, "1,100%", false, "new", undefined],
    ["the same steps again", { partition: 4, staging: under(0) }, "1,50%,100%", false, "resumed", "0:4[4-4]"],
    [
      "the same steps in the middle",
      { partition: 2, staging: under(1) },
      "1,50%,100%",
      false,
      "resumed",
      "1:2[2-3]",
    ],
    [
      "the same steps at the end",
      { partition: 0, staging: under(2) },
      "1,50%,100%",
      false,
      "resumed",
      "2:0[0-1]",
    ],
    [
      "the same steps, scaled up",
      { replicas: 8, partition: 4, staging: under(0) },
      "1,50%,100%",
      false,
      "resumed",
      "0:4[4-7]",
    ],
    [
      "a step that does not exist",
      { partition: 0, staging: under(9) },
      "1,50%,100%",
      false,
      "resumed",
      "2:0[0-1]",
    ],
    ["other steps", { partition: 2, staging: under(1) }, "1,4,100%", false, "replanned", "1:1[1-1]"],
    [
      "other steps, all of them through",
      { partition: 2, staging: under(1) },
      "1,50%",
      false,
      "replanned",
      undefined,
    ],
    ["steps after a stage", { partition: 4, staging: {} }, "1,50%,100%", false, "replanned", "1:2[2-3]"],
    [
      "another template in the middle",
      { partition: 2, staging: under(1) },
      "1,50%,100%",
      true,
      "replanned",
      "1:2[2-4]",
    ],
    [
      "another template, the first steps are wider",
      { partition: 4, staging: under(0) },
      "50%,100%",
      true,
      "replanned",
      "0:2[2-4]",
    ],
    [
      "another template, nothing let through",
      { partition: 9, staging: {} },
      "1,100%",
      true,
      "replanned",
      "0:4[4-4]",
    ],
    [
      "another template, all let through",
      { partition: 0, staging: under(2) },
      "1,50%,100%",
      true,
      "replanned",
      "2:0[0-4]",
    ],
    [
      "a template after a stage that updated nothing",
      { partition: 2, staging: {}, settled: true },
      "1,100%",
      true,
      "new",
      "0:4[4-4]",
    ],
  ])("%s", (_what, shape, steps, isChanged, beginning, step) => {
    const begun = beginSteps(set(shape), plan(steps), isChanged);
    expect({ beginning: begun.beginning, step: words(begun.step) }).toEqual({ beginning, step });
  });

  it("never raises the partition of a staging under way", () => {
    for (let partition = 0; partition <= 6; partition += 1) {
      for (const isChanged of [false, true]) {
        for (const steps of ["1,50%,100%", "100%", "2", "1,2,3,4,5"]) {
          for (let step = 0; step < 5; step += 1) {
            const from = set({ partition, staging: { plan: plan("1,50%,100%"), step } });
            const begun = beginSteps(from, plan(steps), isChanged).step;
            expect(begun?.partition ?? 0).toBeLessThanOrEqual(partition);
          }
        }
      }
    }
  });
});

describe("what comes after a step that has passed", () => {
  it.each<[what: string, Shape, steps: string | undefined, next: string | undefined]>([
    ["the next", { partition: 4 }, "1,50%,100%", "1:2[2-3]"],
    ["the end", { partition: 0 }, "1,50%,100%", "finish"],
    ["the end, without a plan", { partition: 0 }, undefined, "finish"],
    ["what the plan leaves", { partition: 2 }, "1,50%", "hold"],
    ["what is held, without a plan", { partition: 2 }, undefined, "hold"],
    ["scaled up in the middle", { replicas: 10, partition: 4 }, "1,50%,100%", "2:0[0-3]"],
    // What was updated first is gone: the first step comes again.
    ["scaled down below the partition", { replicas: 3, partition: 4 }, "1,50%,100%", "0:2[2-2]"],
    ["scaled to nothing", { replicas: 0, partition: 4 }, "1,50%,100%", "finish"],
  ])("%s", (_what, shape, steps, next) => {
    const move = nextMove(set(shape), steps === undefined ? undefined : plan(steps));
    expect(move.type === "step" ? words(move.step) : move.type).toBe(next);
  });
});
