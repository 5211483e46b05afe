import { describe, expect, it } from "vitest";
import type { ResizePlan } from "../../../src/core/claims/resize/plan.js";
import { growthLines, GrowthTable, type GrowthRow } from "../../../src/view/claims/resize-live.js";
import { resizePlanText } from "../../../src/view/claims/resize.js";
import { planned } from "../../core/claims/resize/build.js";

const none: ResizePlan = { claims: [], templates: [], kept: [], leftOver: [], larger: [], obstacles: [] };

function text(plan: Partial<ResizePlan>, restartIfNeeded = false): string {
  const users = new Map([["data-web-0", ["web-0"]]]);
  return resizePlanText({ ...none, ...plan }, { namespace: "prod", name: "web", users, restartIfNeeded });
}

describe("the plan of a resize", () => {
  it("shows each claim, then the set", () => {
    const claims = [
      planned("data-web-0", "2Gi", { asks: "1Gi" }),
      planned("data-web-1", "2Gi", { asks: "2Gi" }),
      planned("data-web-2", "2Gi", { asks: "5Gi" }),
    ];
    expect(text({ claims, templates: [{ name: "data", from: "1Gi", to: "2Gi" }] }, true)).toBe(
      `prod/web: 3 claims to resize
  data-web-0   1Gi → 2Gi   standard   in use by web-0
  data-web-1   1Gi → 2Gi   standard   no pod has it     asked for already
  data-web-2   1Gi → 2Gi   standard   no pod has it     5Gi was asked for
  file systems grow while the pods run; where the driver cannot do that,
  pods are restarted one at a time, the highest ordinal first
  then template data 1Gi → 2Gi:
  the set is deleted and made anew around its pods, which run on
`,
    );
  });

  it("says what stays as it is", () => {
    const leftOver = [planned("data-web-7", "2Gi").claim];
    const shown = text({ kept: [{ name: "data", from: "1Gi", to: "2Gi" }], leftOver });
    expect(shown).toContain("prod/web: nothing to resize\n");
    expect(shown).toContain("template data stays at 1Gi");
    expect(shown).toContain("no replica uses them: data-web-7\n");
    expect(text({ templates: [{ name: "data", from: "1Gi", to: "2Gi" }] })).toContain(
      "prod/web: only the template changes\n",
    );
    expect(text({ larger: [planned("data-web-3", "2Gi", { has: "5Gi" })] })).toContain(
      "as they have more: data-web-3 (5Gi)\n",
    );
  });
});

function rows(count: number, done = 0): GrowthRow[] {
  return Array.from({ length: count }, (_unused, index) => ({
    ...{ name: `data-web-${index}`, from: "1Gi", to: "2Gi" },
    state: index < done ? "Resized" : "Resizing",
  }));
}

describe("the table of claims that grow", () => {
  const at = { elapsedMs: 4_200, columns: 80, rows: 24 };

  it("has a row for each, and how many are done", () => {
    expect(growthLines(rows(2, 1), at)).toEqual([
      "  data-web-0   1Gi → 2Gi   Resized",
      "  data-web-1   1Gi → 2Gi   ⠙ Resizing",
      "  1 of 2 have their size · 4.2 s · Ctrl-C leaves the cluster as it is",
    ]);
  });

  it("keeps to the window: what moves goes first", () => {
    const lines = growthLines(rows(100, 50), { ...at, columns: 30, rows: 8 });
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain("data-web-50");
    expect(lines[4]).toBe("  and 46 more");
    for (const line of lines) expect(line.length).toBeLessThan(30);
  });

  it("gives way to what is written beside it, and gives the cursor back", () => {
    let written = "";
    const sink = { write: (more: string) => (written += more), isTerminal: true, colours: false };
    const clock = { now: () => 0, after: () => () => undefined, sleep: async () => undefined };
    const size = { columns: 80, rows: 24, onResize: () => () => undefined };
    const table = new GrowthTable({ ...sink, ...size }, clock);
    table.update(rows(1));
    written = "";
    table.aside(() => (written += "something else\n"));
    const [before = "", after = ""] = written.split("something else\n");
    expect(before).toContain("\u001b[2A\u001b[J");
    expect(after).toContain("data-web-0");
    table.close();
    expect(written.endsWith("\u001b[?25h")).toBe(true);
  });
});
