import type { Clock, Sink } from "../../context.js";
import { createJsonView } from "./jsonl.js";
import type { ProgressMode } from "./mode.js";
import { createSilentView } from "./none.js";
import { createPlainView } from "./plain.js";
import type { ProgressView } from "./view.js";

/** The view for a mode; `auto` is the live table on a terminal and lines elsewhere. */
export function createProgressView(mode: ProgressMode, sink: Sink, _clock: Clock): ProgressView {
  const chosen = mode === "auto" ? "plain" : mode;
  if (chosen === "json") return createJsonView(sink);
  if (chosen === "none") return createSilentView(sink);
  return createPlainView(sink);
}
