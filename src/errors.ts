import { ApiError, ConnectionError, KubeconfigError } from "./cluster/errors.js";
import { UsageError } from "./core/errors.js";

/** The exit codes of `sts`, stable: scripts branch on them (`sts help exit-codes`). */
export const ExitCode = {
  Done: 0,
  Error: 1,
  Usage: 2,
  Unfinished: 3,
  Failed: 4,
  Stalled: 5,
  Conflict: 6,
  Refused: 7,
  Interrupted: 130,
  Terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A precondition failed, or somebody else changed the object meanwhile. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** What was asked needs `--yes`, or is unsafe as asked; nothing was changed. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** Ctrl-C (SIGINT) or SIGTERM. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor(readonly signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
  }
}

/** Whoever read our standard output went away (`| head`): end quietly. */
export class ClosedPipeError extends Error {
  override readonly name = "ClosedPipeError";
}

/** An error whose exit code is its own, such as a verdict that ended the command. `message` is printed as it is. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

/** The one table error → exit code. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ExitError) return error.exitCode;
  if (error instanceof UsageError || error instanceof KubeconfigError) return ExitCode.Usage;
  if (error instanceof RefusedError) return ExitCode.Refused;
  if (error instanceof ConflictError) return ExitCode.Conflict;
  if (error instanceof InterruptedError)
    return error.signal === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated;
  if (error instanceof ClosedPipeError) return ExitCode.Done;
  if (error instanceof ApiError && error.reason === "Conflict") return ExitCode.Conflict;
  return ExitCode.Error;
}

/** What stderr says of an error, in kubectl's form. What the gateway throws is written in it already. */
export function describeError(error: unknown): string {
  const written = [ApiError, ConnectionError, KubeconfigError, ExitError].some(
    (type) => error instanceof type,
  );
  if (written) return (error as Error).message;
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** Of several sets the gravest code counts: 1, then 4, 5, 6, 7, 3, 0. */
export function gravest(codes: readonly ExitCode[]): ExitCode {
  const order: ExitCode[] = [130, 143, 2, 1, 4, 5, 6, 7, 3];
  return order.find((code) => codes.includes(code)) ?? ExitCode.Done;
}
