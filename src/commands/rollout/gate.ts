import type { Context } from "../../context.js";
import { ordinalRange } from "../../core/identity.js";
import type { StatefulSet } from "../../core/model.js";
import { sanitizeLine } from "../../view/sanitize.js";

/** What a gate is about. */
export interface GateRun {
  command: string;
  /** As the step left it. */
  set: StatefulSet;
  namespace: string;
  /** Counted from 1. */
  step: number;
  /** When it has to have ended, in milliseconds of the clock; Infinity for no limit. */
  deadline: number;
  /** Show what it prints only where it says no. */
  quiet: boolean;
}

/**
 * Runs the command that decides after a step, as the user wrote it, with what it is about in its environment. What it
 * prints goes to `context.err`, line by line. Resolves to its exit code, or to undefined when its time is up.
 */
export async function runGate(
  { machine, clock, signal, err }: Pick<Context, "machine" | "clock" | "signal" | "err">,
  { command, set, namespace, step, deadline, quiet }: GateRun,
): Promise<number | undefined> {
  const limit = new AbortController();
  const cancel = Number.isFinite(deadline)
    ? clock.after(Math.max(0, deadline - clock.now()), () => limit.abort(new Error("time is up")))
    : () => undefined;
  const write = (line: string): void => err.write(`    ${sanitizeLine(line)}\n`);
  const kept: string[] = [];
  const lines = lineWriter(quiet ? (line) => void (kept.push(line) > mostKept && kept.shift()) : write);
  try {
    const code = await machine.run(command, {
      env: gateEnvironment(set, namespace, step),
      onOutput: lines.add,
      signal: AbortSignal.any([signal, limit.signal]),
    });
    lines.end();
    if (code !== 0) kept.forEach(write);
    return code;
  } catch (error) {
    if (!limit.signal.aborted || signal.aborted) throw error;
    return undefined;
  } finally {
    cancel();
    lines.end();
  }
}

function gateEnvironment(set: StatefulSet, namespace: string, step: number): Record<string, string> {
  const { firstUpdated, end } = ordinalRange(set);
  const updated = Array.from({ length: end - firstUpdated }, (_unused, index) => firstUpdated + index);
  return {
    STS_NAME: set.metadata.name,
    STS_NAMESPACE: namespace,
    STS_STEP: String(step),
    STS_ORDINALS: updated.join(","),
  };
}

/** How many lines are shown of what was kept. */
const mostKept = 100;

/** A line that never ends is cut: a gate may print anything. */
const longest = 10_000;

function lineWriter(write: (line: string) => void): { add(text: string): void; end(): void } {
  let rest = "";
  const end = (): void => {
    if (rest !== "") write(rest);
    rest = "";
  };
  return {
    add(text) {
      const [last = "", ...whole] = (rest + text).split(/\r?\n/).reverse();
      for (const line of whole.reverse()) write(line);
      rest = last;
      if (rest.length > longest) end();
    },
    end,
  };
}
