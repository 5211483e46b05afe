import type { Standing } from "../../core/claims/map.js";
import type { Tone } from "../theme.js";

/** How a standing is shown: as a sign, as a letter where there is only ASCII, and in words. */
export interface ClaimSymbol {
  sign: string;
  letter: string;
  words: string;
  tone: Tone;
}

/**
 * The order is that of legends. States that clean-up leaves alone unless they are included have their own first letters,
 * so that what a plain clean-up would take is seen among them.
 */
export const claimSymbols: Readonly<Record<Standing, ClaimSymbol>> = {
  "in-use": { sign: "●", letter: "#", words: "in use", tone: "good" },
  reserved: { sign: "○", letter: "o", words: "reserved", tone: "plain" },
  "scaled-down": { sign: "▒", letter: "%", words: "left over", tone: "moving" },
  autoscaled: { sign: "a", letter: "a", words: "autoscaled", tone: "held" },
  "set-at-zero": { sign: "z", letter: "z", words: "set-at-zero", tone: "held" },
  "template-gone": { sign: "t", letter: "t", words: "template-gone", tone: "held" },
  "set-deleted": { sign: "d", letter: "d", words: "set-deleted", tone: "held" },
  policy: { sign: "p", letter: "p", words: "policy", tone: "held" },
  ambiguous: { sign: "?", letter: "?", words: "ambiguous", tone: "bad" },
  missing: { sign: "_", letter: "_", words: "missing", tone: "bad" },
  Pending: { sign: "◌", letter: "~", words: "Pending", tone: "moving" },
  Resizing: { sign: "↑", letter: "^", words: "resizing", tone: "moving" },
  FileSystemResizePending: {
    sign: "⇡",
    letter: "f",
    words: "FileSystemResizePending",
    tone: "moving",
  },
  ResizeFailed: { sign: "!", letter: "!", words: "resize failed", tone: "bad" },
  Lost: { sign: "L", letter: "L", words: "Lost", tone: "bad" },
  Terminating: { sign: "†", letter: "T", words: "Terminating", tone: "bad" },
};

/** For a terminal that is sure of nothing but ASCII. All but the arrow are as wide as before. */
export function asciiText(text: string): string {
  return text.replaceAll("→", "->").replaceAll("·", "-").replaceAll("×", "x").replaceAll("…", "~");
}
