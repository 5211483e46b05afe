import { describe, expect, it } from "vitest";
import type { EndEvent } from "../../../src/core/progress/events.js";
import { createReport } from "../../../src/core/report/report.js";

function end(set: string, at: number, change: Partial<EndEvent> = {}): EndEvent {
  return {
    ...{ v: 1, time: new Date(at * 1_000).toISOString(), type: "end", namespace: "default", set },
    ...{ state: "Done", reason: "Settled", message: "done", exitCode: 0, seconds: 10 },
    ...{ ordinals: [], log: [], events: [], next: [] },
    ...change,
  };
}

describe("a report", () => {
  it("has the parts of each set in order of time", () => {
    const { rollouts } = createReport([
      { title: "step 2", end: end("db", 90) },
      { title: "web", end: end("web", 40) },
      { title: "step 1", end: end("db", 30, { seconds: 20 }) },
    ]);
    expect(
      rollouts.map(({ set, seconds, parts }) => [set, seconds, parts.map(({ title }) => title)]),
    ).toEqual([
      ["db", 80, ["step 1", "step 2"]],
      ["web", 10, ["web"]],
    ]);
    expect(rollouts[0]).toMatchObject({
      startedAt: "1970-01-01T00:00:10.000Z",
      endedAt: "1970-01-01T00:01:30.000Z",
    });
  });

  it("says what went wrong, though the way back went well", () => {
    const failed = { state: "Failed" as const, reason: "SoakFailed", message: "db-4 restarted", exitCode: 4 };
    const { rollouts } = createReport([
      { title: "step 1", end: end("db", 10) },
      { title: "step 2", end: end("db", 20, failed) },
      { title: "back", end: end("db", 30) },
    ]);
    expect(rollouts).toMatchObject([failed]);
  });

  it("is empty without parts", () => {
    expect(createReport([])).toEqual({ v: 1, rollouts: [] });
  });
});
