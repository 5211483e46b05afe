import type { Context } from "../../context.js";
import { RefusedError } from "../../errors.js";

export interface Question {
  /** Ends in `?`; the answers are added. */
  text: string;
  /** `--yes` was given: nobody is asked. */
  yes: boolean;
  /** What is not done without a yes: `no claim was deleted`. */
  otherwise: string;
}

/** Asks before something that cannot be undone. Anything but a yes is a RefusedError, and so is nobody to ask. */
export async function confirm(context: Context, { text, yes, otherwise }: Question): Promise<void> {
  if (yes) return;
  if (!context.stdin.isTerminal) {
    throw new RefusedError(`${otherwise}: without a terminal to ask on, this needs --yes`);
  }
  context.err.write(`${text} [y/N] `);
  // Only an answer ends the line of the question.
  const answer = await interruptible(context.stdin.readLine(), context.signal).catch((error: unknown) => {
    context.err.write(`\n${otherwise}\n`);
    throw error;
  });
  if (answer === undefined) context.err.write("\n");
  if (!/^y(es)?$/i.test(answer?.trim() ?? "")) throw new RefusedError(otherwise);
}

function interruptible<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const interrupt = () => reject(signal.reason as Error);
    if (signal.aborted) return interrupt();
    signal.addEventListener("abort", interrupt, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", interrupt));
  });
}

/** Where `--yes` is taken. */
export const yesFlag = { name: "yes", short: "y", help: "do not ask" } as const;
