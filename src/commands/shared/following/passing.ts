import { ConnectionError, isApiError } from "../../../cluster/errors.js";

/** After how long a request that got no answer is sent again, in milliseconds. */
export const againAfter = 1_000;

/** Whether the same request may succeed later: no answer at all, too many requests, a server that fails. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || (isApiError(error) && error.code >= 429);
}
