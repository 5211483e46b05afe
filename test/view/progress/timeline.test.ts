import { describe, expect, it } from "vitest";
import type { EndEvent, OrdinalSummary } from "../../../src/core/progress/events.js";
import type { TimedPhase } from "../../../src/core/progress/timing.js";
import { axisLine } from "../../../src/view/progress/axis.js";
import { barCells, paintCells, type BarRow } from "../../../src/view/progress/bars.js";
import { summaryLines } from "../../../src/view/progress/summary.js";
import { sanitize } from "../../../src/view/sanitize.js";
import { createTheme } from "../../../src/view/theme.js";

const plain = createTheme(false);

/** Stretches from a moment on: `[["terminating", 2], ["", 1], ["starting", 4]]`; without a name, there is none. */
function stretchesFrom(from: number, parts: readonly (readonly [TimedPhase | "", number])[]) {
  let moment = from;
  return parts.flatMap(([phase, seconds]) => {
    moment += seconds;
    return phase === "" ? [] : [{ phase, from: moment - seconds, to: moment }];
  });
}

const total = (parts: readonly (readonly [string, number])[]): number =>
  parts.reduce((sum, [, seconds]) => sum + seconds, 0);

interface Case {
  parts: [TimedPhase | "", number][];
  from?: number;
  end?: BarRow["end"];
  restarts?: number[];
  ascii?: boolean;
}

describe("a bar", () => {
  /** Eleven cells, a second each; the last is the end's. */
  const bar = ({ parts, from = 0, end = "ready", restarts = [], ascii = false }: Case): string =>
    paintCells(
      barCells(
        { from, seconds: total(parts), stretches: stretchesFrom(from, parts), restarts, end },
        { width: 11, seconds: 10 },
      ),
      plain,
      ascii,
    );

  it.each<[string, Case, string]>([
    [
      "has a cell for what took most of its time",
      {
        parts: [
          ["terminating", 2],
          ["scheduling", 0.6],
          ["volumes", 1.4],
          ["images", 3],
          ["starting", 3],
        ],
      },
      "▓▓░░▒▒▒███┃",
    ],
    ["begins when the ordinal did", { from: 6, parts: [["starting", 2]] }, "      ██┃  "],
    [
      "shows the time without a pod",
      {
        parts: [
          ["terminating", 2],
          ["", 3],
          ["starting", 2],
        ],
      },
      "▓▓···██┃   ",
    ],
    [
      "shows a time of readiness as nothing after the sign",
      {
        parts: [
          ["starting", 2],
          ["", 3],
          ["notReady", 2],
        ],
      },
      "██┃  ▚▚┃   ",
    ],
    [
      "shows restarts, also where it ends",
      {
        parts: [
          ["starting", 3],
          ["notReady", 5],
        ],
        restarts: [3, 8],
        end: "failed",
      },
      "███↻▚▚▚↻✗  ",
    ],
    [
      "shows min-ready",
      {
        parts: [
          ["starting", 2],
          ["minReady", 5],
        ],
      },
      "██─────┃   ",
    ],
    ["ends as gone", { parts: [["terminating", 4]], end: "gone" }, "▓▓▓▓○      "],
    ["is one sign for what took no time", { from: 10, parts: [], end: "gone" }, "          ○"],
    [
      "leaves out what took too little",
      {
        parts: [
          ["terminating", 0.2],
          ["starting", 4],
        ],
      },
      "████┃      ",
    ],
    [
      "has letters",
      {
        parts: [
          ["terminating", 1],
          ["volumes", 1],
          ["images", 1],
          ["starting", 1],
          ["notReady", 1],
          ["minReady", 1],
        ],
        ascii: true,
      },
      "tsi#n-|    ",
    ],
  ])("%s", (_what, drawn, expected) => {
    expect(bar(drawn)).toBe(expected);
  });

  it("is all in one cell where nothing took time", () => {
    const row = { from: 0, seconds: 0, stretches: [], restarts: [], end: "ready" as const };
    expect(paintCells(barCells(row, { width: 4, seconds: 0 }), plain, false)).toBe("┃   ");
  });
});

describe("an axis", () => {
  it.each([
    [24, 0, "0 s"],
    [25, 0.9, "0 s          0.5 s"],
    [25, 4, "0 s         2 s"],
    [46, 90, "0 s            30 s           60 s"],
    [31, 90, "0 s       30 s      60 s"],
    [61, 300, "0 s         1 min       2 min       3 min       4 min"],
    [41, 9_000, "0 s     30 min  1 h     90 min  2 h"],
    [41, 200_000, "0 s              24 h             48 h"],
  ])("of %i cells for %f s", (width, seconds, line) => {
    expect(axisLine({ width, seconds })).toBe(line);
  });
});

/** Three ordinals replaced one after the other, as a cluster does. */
function rollout(change: Partial<EndEvent> = {}): EndEvent {
  const moved = (ordinal: number, from: number, parts: [TimedPhase, number][]): OrdinalSummary => ({
    ...{ ordinal, pod: `db-${ordinal}`, outcome: "ready", seconds: total(parts), from, restarts: [] },
    ...{ stretches: stretchesFrom(from, parts), phases: Object.fromEntries(parts) },
    ...{ revisionBefore: "db-6d9f8c7b5", revisionAfter: "db-84c7b9d6f" },
  });
  return {
    ...{ v: 1, time: "2026-11-21T10:00:00.000Z", type: "end", namespace: "default", set: "db" },
    ...{ operation: "rollout", state: "Done", reason: "Settled", message: "3 of 3 ready", exitCode: 0 },
    ...{ seconds: 60, log: [], events: [], next: [] },
    ordinals: [
      moved(2, 0, [
        ["terminating", 4],
        ["scheduling", 0.5],
        ["volumes", 3.5],
        ["images", 6],
        ["starting", 6],
      ]),
      moved(1, 20, [
        ["terminating", 2],
        ["volumes", 4],
        ["images", 12],
        ["starting", 2],
      ]),
      moved(0, 40, [
        ["terminating", 8],
        ["images", 2],
        ["starting", 6],
        ["minReady", 4],
      ]),
    ],
    ...change,
  };
}

function drawn(event: EndEvent, columns: number, { ascii = false, colours = false } = {}): string[] {
  return summaryLines(event, { theme: createTheme(colours), columns, ascii });
}

describe("the timeline of a rollout", () => {
  it("fits 80 columns", () => {
    expect(drawn(rollout(), 80).join("\n")).toMatchInlineSnapshot(`
      "        0 s      15 s      30 s      45 s
        db-2  ▓▓▓░░▒▒▒▒████┃                            6d9f8c7b5 → 84c7b9d6f  20.0 s
        db-1               ▓░░░▒▒▒▒▒▒▒▒█┃               6d9f8c7b5 → 84c7b9d6f  20.0 s
        db-0                            ▓▓▓▓▓▒████───┃  6d9f8c7b5 → 84c7b9d6f  20.0 s
        ▓ stopping  ░ scheduling and volumes  ▒ image  █ starting  ─ min-ready
        ┃ ready"
    `);
  });

  it("says where the time went in numbers too where there is room", () => {
    expect(drawn(rollout(), 200).join("\n")).toMatchInlineSnapshot(`
      "        0 s      10 s      20 s      30 s      40 s      50 s
        db-2  ▓▓▓▓░░░░▒▒▒▒▒▒█████┃                                          6d9f8c7b5 → 84c7b9d6f  20.0 s  terminating 4.0 · scheduling 0.5 · volumes 3.5 · image 6.0 · starting 6.0
        db-1                      ▓▓░░░░▒▒▒▒▒▒▒▒▒▒▒██┃                      6d9f8c7b5 → 84c7b9d6f  20.0 s  terminating 2.0 · volumes 4.0 · image 12.0 · starting 2.0
        db-0                                         ▓▓▓▓▓▓▓▓▒▒██████────┃  6d9f8c7b5 → 84c7b9d6f  20.0 s  terminating 8.0 · image 2.0 · starting 6.0 · min-ready 4.0
        ▓ stopping  ░ scheduling and volumes  ▒ image  █ starting  ─ min-ready  ┃ ready"
    `);
  });

  it("loses its last columns first", () => {
    expect(drawn(rollout(), 62).join("\n")).toMatchInlineSnapshot(`
      "        0 s           30 s
        db-2  ▓▓░░▒▒▒██┃                      6d9f8c7b5 → 84c7b9d6f
        db-1            ▓░░▒▒▒▒▒█┃            6d9f8c7b5 → 84c7b9d6f
        db-0                     ▓▓▓▓▒███──┃  6d9f8c7b5 → 84c7b9d6f
        ▓ stopping  ░ scheduling and volumes  ▒ image  █ starting
        ─ min-ready  ┃ ready"
    `);
  });

  it("is a list in a narrow window", () => {
    expect(drawn(rollout(), 40).join("\n")).toMatchInlineSnapshot(`
      "  db-2  ready in 20.0 s   terminating 4.0 · scheduling 0.5 · volumes 3.5 · image 6.0 · starting 6.0
        db-1  ready in 20.0 s   terminating 2.0 · volumes 4.0 · image 12.0 · starting 2.0
        db-0  ready in 20.0 s   terminating 8.0 · image 2.0 · starting 6.0 · min-ready 4.0"
    `);
  });

  it("has letters where signs may not be seen", () => {
    const lines = drawn(rollout(), 80, { ascii: true });
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "        0 s      15 s      30 s      45 s
        db-2  tttssiiii####|                            6d9f8c7b5 -> 84c7b9d6f  20.0 s
        db-1               tsssiiiiiiii#|               6d9f8c7b5 -> 84c7b9d6f  20.0 s
        db-0                            ttttti####---|  6d9f8c7b5 -> 84c7b9d6f  20.0 s
        t stopping  s scheduling and volumes  i image  # starting  - min-ready
        | ready"
    `);
    // oxlint-disable-next-line no-control-regex -- they are what this is about
    expect(lines.join("")).toMatch(/^[\u0020-\u007e]*$/);
  });

  it("ends in what is wrong with an ordinal that never got ready", () => {
    const event = rollout({ state: "Failed" });
    const [first, stuck] = event.ordinals;
    if (!first || !stuck) throw new Error("two ordinals");
    const open: OrdinalSummary = {
      ...{ ...stuck, outcome: "open", state: "CrashLoopBackOff", restarts: [30, 35], seconds: 22 },
      stretches: stretchesFrom(20, [
        ["terminating", 2],
        ["images", 4],
        ["starting", 4],
        ["notReady", 12],
      ]),
    };
    expect(drawn({ ...event, ordinals: [first, open] }, 80).join("\n")).toMatchInlineSnapshot(`
      "        0 s       15 s      30 s
        db-2  ▓▓▓░░░▒▒▒▒███┃                  6d9f8c7b5 → 84c7b9d6f  20.0 s
        db-1                ▓▒▒▒██↻▚▚▚↻▚▚▚▚✗  6d9f8c7b5 → 84c7b9d6f  CrashLoopBackOff
        ▓ stopping  ░ scheduling and volumes  ▒ image  █ starting  ▚ not ready
        ↻ restart  ┃ ready"
    `);
    expect(drawn({ ...event, ordinals: [first, open] }, 40).at(-1)).toMatch(
      /^ {2}db-1 {2}CrashLoopBackOff {3}/,
    );
  });

  it("says the same with colours", () => {
    const coloured = drawn(rollout(), 80, { colours: true }).join("\n");
    expect(sanitize(coloured)).toBe(drawn(rollout(), 80).join("\n"));
    expect(coloured).toContain("\u001b[32m┃\u001b[39m");
  });

  it("is never wider than the window", () => {
    const named = rollout({ set: "a-database-with-quite-a-long-name" });
    for (const ordinal of named.ordinals)
      ordinal.pod = `a-database-with-quite-a-long-name-${ordinal.ordinal}`;
    for (let columns = 60; columns < 200; columns += 1) {
      for (const event of [rollout(), named]) {
        const lines = drawn(event, columns);
        if (lines.some((line) => line.includes("┃"))) {
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
        }
      }
    }
  });

  it("shows the slowest of many, and all that are stuck", () => {
    const many = rollout({ state: "Failed" });
    const [one] = many.ordinals;
    if (!one) throw new Error("an ordinal");
    many.ordinals = Array.from({ length: 50 }, (_, ordinal) => ({
      ...{ ...one, ordinal, pod: `db-${ordinal}`, seconds: 10 + ordinal },
      ...(ordinal === 0 && { outcome: "open" as const, state: "Pending", seconds: 1 }),
    }));
    const lines = drawn(many, 80);
    expect(lines.filter((line) => line.startsWith("  db-"))).toHaveLength(20);
    expect(lines.at(-1)).toBe("  and 30 quicker ones");
    expect(lines[1]).toMatch(/^ {2}db-0 .*✗.*Pending$/);
  });

  it("is for rollouts only, and nothing where nothing moved", () => {
    expect(drawn(rollout({ operation: "scale" }), 80)[0]).toBe(
      "  db-2  ready in 20.0 s   terminating 4.0 · scheduling 0.5 · volumes 3.5 · image 6.0 · starting 6.0",
    );
    expect(drawn(rollout({ ordinals: [] }), 80)).toEqual([]);
  });
});
