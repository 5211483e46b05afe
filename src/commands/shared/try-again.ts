import { ConnectionError, isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";

const attempts = 5;
const firstPauseMs = 250;

/**
 * Whether a write that failed is worth another try; `attempt` counts from 1. When another one's write came first, at
 * once. When there was no answer, or the server had a fault, after a pause that doubles, or when `signal` aborts.
 */
export async function mayTryAgain(
  { clock, random }: Pick<Context, "clock" | "random">,
  error: unknown,
  attempt: number,
  signal?: AbortSignal,
): Promise<boolean> {
  if (attempt >= attempts) return false;
  if (isApiError(error, "Conflict", "AlreadyExists")) return true;
  if (!isUnanswered(error)) return false;
  await clock.sleep(firstPauseMs * 2 ** (attempt - 1) * (1 + random() / 2), signal).catch(() => undefined);
  return true;
}

/** Whether a request may have been carried out though it failed: there was no answer, or the server had a fault. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof ConnectionError || (isApiError(error) && error.code >= 500);
}
