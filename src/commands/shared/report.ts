import type { Context } from "../../context.js";
import { UsageError } from "../../core/errors.js";
import { createReport, type Report, type ReportPart } from "../../core/report/report.js";
import { ExitCode } from "../../errors.js";
import type { Flag } from "./command.js";
import type { Input } from "./input.js";

export type { ReportPart } from "../../core/report/report.js";

export const reportFlag: Flag = {
  name: "report",
  value: "FILE",
  help: "write how the rollout went to a file, .md for a pull request or .json",
  completes: "file",
};

/** The file that `--report` names. Throws a UsageError for one whose name does not say what is to be in it. */
export function readReport(input: Input): string | undefined {
  const file = input.text("report");
  if (file !== undefined && !formatOf(file)) {
    throw new UsageError(`--report=${file}: the name has to end in .md (Markdown) or .json`);
  }
  return file;
}

/**
 * Writes down how a rollout went: to the file that the user wants, and in GitHub's CI also on the page of the run. Never
 * throws: how the rollout went has been told by then, and is not to be lost. Returns Error where the file could not be
 * written, which has been said; the graver of that and the rollout's own code is the command's.
 */
export async function reportRollout(
  context: Pick<Context, "files" | "env" | "err">,
  parts: readonly ReportPart[],
  file: string | undefined,
): Promise<ExitCode> {
  const summary = context.env["GITHUB_STEP_SUMMARY"];
  if (parts.length === 0 || (file === undefined && !summary)) return ExitCode.Done;
  const report = createReport(parts);
  if (summary) {
    const failure = await attempt(async () => context.files.append(summary, await textOf(report, "md")));
    if (failure) context.err.write(`warning: cannot add to GITHUB_STEP_SUMMARY: ${failure}\n`);
  }
  if (file === undefined) return ExitCode.Done;
  const failure = await attempt(async () =>
    context.files.write(file, await textOf(report, formatOf(file) ?? "json")),
  );
  if (failure) context.err.write(`error: cannot write the report to ${file}: ${failure}\n`);
  return failure ? ExitCode.Error : ExitCode.Done;
}

type Format = "md" | "json";

function formatOf(file: string): Format | undefined {
  return (["md", "json"] as const).find((format) => file.toLowerCase().endsWith(`.${format}`));
}

async function textOf(report: Report, format: Format): Promise<string> {
  const { formatReportJson, formatReportMarkdown } = await import("../../view/report.js");
  return format === "md" ? formatReportMarkdown(report) : formatReportJson(report);
}

/** What went wrong, if anything did. */
async function attempt(write: () => Promise<void>): Promise<string | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
