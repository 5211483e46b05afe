import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/core/errors.js";
import type { Pod, StatefulSet } from "../../../src/core/model.js";
import {
  checkCanPause,
  heldWhole,
  isOverridden,
  pauseAnnotation,
  pauseOf,
  pausePatch,
  planPause,
  resumePatch,
} from "../../../src/core/rollout/pause.js";
import { makePod, makeSet, type SetOptions } from "../../support/objects.js";

/**
 * Pods from the lowest ordinal up, a letter each: the revision, lower case; upper case for one on its way out, `.` for
 * none.
 */
function podsOf(letters: string, start = 0): Map<number, Pod> {
  const pods = [...letters].flatMap((letter, index): [number, Pod][] => {
    const revision = letter.toLowerCase();
    const stage = letter === revision ? "ready" : "terminating";
    return letter === "." ? [] : [[start + index, makePod(start + index, stage, { revision })]];
  });
  return new Map(pods);
}

const paused = (pause: object, options: SetOptions = {}): StatefulSet =>
  makeSet({ ...options, metadata: { annotations: { [pauseAnnotation]: JSON.stringify(pause) } } });

describe("planPause", () => {
  it.each<
    [what: string, pods: string, set: SetOptions, partition: number, updated: number[], held: number[]]
  >([
    ["one revision", "aaaaa", { update: "a" }, heldWhole, [], [0, 1, 2, 3, 4]],
    ["one revision, and a partition", "aaaaa", { update: "a", partition: 2 }, heldWhole, [], [0, 1, 2, 3, 4]],
    ["on the way back: all come at one revision", "aaabb", { update: "a" }, heldWhole, [], [0, 1, 2, 3, 4]],
    ["none updated yet", "aaaaa", {}, heldWhole, [], [0, 1, 2, 3, 4]],
    ["none updated, by a partition", "aaaaa", { partition: 5 }, heldWhole, [], [0, 1, 2, 3, 4]],
    ["no pods at all", "", { replicas: 0 }, heldWhole, [], []],
    ["in the middle", "aaabb", {}, 3, [3, 4], [0, 1, 2]],
    ["one on its way out", "aaAbb", {}, 2, [2, 3, 4], [0, 1]],
    ["one is away", "aaa.b", {}, 3, [3, 4], [0, 1, 2]],
    ["an updated one is drained", "aaabB", {}, 3, [3, 4], [0, 1, 2]],
    ["the first to go is away", "aaaa.", {}, 4, [4], [0, 1, 2, 3]],
    ["all updated, the last not ready", "bbbbb", {}, 0, [0, 1, 2, 3, 4], []],
    ["a canary at rest", "aaaab", { partition: 4 }, 4, [4], [0, 1, 2, 3]],
    ["a canary, a held one drained", "aaaAb", { partition: 4 }, 4, [4], [0, 1, 2, 3]],
    ["updated ones below a raised partition", "aabbb", { partition: 4 }, 2, [2, 3, 4], [0, 1]],
    ["out of order, as Parallel does it", "ababa", {}, heldWhole, [], [0, 1, 2, 3, 4]],
    ["out of order below the top", "abaab", {}, 4, [4], [0, 1, 2, 3]],
    ["surplus pods", "aaabbaa", {}, 3, [3, 4], [0, 1, 2]],
  ])("%s (%s)", (_what, pods, options, partition, updated, held) => {
    const set = makeSet({ replicas: 5, update: "b", ...options });
    expect(planPause(set, podsOf(pods))).toMatchObject({ partition, updated, held });
  });

  it("counts from the start ordinal, and names ordinals", () => {
    const set = makeSet({ replicas: 5, update: "b", start: 5 });
    expect(planPause(set, podsOf("aaabb", 5))).toEqual({
      partition: 3,
      updated: [8, 9],
      held: [5, 6, 7],
      strays: [],
    });
  });

  it("names updated pods that would come back at the old revision", () => {
    const set = makeSet({ replicas: 5, update: "b" });
    expect(planPause(set, podsOf("abaab")).strays).toEqual([1]);
  });

  it("does not count what was never there one by one", () => {
    const set = makeSet({ replicas: 2_000_000_000, update: "b" });
    expect(planPause(set, podsOf("aaa"))).toMatchObject({ partition: 3, held: [0, 1, 2] });
  });

  it.each<[what: string, pods: string, before: number, after: number]>([
    ["is not raised by a template that changes again", "aaacc", 3, 3],
    ["goes down where the next pod had been replaced already", "aabbb", 3, 2],
    ["stays where a held pod is drained", "aaAbb", 3, 3],
    ["stays whole where nothing was updated", "aaaaa", heldWhole, heldWhole],
    ["goes down from whole where the first was replaced already", "aaaab", heldWhole, 4],
  ])("of a paused set %s", (_what, pods, before, after) => {
    const pause = { v: 1, partitionBefore: 0, partition: before };
    const set = paused(pause, { replicas: 5, update: "b", partition: before });
    expect(planPause(set, podsOf(pods)).partition).toBe(after);
  });

  it("of a paused set becomes whole once there is one revision, and begins anew where it was overridden", () => {
    const pause = { v: 1, partitionBefore: 0, partition: 0 };
    expect(planPause(paused(pause, { replicas: 2, partition: 0 }), podsOf("aa")).partition).toBe(heldWhole);
    const moved = paused(pause, { replicas: 5, update: "b", partition: 1 });
    expect(planPause(moved, podsOf("aaabb")).partition).toBe(3);
  });
});

describe("the annotation of a pause", () => {
  it("remembers the partition from before once, and gives it back", () => {
    const set = makeSet({ partition: 2 });
    const first = pausePatch(set, heldWhole);
    const text = `{"v":1,"partitionBefore":2,"partition":${heldWhole}}`;
    expect(first).toEqual({
      metadata: { resourceVersion: "1", annotations: { "sts/paused": text } },
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: heldWhole } } },
    });
    const held = makeSet({ partition: heldWhole, metadata: { annotations: { "sts/paused": text } } });
    expect(isOverridden(held)).toBe(false);
    expect(pausePatch(held, 3)).toMatchObject({
      metadata: { annotations: { "sts/paused": '{"v":1,"partitionBefore":2,"partition":3}' } },
    });
    expect(resumePatch(held)).toEqual({
      metadata: { resourceVersion: "1", annotations: { "sts/paused": null } },
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
    });
  });

  it("sees that somebody moved the partition", () => {
    expect(isOverridden(paused({ v: 1, partitionBefore: 0, partition: 3 }, { partition: 1 }))).toBe(true);
    expect(isOverridden(paused({ v: 1, partitionBefore: 0 }, { partition: 1 }))).toBe(false);
    expect(isOverridden(makeSet({ partition: 1 }))).toBe(false);
  });

  it("takes only itself away from a set that has no partition any more", () => {
    const set = paused({ v: 1, partitionBefore: 0, partition: 3 }, { strategy: "OnDelete" });
    expect(isOverridden(set)).toBe(false);
    expect(resumePatch(set)).toEqual({
      metadata: { resourceVersion: "1", annotations: { "sts/paused": null } },
    });
  });

  it.each([
    "{",
    "null",
    "7",
    '{"partitionBefore":"x","partition":[]}',
    '{"partitionBefore":2147483648,"partition":-1}',
  ])("counts as partition 0 before it where it cannot be read: %s", (text) => {
    const metadata = { annotations: { [pauseAnnotation]: text } };
    expect(pauseOf(makeSet({ metadata }))).toEqual({ v: 1, partitionBefore: 0 });
  });

  it("is not for strategies that replace nothing one by one", () => {
    expect(() => checkCanPause(makeSet())).not.toThrow();
    expect(() => checkCanPause(makeSet({ strategy: "OnDelete" }))).toThrow(UsageError);
    expect(() => checkCanPause(makeSet({ strategy: "OnDelete" }))).toThrow(
      "web is updated by OnDelete: its pods are replaced only when somebody deletes them",
    );
    expect(() => checkCanPause(makeSet({ strategy: "Recreate" }))).toThrow("only RollingUpdate can be held");
  });
});
