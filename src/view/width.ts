/** Takes no cell: marks on the letter before, and characters that only join. */
const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Takes two cells: East Asian Wide and Fullwidth, and emoji (Unicode TR 11). */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;

/** How many cells of a terminal a character takes. */
function cells(character: string): number {
  if (zero.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** How many cells of a terminal a text without escape sequences takes. */
export function textWidth(text: string): number {
  // oxlint-disable-next-line no-control-regex -- plain ASCII is the common case
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  return [...text].reduce((width, character) => width + cells(character), 0);
}

/** The text cut to so many cells, with `…` where something is missing. */
export function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return "";
  let used = 1;
  let kept = "";
  for (const character of text) {
    used += cells(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The text filled up with spaces to so many cells. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
