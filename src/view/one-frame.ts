const begin = "\u001b[?2026h";
const end = "\u001b[?2026l";

/**
 * A text that a terminal shows at once or not at all: without it, a window that draws in the middle of a frame tears.
 * The synchronized output mode (DEC private mode 2026); a terminal without it ignores both codes.
 */
export function asOneFrame(text: string): string {
  return text === "" ? "" : `${begin}${text}${end}`;
}
