import type { Clock, Sink } from "../../context.js";
import { formatElapsed } from "../../core/duration.js";
import type { GrowthState } from "../../core/claims/resize/growth.js";
import { asOneFrame } from "../one-frame.js";
import { formatTable } from "../table.js";
import { createTheme, type Tone } from "../theme.js";
import { clip, textWidth } from "../width.js";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** At most five frames a second. Milliseconds. */
const frameTime = 200;

const codes = { hide: "\u001b[?25l", show: "\u001b[?25h", clearBelow: "\u001b[J" };

/** One claim as the table shows it. */
export interface GrowthRow {
  name: string;
  /** What it had, and what it is to have. */
  from: string;
  to: string;
  state: GrowthState;
  /** What it needs beside time: `web-0 has to mount it`. */
  words?: string;
}

const tones: Readonly<Record<GrowthState, Tone>> = {
  Requested: "held",
  Resizing: "moving",
  FileSystemResizePending: "moving",
  ResizeFailed: "bad",
  Resized: "good",
};

/** The table of claims that grow, on a terminal: drawn in place, below what was written so far. */
export class GrowthTable {
  private rows: readonly GrowthRow[] = [];
  private drawn: readonly string[] = [];
  private cancel: (() => void) | undefined;
  private isHidden = false;
  private readonly startedAt: number;

  constructor(
    private readonly sink: Sink,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  update(rows: readonly GrowthRow[]): void {
    this.rows = rows;
    if (!this.cancel) this.draw();
  }

  /** Lets something else be written, which stays above the table. */
  aside(write: () => void): void {
    this.erase();
    write();
    if (this.cancel) this.draw();
  }

  /** Takes the table away. */
  close(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.erase();
    if (this.isHidden) this.sink.write(codes.show);
    this.isHidden = false;
  }

  private draw(): void {
    this.cancel?.();
    const { columns, rows, colours } = this.sink;
    const hide = this.isHidden ? "" : codes.hide;
    const before = this.toTop();
    this.drawn = growthLines(this.rows, { elapsedMs: this.clock.now() - this.startedAt, columns, rows });
    const theme = createTheme(colours);
    const tone = (line: string): string => {
      const state = this.rows.find(({ name }) => line.startsWith(`  ${name} `))?.state;
      return state ? theme.tone(tones[state], line) : line;
    };
    const text = this.drawn.map((line) => `${tone(line)}\n`).join("");
    this.sink.write(asOneFrame(`${hide}${before}${text}`));
    this.isHidden = true;
    this.cancel = this.clock.after(frameTime, () => this.draw());
  }

  private erase(): void {
    const before = this.toTop();
    this.drawn = [];
    if (before !== "") this.sink.write(asOneFrame(before));
  }

  /** A window that became narrower has wrapped the lines it shows; the terminal may have echoed a `^C`. */
  private toTop(): string {
    const { columns } = this.sink;
    const heights = this.drawn.map((line) => Math.max(1, Math.ceil(textWidth(line) / columns)));
    const height = heights.reduce((sum, one) => sum + one, 0);
    return height === 0 ? "" : `\r\u001b[${height}A${codes.clearBelow}`;
  }
}

/** The lines of a frame: those that still move, where the window has not room for all. */
export function growthLines(
  claims: readonly GrowthRow[],
  { elapsedMs, columns, rows }: { elapsedMs: number; columns: number; rows: number },
): string[] {
  const room = Math.max(1, rows - 3);
  const open = claims.filter(({ state }) => state !== "Resized");
  const wanted = claims.length <= room ? claims : open;
  const shown = wanted.slice(0, wanted.length <= room ? room : room - 1);
  const sign = spinner[Math.floor(elapsedMs / frameTime) % spinner.length] ?? "";
  const table = shown.map(({ name, from, to, state, words }) => {
    const moves = state === "Resizing" || state === "FileSystemResizePending";
    return [name, `${from} → ${to}`, `${moves ? `${sign} ` : ""}${state}${words ? `: ${words}` : ""}`];
  });
  const hidden = wanted.length - shown.length;
  const done = claims.length - open.length;
  const lines = [
    ...formatTable(table).split("\n").filter(Boolean),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    `${done} of ${claims.length} have their size · ${formatElapsed(elapsedMs)} · Ctrl-C leaves the cluster as it is`,
  ];
  return lines.map((line) => clip(`  ${line}`, columns - 1));
}
