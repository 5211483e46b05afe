import { describe, expect, it } from "vitest";
import type { Pod } from "../../../src/core/model.js";
import { diagnose } from "../../../src/core/progress/diagnosis.js";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { judge } from "../../../src/core/progress/verdict.js";
import { describeRestart, restartObstacle, type RestartGoal } from "../../../src/core/rollout/restart.js";
import { makePod, makeSet, type PodStage, type SetOptions } from "../../support/objects.js";

const stages: Record<string, PodStage> = {
  o: "ready",
  n: "ready",
  u: "running",
  s: "running",
  t: "terminating",
  c: "crash",
  b: "crash",
};

/**
 * A set by its pods, lowest ordinal first: `o` old and ready, `u` old and not ready, `c` old and crashing, `t` old on its
 * way out, `n` new and ready, `s` new and starting, `b` new and crashing, `.` none.
 */
function world(
  letters: string,
  given: number[],
  options: SetOptions & { maxUnready?: number; again?: string } = {},
) {
  const { maxUnready = 0, again, ...shape } = options;
  const set = makeSet({ replicas: letters.length, ...shape });
  const start = shape.start ?? 0;
  const pods = [...letters].flatMap((letter, index): Pod[] => {
    const [ordinal, isNew] = [start + index, "nsb".includes(letter)];
    const uid = isNew ? `new-${ordinal}` : `old-${ordinal}`;
    const restarts = stages[letter] === "crash" ? 5 : 0;
    return letter === "." ? [] : [makePod(ordinal, stages[letter], { uid, restarts })];
  });
  const observation = { namespace: "default", name: "web", uid: "uid-web", set, claims: [], events: [] };
  const snapshot = takeSnapshot({ ...observation, pods, now: Date.parse("2026-11-21T11:00:00Z") });
  const goal: RestartGoal = {
    type: "restarted",
    pods: new Map(given.map((ordinal) => [ordinal, `old-${ordinal}`])),
    maxUnready,
    ...(again !== undefined && { again }),
  };
  const verdict = judge(snapshot, { goal, written: set, naming: { program: "sts" } });
  return { set, goal, snapshot, verdict, diagnosed: diagnose(snapshot) };
}

describe("a restart of given pods", () => {
  it.each<[pods: string, given: number[], due: number]>([
    ["ooooo", [0, 2, 4], 4],
    ["oooon", [0, 2, 4], 2],
    ["oonon", [0, 2, 4], 0],
    // Not ready first, the lowest of them before the others: OrderedReady makes none above it.
    ["uoouo", [0, 1, 2, 3, 4], 0],
    ["noouo", [0, 1, 2, 3, 4], 3],
    ["ooco", [2], 2],
  ])("%s of %j: the next is web-%i", (pods, given, due) => {
    expect(world(pods, given).verdict).toMatchObject({
      state: "InProgress",
      reason: "RestartDue",
      ordinal: due,
    });
  });

  it.each<[pods: string, given: number[], message: string]>([
    ["oooot", [0, 4], "waiting for web-4 to go"],
    ["oooo.", [0, 4], "waiting for web-4: to be created"],
    ["oooos", [0, 4], "waiting for web-4: to become ready"],
    // Somebody else took one before its turn.
    ["tooo", [0, 3], "waiting for web-0 to go"],
    ["ouoo", [0, 3], "web-3 is not restarted while web-1 is not ready"],
    ["ouuo", [3], "web-3 is not restarted while web-1 and web-2 are not ready"],
    ["ooon.", [2, 3], "web-2 is not restarted while web-4 is not ready"],
  ])("%s of %j: %s", (pods, given, message) => {
    const { verdict } = world(pods, given);
    expect(verdict.state).toBe("InProgress");
    expect(verdict.reason).not.toBe("RestartDue");
    expect(verdict.message).toContain(message);
  });

  it("is done when all of them are others and ready, whoever replaced them", () => {
    expect(world("noonn", [0, 3, 4]).verdict).toEqual({
      state: "Done",
      reason: "Settled",
      message: "web-0, web-3 and web-4 restarted",
      next: [],
    });
    expect(world("nun", [0, 2]).verdict.state).toBe("Done");
  });

  it("fails with one that does not come back, and says how to go on", () => {
    const { verdict } = world("ooobn", [0, 2, 3, 4]);
    expect(verdict).toMatchObject({ state: "Failed", reason: "CrashLoopBackOff", ordinal: 3 });
    expect(verdict.next.map(({ command }) => command)).toEqual([
      "kubectl logs web-3 --previous",
      "sts rollout restart web --ordinals=0,2",
    ]);
  });

  it("goes on with the command that it is a step of", () => {
    const { verdict } = world("oooon", [0, 4], { again: "sts pvc resize web data=2Gi" });
    expect(verdict.next).toEqual([{ label: "go on", command: "sts pvc resize web data=2Gi" }]);
  });

  it("fails where another pod breaks, and does not mind those that it will replace", () => {
    expect(world("ocoo", [0, 3]).verdict).toMatchObject({ state: "Failed", ordinal: 1 });
    expect(world("ccco", [0, 1, 2]).verdict).toMatchObject({ reason: "RestartDue", ordinal: 0 });
    expect(world("nsco", [0, 1, 2]).verdict).toMatchObject({ state: "InProgress" });
  });

  it("lets so many others be unready as are allowed, but none below under OrderedReady", () => {
    const allowed = { maxUnready: 1 };
    expect(world("ooou", [2], allowed).verdict).toMatchObject({ reason: "RestartDue", ordinal: 2 });
    expect(world("ooouu", [2], allowed).verdict.reason).toBe("WaitingForOrdinal");
    expect(world("uooo", [2], allowed).verdict.reason).toBe("WaitingForOrdinal");
    const parallel = { ...allowed, policy: "Parallel" } as const;
    expect(world("uooo", [2], parallel).verdict).toMatchObject({ reason: "RestartDue", ordinal: 2 });
    expect(world("cooo", [2], parallel).verdict).toMatchObject({ reason: "RestartDue", ordinal: 2 });
  });

  it("forgets ordinals that were scaled away", () => {
    expect(world("oon", [2, 3, 4]).verdict.state).toBe("Done");
  });

  it("waits for minReadySeconds before the next", () => {
    const at = { minReadySeconds: 7_200 };
    expect(world("ooon", [0, 3], at).verdict).toMatchObject({ reason: "WaitingForAvailability" });
  });
});

describe("restartObstacle", () => {
  it.each<[pods: string, given: number[], options: SetOptions, obstacle: string | undefined]>([
    ["oooo", [0, 3], {}, undefined],
    ["ouoo", [0, 3], {}, "web-1 is not ready"],
    ["ou.o", [3], {}, "web-1 and web-2 are not ready"],
    ["ouoo", [1, 3], {}, undefined],
    // The controller would take one down itself at the same time.
    ["oooo", [0], { update: "b" }, "a rollout is under way, which replaces web-0 to web-3 by itself"],
    [
      "oooo",
      [3],
      { update: "b", partition: 2 },
      "a rollout is under way, which replaces web-2 and web-3 by itself",
    ],
    ["oooo", [3], { update: "b", partition: 4 }, undefined],
    ["oooo", [3], { update: "b", strategy: "OnDelete" }, undefined],
  ])("%s of %j, %j", (pods, given, options, obstacle) => {
    const { diagnosed, set, goal } = world(pods, given, options);
    expect(restartObstacle(diagnosed, set, goal)).toBe(obstacle);
  });
});

describe("describeRestart", () => {
  it.each<[pods: string, given: number[], options: SetOptions, title: string, notes: string[]]>([
    ["oooo", [2], {}, "restarting web-2", ["web-2: at the same revision (a)"]],
    [
      "oooo",
      [0, 2, 3],
      { update: "b", strategy: "OnDelete" },
      "restarting web-0, web-2 and web-3, one at a time, the highest first",
      ["web-0, web-2 and web-3: updated to revision b, from a"],
    ],
    [
      "uooo",
      [0, 3],
      { update: "b", partition: 4 },
      "restarting web-0 and web-3, one at a time, those that are not ready first, then the highest",
      ["web-0 and web-3: at the same revision (a)"],
    ],
    [
      "oo",
      [0, 1],
      { current: "z", update: "a", partition: 1 },
      "restarting web-0 and web-1, one at a time, the highest first",
      ["web-1: at the same revision (a)", "web-0: back at revision z, from a, as the partition is 1"],
    ],
    ["o.", [1], {}, "restarting no pod", ["web-1: on the way already, waited for"]],
  ])("%s of %j, %j", (pods, given, options, title, notes) => {
    const { diagnosed, set, goal } = world(pods, given, options);
    expect(describeRestart(diagnosed, set, goal)).toEqual({ title, notes });
  });
});
