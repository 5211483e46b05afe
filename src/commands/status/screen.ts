import type { Sink } from "../../context.js";
import { asOneFrame } from "../../view/one-frame.js";

/** A page that is drawn over itself on a terminal. No line may be longer than the terminal is wide. */
export class Screen {
  private drawn = 0;

  constructor(private readonly sink: Sink) {}

  /** Lines that the window has no room for are left out, so that what was drawn can always be drawn over. */
  draw(page: string): void {
    const lines = page.trimEnd().split("\n");
    const room = Math.max(2, this.sink.rows - 1);
    const shown =
      lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`] : lines;
    this.sink.write(asOneFrame(`${this.erase()}${shown.join("\n")}\n`));
    this.drawn = shown.length;
  }

  private erase(): string {
    return this.drawn === 0 ? "" : `\u001b[${this.drawn}F\u001b[J`;
  }
}
