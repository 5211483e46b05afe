import { buildContext, type Context } from "./context.js";
import { ClosedPipeError, InterruptedError, describeError, exitCodeOf } from "./errors.js";
import { runProgram } from "./program.js";

/** Runs one command line. The only place that catches: every error ends here, as a text and an exit code. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  try {
    return await runProgram(argv, context);
  } catch (thrown) {
    const error = context.signal.aborted ? context.signal.reason : thrown;
    if (!(error instanceof InterruptedError) && !(error instanceof ClosedPipeError)) {
      context.err.write(`${describeError(error)}\n`);
      if (context.env["STS_DEBUG"]) context.err.write(`${(error as Error).stack}\n`);
    }
    return exitCodeOf(error);
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
