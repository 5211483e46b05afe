import type { AnyCommand } from "./commands/shared/command.js";
import { buildContext, type Context } from "./context.js";
import { ClosedPipeError, InterruptedError, describeError, exitCodeOf } from "./errors.js";
import { runProgram } from "./program.js";

/** Runs one command line. The only place that catches: every error ends here, as a text and an exit code. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  let outlasts = false;
  const onRun = ({ outlastsSignals = false }: AnyCommand) => (outlasts = outlastsSignals);
  try {
    return await untilCalledOff(context, runProgram(argv, context, onRun), () => outlasts);
  } catch (thrown) {
    const error = context.signal.aborted ? context.signal.reason : thrown;
    if (!(error instanceof InterruptedError) && !(error instanceof ClosedPipeError)) {
      context.err.write(`${describeError(error)}\n`);
      if (context.env["STS_DEBUG"]) context.err.write(`${(error as Error).stack}\n`);
    }
    return exitCodeOf(error);
  }
}

/** How long a command that was called off may take to end in good order, in milliseconds. */
const farewell = 2_000;

/**
 * What `running` comes to. Once the signal is aborted it is not waited for long, unless it `outlasts` that: a server may
 * never answer.
 */
async function untilCalledOff<T>(
  { signal, clock }: Context,
  running: Promise<T>,
  outlasts: () => boolean,
): Promise<T> {
  const ended = new AbortController();
  const called = new Promise<never>((_resolve, reject) => {
    const leave = (): void => {
      clock.sleep(farewell, ended.signal).then(
        () => outlasts() || reject(signal.reason),
        () => undefined,
      );
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([running, called]);
  } finally {
    ended.abort();
  }
}

/** The program as a process: what `bin/sts.js` calls. Resolves to the exit code, with everything let go. */
export async function start(process: NodeJS.Process): Promise<number> {
  const { context, close } = buildContext(process);
  try {
    return await main(process.argv.slice(2), context);
  } finally {
    close();
  }
}
