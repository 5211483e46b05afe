import type { IncomingMessage } from "node:http";
import type { GatewayDeps } from "../deps.js";
import { failure } from "./failures.js";

/** The silence after which an answer that has begun will not end. */
const SILENCE_MS = 75_000;

/**
 * The whole body of an answer, decompressed. `deadline` is how long it may take, in milliseconds (0: as long as bytes
 * keep coming). `onHead` is told how it begins, unless that is compressed.
 */
export async function readBody(
  response: IncomingMessage,
  deadline: number,
  deps: GatewayDeps,
  onHead?: (text: string) => void,
): Promise<string> {
  const chunks: Buffer[] = [];
  const isPacked = response.headers["content-encoding"] === "gzip";
  let stop = deps.after(deadline || SILENCE_MS, expire);
  let heard = deps.now();
  function expire(): void {
    const left = deadline ? 0 : heard + SILENCE_MS - deps.now();
    if (left > 0) stop = deps.after(left, expire);
    else response.destroy(failure(deadline ? "CLIENT_TIMEOUT" : "HEADERS_TIMEOUT"));
  }
  try {
    // By events: an iterator over so short a stream costs as much as the rest of the request.
    await new Promise<void>((resolve, reject) => {
      response.on("data", (chunk: Buffer) => {
        if (chunks.length === 0 && !isPacked) onHead?.(chunk.toString("utf8"));
        chunks.push(chunk);
        heard = deps.now();
      });
      response.once("end", resolve);
      response.once("error", reject);
      response.once("close", () => {
        if (!response.readableEnded) reject(failure("UNEXPECTED_EOF"));
      });
      // Closed before anybody listened.
      if (response.destroyed && !response.readableEnded) reject(failure("UNEXPECTED_EOF"));
    });
  } finally {
    stop();
  }
  const bytes = Buffer.concat(chunks);
  if (!isPacked) return bytes.toString("utf8");
  const { gunzipSync } = await import("node:zlib");
  return gunzipSync(bytes).toString("utf8");
}
