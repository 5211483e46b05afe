import type { Sink } from "../../context.js";
import { createTheme } from "../theme.js";
import { endLines } from "./summary.js";
import type { ProgressView } from "./view.js";

/** Silent, but for an end that is not a good one: a command that fails without a word helps nobody. */
export function createSilentView(sink: Sink): ProgressView {
  return {
    show(event) {
      if (event.type !== "end" || event.state === "Done") return;
      for (const line of endLines(event, createTheme(sink.colours))) sink.write(`${line}\n`);
    },
    refresh() {},
    close() {},
  };
}
