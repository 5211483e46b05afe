import type { GatewayDeps } from "../deps.js";
import { ApiError, ConnectionError } from "../errors.js";
import { withQuery } from "../http/call.js";
import type { Client } from "../http/client.js";
import { apiError, statusOf } from "../http/status.js";
import { lines } from "./lines.js";

/** What is watched. */
export interface Selection {
  collection: string;
  query: Readonly<Record<string, string | undefined>>;
}

export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

/** The server ends a watch after so long; then it is resumed. Spread, as client-go does, so that not all come at once. */
const WATCH_S = 300;
/** A bookmark comes every minute: a connection that is silent for longer is dead, though nobody closed it. */
const IDLE_MS = 75_000;

/**
 * The events of one watch request, until the server ends it. Throws an `ApiError` for a refusal or an ERROR event, a
 * `ConnectionError` for a connection that broke or fell silent. `onOpen` is called when the server has accepted.
 */
export async function* watchEvents<T>(
  client: Client,
  { collection, query }: Selection,
  resourceVersion: string,
  { deps, signal, onOpen }: { deps: GatewayDeps; signal: AbortSignal; onOpen: () => void },
): AsyncGenerator<WatchEvent<T>> {
  const path = withQuery(collection, {
    ...query,
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion,
    timeoutSeconds: Math.round(WATCH_S * (1 + deps.random())),
  });
  const response = await client.stream({ method: "GET", path, signal });
  onOpen();
  const silence = watchSilence(deps, () => {
    const seconds = IDLE_MS / 1000;
    response.destroy(
      new ConnectionError(`Unable to connect to the server: nothing was heard for ${seconds}s`),
    );
  });
  try {
    for await (const line of lines(silence.hear(response))) yield decode<T>(line);
  } catch (error) {
    throw error instanceof ApiError ? error : client.failureOf(error);
  } finally {
    silence.stop();
    response.destroy();
  }
}

/** Calls `onSilence` when no chunk has passed for too long. */
function watchSilence(
  deps: GatewayDeps,
  onSilence: () => void,
): { hear(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>; stop(): void } {
  let heard = deps.now();
  let stop = deps.after(IDLE_MS, expire);
  function expire(): void {
    const left = heard + IDLE_MS - deps.now();
    if (left <= 0) onSilence();
    else stop = deps.after(left, expire);
  }
  return {
    async *hear(chunks) {
      for await (const chunk of chunks) {
        heard = deps.now();
        yield chunk;
      }
    },
    stop: () => stop(),
  };
}

function decode<T>(line: string): WatchEvent<T> {
  const event = parse(line);
  const status = event.type === "ERROR" ? (statusOf(event.object) ?? {}) : undefined;
  if (status) throw apiError(status.code ?? 500, JSON.stringify({ ...status, kind: "Status" }));
  return event as WatchEvent<T>;
}

function parse(line: string): { type: string; object: unknown } {
  try {
    return JSON.parse(line) as { type: string; object: unknown };
  } catch (cause) {
    throw new ConnectionError("Unable to connect to the server: a watch event was not JSON", { cause });
  }
}
