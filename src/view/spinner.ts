import ora from "ora";
import type { Sink } from "../context.js";

/** Something that runs beside a wait without progress of its own. */
export interface Spinner {
  stop(): void;
}

/** Shows that something goes on, on a terminal; elsewhere nothing is shown. */
export function spin(sink: Sink, text: string): Spinner {
  if (!sink.isTerminal) return { stop: () => undefined };
  const spinner = ora({
    text,
    stream: asStream(sink),
    isEnabled: true,
    discardStdin: false,
    ...(!sink.colours && { color: false }),
  });
  spinner.start();
  return { stop: () => void spinner.stop() };
}

/** As much of a terminal's stream as ora uses. */
function asStream(sink: Sink): NodeJS.WriteStream {
  const stream = {
    isTTY: true,
    get columns() {
      return sink.columns;
    },
    write: (text: string) => (sink.write(text), true),
    clearLine: () => (sink.write("\u001B[2K"), true),
    cursorTo: (column: number) => (sink.write(`\u001B[${column + 1}G`), true),
    moveCursor: (_dx: number, dy: number) => (sink.write(dy < 0 ? `\u001B[${-dy}A` : ""), true),
    on: () => stream,
    once: () => stream,
    off: () => stream,
    listenerCount: () => 0,
  };
  return stream as unknown as NodeJS.WriteStream;
}
