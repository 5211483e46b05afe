import { describe, expect, it } from "vitest";
import type { Pod } from "../../../../src/core/model.js";
import { beginSoak, judgeSoak, soakBreaks, type Soak } from "../../../../src/core/progress/rules/soak.js";
import { takeSnapshot, type Snapshot } from "../../../../src/core/progress/snapshot.js";
import type { Verdict } from "../../../../src/core/progress/verdict.js";
import { makePod, makeSet, type SetOptions } from "../../../support/objects.js";

const start = Date.parse("2026-11-21T11:00:00Z");
/** The server's clock is this far ahead of ours. */
const skew = 3_600_000;
const naming = { program: "sts" };
const canary: SetOptions = { replicas: 3, current: "a", update: "b", partition: 2 };
const at = (second: number): string => new Date(start + skew + second * 1_000).toISOString();

/** web-2 is staged at revision b, the others are held at a. */
const staged: Pod[] = [makePod(0), makePod(1), makePod(2, "ready", { revision: "b" })];

function snapshot(second: number, pods: Pod[], set: SetOptions = canary): Snapshot {
  const rest = { namespace: "default", name: "web", uid: "uid-web", claims: [], events: [] };
  return takeSnapshot({ ...rest, set: makeSet(set), pods, now: start + skew + second * 1_000 });
}

const soak: Soak = beginSoak(snapshot(0, staged), 60_000, start);
const done: Verdict = {
  state: "Done",
  reason: "Settled",
  message: "3 of 3 ready; web-0 and web-1 held at an older revision (partition 2)",
  next: [],
};

function judgedAt(second: number, pods: Pod[], verdict = done, set = canary): Verdict {
  const now = start + second * 1_000;
  const broken = soakBreaks(soak, snapshot(second, pods, set), now).find(({ counts }) => counts);
  return judgeSoak(verdict, soak, { broken, now, set: "web", naming });
}

/** A ready pod whose container ran before, and ended. */
function restarted(ordinal: number, second: number, ended: object, revision = "b"): Pod {
  const pod = makePod(ordinal, "ready", { revision, restarts: 1, at: at(second + 2) });
  for (const status of pod.status?.containerStatuses ?? []) {
    status.lastState = { terminated: { exitCode: 1, finishedAt: at(second), ...ended } };
  }
  return pod;
}

describe("a soak", () => {
  it("is under way, then over", () => {
    expect(judgedAt(41.7, staged)).toMatchObject({
      state: "InProgress",
      reason: "Soaking",
      message: "soaking 41 of 60 s",
    });
    expect(judgedAt(60, staged)).toEqual({
      ...done,
      message: "3 of 3 ready; soaked 60 s; web-0 and web-1 held at an older revision (partition 2)",
    });
  });

  it.each<[string, Pod[], string]>([
    [
      "a restart, found later",
      [restarted(2, 20, {})],
      "web-2 restarted 20 s into the soak (exit code 1, 1 restart)",
    ],
    [
      "a restart for want of memory",
      [restarted(2, 20, { exitCode: 137, reason: "OOMKilled" })],
      "web-2 restarted 20 s into the soak (OOMKilled, 1 restart)",
    ],
    [
      "a crash loop",
      [makePod(2, "crash", { revision: "b", restarts: 3, at: at(12) })],
      "web-2 restarted 12 s into the soak (exit code 1, 3 restarts)",
    ],
    [
      "a lost Ready",
      [makePod(2, "running", { revision: "b", at: at(30) })],
      "web-2 stopped being ready 30 s",
    ],
    [
      "a Ready that came back",
      [makePod(2, "ready", { revision: "b", at: at(35) })],
      "web-2 stopped being ready and was ready again 35 s",
    ],
    [
      "another pod",
      [makePod(2, "ready", { revision: "b", uid: "other", created: at(7) })],
      "web-2 was made anew 7 s",
    ],
    ["a deletion", [makePod(2, "terminating", { revision: "b" })], "web-2 was deleted 40 s"],
    ["an eviction", [makePod(2, "failed", { revision: "b" })], "web-2 ended 40 s into the soak (Failed)"],
    ["no pod", [], "web-2 was gone 40 s into the soak"],
  ])("is failed by %s", (_what, pods, message) => {
    const held = staged.slice(0, 2);
    const verdict = judgedAt(40, [...held, ...pods]);
    expect(verdict).toMatchObject({ state: "Failed", reason: "SoakFailed", ordinal: 2 });
    expect(verdict.message).toContain(message);
    // Nor is it forgotten at the end.
    expect(judgedAt(61, [...held, ...pods]).state).toBe("Failed");
  });

  it("names the log of a container that ended, and the page of a set whose pod is gone", () => {
    expect(judgedAt(40, [...staged.slice(0, 2), restarted(2, 1, {})]).next).toEqual([
      { label: "see more", command: "kubectl logs web-2 --previous" },
    ]);
    expect(judgedAt(40, staged.slice(0, 2)).next).toEqual([{ label: "see more", command: "sts status web" }]);
  });

  it("is not failed by a held pod, which is told apart", () => {
    const pods = [makePod(0), restarted(1, 20, {}, "a"), makePod(2, "ready", { revision: "b" })];
    expect(judgedAt(40, pods)).toMatchObject({ state: "InProgress" });
    expect(soakBreaks(soak, snapshot(40, pods), start + 40_000)).toMatchObject([
      { name: "web-1", counts: false, words: "restarted 20 s into the soak (exit code 1, 1 restart)" },
    ]);
  });

  it("is not failed by an ordinal that was scaled away", () => {
    expect(judgedAt(40, staged.slice(0, 2), done, { ...canary, replicas: 2 }).state).toBe("InProgress");
  });

  it("knows restarts from before", () => {
    const pods = [makePod(0, "ready", { restarts: 4 })];
    const before = beginSoak(snapshot(0, pods, { replicas: 1 }), 60_000, start);
    expect(soakBreaks(before, snapshot(10, pods, { replicas: 1 }), start + 10_000)).toEqual([]);
  });

  it("waits on where the set is not done, and is silent about somebody else's change", () => {
    const open: Verdict = {
      ...done,
      state: "InProgress",
      message: "2 of 3 ready, waiting for web-0: Pending",
    };
    expect(judgedAt(5, staged, open).message).toBe(
      "soaking 5 of 60 s: 2 of 3 ready, waiting for web-0: Pending",
    );
    expect(judgedAt(70, staged, open)).toEqual(open);
    const changed: Verdict = { ...done, state: "Conflict", reason: "Changed" };
    expect(judgedAt(40, [], changed)).toEqual(changed);
  });

  it("says long times in minutes", () => {
    const long = beginSoak(snapshot(0, staged), 300_000, start);
    const verdict = judgeSoak(done, long, { broken: undefined, now: start + 123_000, set: "web", naming });
    expect(verdict.message).toBe("soaking 2 min 3 s of 5 min");
  });
});
