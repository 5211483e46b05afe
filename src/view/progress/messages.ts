import type { Clock, Sink } from "../../context.js";
import { eventVersion } from "../../core/progress/events.js";
import { sanitizeLine } from "../sanitize.js";

/**
 * A sink under `--progress=json`: whatever a command says beside the events (a note, a warning before the first write)
 * becomes an event of type `message`, so that every line is JSON.
 */
export function messagesAsJson(sink: Sink, clock: Clock): Sink {
  const write = (text: string): void => {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    sink.write(lines.map((line) => `${isEvent(line) ? line : asEvent(line, clock)}\n`).join(""));
  };
  return Object.create(sink, { write: { value: write } }) as Sink;
}

const isEvent = (line: string): boolean => line.startsWith(`{"v":${eventVersion},`);

function asEvent(line: string, clock: Clock): string {
  const time = new Date(clock.now()).toISOString();
  return JSON.stringify({ v: eventVersion, time, type: "message", message: sanitizeLine(line).trim() });
}
