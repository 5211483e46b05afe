import { describe, expect, it } from "vitest";
import { Input } from "../../../src/commands/shared/input.js";
import { readReport, reportRollout, type ReportPart } from "../../../src/commands/shared/report.js";
import { UsageError } from "../../../src/core/errors.js";
import { ExitCode } from "../../../src/errors.js";
import { testContext, testFiles } from "../../support/test-context.js";

const part: ReportPart = {
  title: "nginx → nginx:2",
  end: {
    ...{ v: 1, time: "2026-11-21T10:00:20.000Z", type: "end", namespace: "default", set: "web" },
    ...{ state: "Done", reason: "Settled", message: "2 of 2 ready", exitCode: 0, seconds: 20 },
    ...{ ordinals: [], log: [], events: [], next: [] },
  },
};

const input = (file: string): Input => new Input([], [], new Map([["report", [file]]]));

describe("--report", () => {
  it.each(["r.md", "a/b.JSON", "./x.json"])("takes %s", (file) => {
    expect(readReport(input(file))).toBe(file);
  });

  it.each(["r.txt", "md", "", "report.md.gz"])("refuses %j", (file) => {
    expect(() => readReport(input(file))).toThrow(UsageError);
  });

  it("writes what the file's name asks for", async () => {
    const files: Record<string, string> = {};
    const context = testContext({ files: testFiles(files) });
    expect(await reportRollout(context, [part], "r.md")).toBe(ExitCode.Done);
    expect(await reportRollout(context, [part], "r.json")).toBe(ExitCode.Done);
    expect(files["r.md"]).toContain("## default/web: ✓ done in 20.0 s\n\nnginx → nginx:2\n");
    expect(JSON.parse(files["r.json"] ?? "")).toMatchObject({ v: 1, rollouts: [{ set: "web" }] });
    expect(context.err.text).toBe("");
  });

  it("says that it could not, and does not throw", async () => {
    const broken = { ...testFiles(), write: () => Promise.reject(new Error("EACCES: permission denied")) };
    const context = testContext({ files: broken });
    expect(await reportRollout(context, [part], "/r.md")).toBe(ExitCode.Error);
    expect(context.err.text).toBe("error: cannot write the report to /r.md: EACCES: permission denied\n");
  });

  it("adds to the page of a CI run, and only warns where it cannot", async () => {
    const files: Record<string, string> = { "/summary": "before\n" };
    const env = { GITHUB_STEP_SUMMARY: "/summary" };
    const context = testContext({ files: testFiles(files), env });
    expect(await reportRollout(context, [part], undefined)).toBe(ExitCode.Done);
    expect(files["/summary"]).toMatch(/^before\n## default\/web: ✓ done/);

    const broken = { ...testFiles(), append: () => Promise.reject(new Error("ENOSPC")) };
    const full = testContext({ files: broken, env });
    expect(await reportRollout(full, [part], undefined)).toBe(ExitCode.Done);
    expect(full.err.text).toBe("warning: cannot add to GITHUB_STEP_SUMMARY: ENOSPC\n");
  });

  it("is nothing where nothing was waited for", async () => {
    const context = testContext({ env: { GITHUB_STEP_SUMMARY: "/summary" } });
    expect(await reportRollout(context, [], "r.md")).toBe(ExitCode.Done);
  });
});
