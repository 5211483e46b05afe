import type { GatewayDeps } from "../deps.js";

/** Calls `expire` after so many milliseconds unless the returned function is called before. */
export function startTimer(
  { sleep }: Pick<GatewayDeps, "sleep">,
  milliseconds: number,
  expire: () => void,
): () => void {
  const stop = new AbortController();
  sleep(milliseconds, stop.signal).then(expire, () => undefined);
  // With a reason of its own: the default one is an exception, whose stack costs more than the request's headers.
  return () => stop.abort("not needed");
}
