import type { Context } from "../../context.js";
import type { EndEvent } from "../../core/progress/events.js";
import type { Flag } from "./command.js";

export const reportFlag: Flag = {
  name: "report",
  value: "FILE",
  help: "write how the rollout went to a file, .md for a pull request or .json",
  completes: "file",
};

/** One part of a rollout that was waited for: the whole of it, or one of its steps. */
export interface ReportPart {
  /** `step 1 of 3: web-4`. */
  title: string;
  end: EndEvent;
}

/** Writes down how a rollout went, where the user wants it. */
export async function reportRollout(
  context: Pick<Context, "files" | "env">,
  parts: readonly ReportPart[],
  file: string | undefined,
): Promise<void> {
  if (file === undefined || parts.length === 0) return;
  await context.files.write(file, `${JSON.stringify({ v: 1, parts }, undefined, 2)}\n`);
}
