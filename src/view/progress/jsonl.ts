import type { Sink } from "../../context.js";
import { sanitizeJson } from "../sanitize.js";
import type { ProgressView } from "./view.js";

/** The events as JSON Lines, as docs/progress.schema.json has them. */
export function createJsonView(sink: Sink): ProgressView {
  return {
    show(event) {
      sink.write(`${JSON.stringify(sanitizeJson(event))}\n`);
    },
    refresh() {},
    close() {},
  };
}
