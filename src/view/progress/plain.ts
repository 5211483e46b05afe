import type { Sink } from "../../context.js";
import { formatElapsed, formatSeconds } from "../../core/duration.js";
import type { ClaimEvent, PodEvent, ProgressEvent } from "../../core/progress/events.js";
import { sanitizeLine } from "../sanitize.js";
import { lookOf, type Look } from "./look.js";
import { endLines, summaryLines } from "./summary.js";
import type { ProgressView } from "./view.js";

/** Lines for a log: one for each change, never the same twice, no escape codes unless colours were asked for. */
export function createPlainView(sink: Sink): ProgressView {
  const told = new Map<string, number>();
  return {
    show(event) {
      for (const line of plainLines(event, lookOf(sink))) sink.write(`${again(line, told)}\n`);
    },
    refresh() {},
    close() {},
  };
}

/** A change that happens again is told with how often: `web-3: Ready → Running (2nd time)`. */
function again(line: string, told: Map<string, number>): string {
  const times = (told.get(line) ?? 0) + 1;
  told.set(line, times);
  return times === 1 ? line : `${line} (${nth(times)} time)`;
}

function nth(number: number): string {
  const teen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(teen ? undefined : ["th", "st", "nd", "rd"][number % 10]) ?? "th"}`;
}

/** The lines that say an event; none for one that only machines want. */
export function plainLines(event: ProgressEvent, look: Look): string[] {
  const subject = `${event.namespace}/${event.set}`;
  switch (event.type) {
    case "start":
      return [`${subject}: ${event.title}`, ...event.notes.map((note) => `  ${note}`)].map(sanitizeLine);
    case "pod":
      return [sanitizeLine(`${subject} ${event.pod}: ${podWords(event)}`)];
    case "claim":
      return [sanitizeLine(`${subject} ${event.claim}: ${claimWords(event)}`)];
    case "contact":
      return [sanitizeLine(`${subject}: ${contactWords(event)}`)];
    case "heartbeat":
      return [sanitizeLine(`${subject}: ${event.message} (${formatElapsed(event.seconds * 1_000)})`)];
    case "soak":
      return [sanitizeLine(`${subject}: soaking for ${formatSeconds(event.seconds * 1_000)}`)];
    case "warning":
      return [sanitizeLine(`warning: ${event.message}`)];
    case "end":
      return [...summaryLines(event, look), ...endLines(event, look.theme)];
    case "set":
      return [];
  }
}

function podWords({ from, to, restarts, message, pod, seconds }: PodEvent): string {
  if (from === undefined) return "created";
  const took = seconds === undefined ? "" : ` (${formatElapsed(seconds * 1_000)})`;
  if (to === "Gone") return `gone${took}`;
  if ((to === "Ready" || to === "Available") && seconds !== undefined) return `${to.toLowerCase()}${took}`;
  const change = from === to ? to : `${from} → ${to}`;
  // The message of a crash has the number of restarts in it.
  if (message) return `${change}: ${message.replace(`${pod} `, "")}`;
  return restarts ? `${change} (restart ${restarts})` : change;
}

function claimWords({ from, to, message }: ClaimEvent): string {
  const change = from === undefined ? to : `${from} → ${to}`;
  return message === undefined ? change : `${change}: ${message}`;
}

function contactWords({ lost, seconds, message }: Extract<ProgressEvent, { type: "contact" }>): string {
  const time = formatElapsed(seconds * 1_000);
  if (!lost) return `the API server answers again after ${time}`;
  return `no answer from the API server for ${time}${message ? ` (${message})` : ""}; trying again`;
}
