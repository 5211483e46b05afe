import { unifiedDiff } from "../../../src/view/unified-diff.js";
import { createTheme } from "../../../src/view/theme.js";
import type { Ran } from "../support/side.js";
import type { Step } from "./run.js";

/** What two clusters answered to the same lines. */
interface Verdict {
  agree: number;
  explained: number;
  /** Each names its command and shows the difference; empty when all is well. */
  differences: string[];
}

const plain = createTheme(false);

export function compare(ours: readonly Step[], real: readonly Step[]): Verdict {
  const verdict: Verdict = { agree: 0, explained: 0, differences: [] };
  for (const [index, { line, ran }] of real.entries()) {
    const step = ours[index];
    if (!step || step.line !== line || ran.code === -1)
      return { ...verdict, differences: [...verdict.differences, brokenOff(step, { line, ran })] };
    const difference = differenceOf(step.ran, ran, line.differs !== undefined);
    if (difference !== undefined) verdict.differences.push(`$ kubectl ${line.run}\n${difference}`);
    else if (line.differs === undefined) verdict.agree += 1;
    else verdict.explained += 1;
  }
  return verdict;
}

/** A wait in vain ends a section. */
function brokenOff(ours: Step | undefined, real: Step): string {
  const [where, step] = ours?.ran.code === -1 ? ["the sandbox", ours] : ["the real cluster", real];
  return `the section breaks off on ${where}: ${step.line.run} ${step.ran.stderr}\n`;
}

/** Undefined when all is as it has to be. */
function differenceOf(ours: Ran, real: Ran, explained: boolean): string | undefined {
  const [one, other] = [textOf(ours), textOf(real)];
  if (explained && one === other) return "agrees: it needs no `differs`";
  if (one === other || (explained && ours.code === real.code)) return undefined;
  return unifiedDiff({ label: "real", text: other }, { label: "sandbox", text: one }, plain);
}

function textOf({ code, stdout, stderr }: Ran): string {
  const rest = stderr === "" ? "" : `--- stderr\n${stderr}`;
  return `exit ${code}\n${stdout}${stdout === "" || stdout.endsWith("\n") ? "" : "\n"}${rest}`;
}
