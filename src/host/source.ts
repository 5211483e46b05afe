import type { Readable } from "node:stream";
import type { Source } from "../context.js";

/** A process's standard input. `stream` is asked for only when something is read: opening a closed one may throw. */
export function createSource(stream: () => Readable & { isTTY?: boolean }): Source {
  return {
    get isTerminal() {
      return stream().isTTY === true;
    },

    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of stream()) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },

    async readLine(signal) {
      const { createInterface } = await import("node:readline");
      const lines = createInterface({ input: stream(), terminal: false });
      const abort = () => lines.close();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        for await (const line of lines) return line;
        signal?.throwIfAborted();
        return undefined;
      } finally {
        signal?.removeEventListener("abort", abort);
        lines.close();
      }
    },
  };
}
