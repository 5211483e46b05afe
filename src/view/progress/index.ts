import type { Clock, Sink } from "../../context.js";
import { createJsonView } from "./jsonl.js";
import { createLiveView } from "./live.js";
import type { ProgressMode } from "./mode.js";
import { createSilentView } from "./none.js";
import { createPlainView } from "./plain.js";
import type { ProgressView } from "./view.js";

const views: Record<Exclude<ProgressMode, "auto">, (sink: Sink, clock: Clock) => ProgressView> = {
  tty: createLiveView,
  plain: createPlainView,
  json: createJsonView,
  none: createSilentView,
};

/** The view for a mode; `auto` is the live table on a terminal and lines elsewhere. */
export function createProgressView(mode: ProgressMode, sink: Sink, clock: Clock): ProgressView {
  return views[mode === "auto" ? (sink.isTerminal ? "tty" : "plain") : mode](sink, clock);
}
