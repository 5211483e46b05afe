import type { Clock, Sink } from "../../context.js";
import type { ProgressEvent } from "../../core/progress/events.js";
import { asOneFrame } from "../one-frame.js";
import { createTheme } from "../theme.js";
import { textWidth } from "../width.js";
import { frameLines } from "./frame.js";
import { lookOf } from "./look.js";
import { plainLines } from "./plain.js";
import type { ProgressView, Scene } from "./view.js";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** At most five frames a second; between changes this is the spinner's pace too. Milliseconds. */
const frameTime = 200;

const codes = { hide: "\u001b[?25l", show: "\u001b[?25h", clearLine: "\u001b[K", clearBelow: "\u001b[J" };
const up = (lines: number): string => `\u001b[${lines}A`;

/** The table of rows on a terminal: drawn in place, the last lines of what was written so far. */
export function createLiveView(sink: Sink, clock: Clock): ProgressView {
  return new LiveView(sink, clock);
}

class LiveView implements ProgressView {
  private readonly memory = new Map<string, number>();
  private drawn: string[] = [];
  private scene: Scene | undefined;
  private notice: string | undefined;
  private cancel: (() => void) | undefined;
  private lastDraw = -Infinity;
  private hidden = false;
  private closed = false;
  private readonly unwatch: () => void;

  constructor(
    private readonly sink: Sink,
    private readonly clock: Clock,
  ) {
    this.unwatch = sink.onResize(() => this.draw());
  }

  show(event: ProgressEvent): void {
    if (event.type === "contact") {
      this.notice = event.lost ? plainLines(event, lookOf(this.sink))[0] : undefined;
      return this.schedule();
    }
    // What the table shows needs no line: only what stays true is written for good.
    if (event.type === "start" || event.type === "warning" || event.type === "end") {
      this.print(plainLines(event, lookOf(this.sink)));
    }
  }

  refresh(scene: Scene): void {
    this.scene = scene;
    this.schedule();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cancel?.();
    this.unwatch();
    const showCursor = this.hidden ? codes.show : "";
    this.sink.write(asOneFrame(this.erase() + showCursor));
  }

  /** Writes lines above the table, where they stay. */
  private print(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    this.sink.write(asOneFrame(this.erase() + text));
    if (this.scene) this.schedule();
  }

  private schedule(): void {
    if (this.closed || this.cancel) return;
    const wait = Math.max(0, this.lastDraw + frameTime - this.clock.now());
    if (wait === 0) return this.draw();
    this.cancel = this.clock.after(wait, () => this.draw());
  }

  private draw(): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.closed || !this.scene) return;
    const { columns, rows, colours } = this.sink;
    const now = this.clock.now();
    const lines = frameLines(this.scene.boards(), this.notice === undefined ? [] : [this.notice], {
      columns,
      rows,
      theme: createTheme(colours),
      spinner: spinner[Math.floor(now / frameTime) % spinner.length] ?? "",
      memory: this.memory,
    });
    const back = this.toTop();
    const hide = this.hidden ? "" : codes.hide;
    const text = lines.map((line) => `${line}${codes.clearLine}\n`).join("");
    this.sink.write(asOneFrame(`${hide}${back}${text}${codes.clearBelow}`));
    this.hidden = true;
    this.drawn = lines;
    this.lastDraw = now;
    this.cancel = this.clock.after(frameTime, () => this.draw());
  }

  private erase(): string {
    const back = this.toTop();
    this.drawn = [];
    return back === "" ? "" : `${back}${codes.clearBelow}`;
  }

  /** To the first line of the frame. A window that became narrower has wrapped the lines it shows. */
  private toTop(): string {
    const { columns } = this.sink;
    const heights = this.drawn.map((line) => Math.max(1, Math.ceil(textWidth(stripped(line)) / columns)));
    // The terminal may have echoed a `^C`: back to the first cell, too.
    return this.drawn.length === 0 ? "" : `\r${up(heights.reduce((sum, height) => sum + height, 0))}`;
  }
}

/** Without our own colours: those are all the sequences that a frame has. */
function stripped(line: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what this is about
  return line.replace(/\u001b\[[0-9;]*m/g, "");
}
