import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Goal } from "../../../src/core/progress/goal.js";
import { takeSnapshot, type Observation } from "../../../src/core/progress/snapshot.js";
import { judge, type Verdict } from "../../../src/core/progress/verdict.js";
import {
  makeClaim,
  makeEvent,
  makePod,
  makeSet,
  type PodOptions,
  type PodStage,
  type SetOptions,
} from "../../support/objects.js";

const folder = new URL("../../fixtures/verdicts/", import.meta.url);
const start = Date.parse("2026-11-21T10:00:00Z");

interface Times {
  at?: number;
  first?: number;
  uid?: string;
}

interface Step {
  now?: number;
  set?: SetOptions;
  pods: [ordinal: number, stage: PodStage, options?: PodOptions][];
  claims?: [name: string, phase: "Pending" | "Bound" | "Lost", metadata?: object][];
  events?: [reason: string, message: string, times?: Times][];
  claimEvents?: [claim: string, reason: string, message: string][];
  podEvents?: [ordinal: number, reason: string, message: string, times?: Times][];
  verdict: Partial<Verdict>;
  next?: string[];
}

const time = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();

function timed({ at = 0, first = at, uid }: Times = {}) {
  return { at: time(at), first: time(first), ...(uid !== undefined && { uid }) };
}

function observe(step: Step): Observation {
  const setEvents = (step.events ?? []).map(([reason, message, times]) =>
    makeEvent(reason, message, { kind: "StatefulSet", about: "web", uid: "uid-web", ...timed(times) }),
  );
  const podEvents = (step.podEvents ?? []).map(([ordinal, reason, message, times]) =>
    makeEvent(reason, message, { about: `web-${ordinal}`, uid: `web-${ordinal}-a`, ...timed(times) }),
  );
  const claimEvents = (step.claimEvents ?? []).map(([claim, reason, message]) =>
    makeEvent(reason, message, { kind: "PersistentVolumeClaim", about: claim }),
  );
  return {
    namespace: "default",
    name: "web",
    uid: "uid-web",
    set: step.set && makeSet(step.set),
    pods: step.pods.map(([ordinal, stage, options]) => makePod(ordinal, stage, options)),
    claims: (step.claims ?? []).map(([name, phase, metadata]) => makeClaim(name, phase, metadata)),
    events: [...setEvents, ...podEvents, ...claimEvents],
    now: start + (step.now ?? 0) * 1_000,
  };
}

describe.each(readdirSync(folder))("verdicts: %s", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const { goal, steps, unstick } = parse(text) as { goal: Goal; steps: Step[]; unstick?: boolean };

  it.each(steps.map((step, index) => [index + 1, step] as const))("step %i", (_, step) => {
    const verdict = judge(takeSnapshot(observe(step)), { goal, unstick, naming: { program: "sts" } });
    expect(verdict).toMatchObject(step.verdict);
    if (step.next) expect(verdict.next.map(({ command }) => command)).toEqual(step.next);
  });
});

describe("judge", () => {
  it("writes commands for the namespace and the program at hand", () => {
    const step: Step = { set: {}, pods: [[0, "crash", { restarts: 2 }]], verdict: {} };
    const naming = { program: "kubectl sts", namespace: "prod" };
    const { next } = judge(takeSnapshot(observe(step)), { goal: { type: "settled" }, naming });
    expect(next).toEqual([{ label: "see more", command: "kubectl logs web-0 --previous -n prod" }]);
  });

  it("takes a pod that nobody controls for the set's when it has its name and labels", () => {
    const step = { set: { replicas: 1 }, pods: [], verdict: {} };
    const orphan = makePod(0, "ready", { owner: null });
    const stranger = makePod(0, "ready", { owner: null, labels: { app: "other" } });
    const verdicts = [orphan, stranger].map((pod) =>
      judge(takeSnapshot({ ...observe(step), pods: [pod] }), {
        goal: { type: "settled" },
        naming: { program: "sts" },
      }),
    );
    expect(verdicts.map(({ state }) => state)).toEqual(["Done", "InProgress"]);
  });

  it("looks at a set of two thousand million replicas without counting them all", () => {
    const step = { set: { replicas: 2_000_000_000 }, pods: [], verdict: {} };
    expect(
      judge(takeSnapshot(observe(step)), { goal: { type: "settled" }, naming: { program: "sts" } }),
    ).toMatchObject({
      state: "InProgress",
      ordinal: 0,
    });
  });
});
