import type { IncomingMessage } from "node:http";
import type { GatewayDeps } from "../deps.js";
import { failure } from "./failures.js";
import { startTimer } from "./timer.js";

/** The silence after which an answer that has begun will not end. */
const SILENCE_MS = 75_000;

/**
 * The whole body of an answer, decompressed. `deadline` is how long it may take, in milliseconds (0: as long as bytes
 * keep coming).
 */
export async function readBody(
  response: IncomingMessage,
  deadline: number,
  deps: GatewayDeps,
): Promise<string> {
  const chunks: Buffer[] = [];
  let stop = startTimer(deps, deadline || SILENCE_MS, expire);
  let heard = deps.now();
  function expire(): void {
    const left = deadline ? 0 : heard + SILENCE_MS - deps.now();
    if (left > 0) stop = startTimer(deps, left, expire);
    else response.destroy(failure(deadline ? "CLIENT_TIMEOUT" : "HEADERS_TIMEOUT"));
  }
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      heard = deps.now();
    }
  } finally {
    stop();
  }
  const bytes = Buffer.concat(chunks);
  if (response.headers["content-encoding"] !== "gzip") return bytes.toString("utf8");
  const { gunzipSync } = await import("node:zlib");
  return gunzipSync(bytes).toString("utf8");
}
