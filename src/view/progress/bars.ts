import type { OrdinalSummary } from "../../core/progress/events.js";
import type { TimedPhase } from "../../core/progress/timing.js";
import type { Theme, Tone } from "../theme.js";

/** What one cell of a bar can show. */
type Cell =
  | "stopping"
  | "waiting"
  | "image"
  | "starting"
  | "notReady"
  | "minReady"
  | "absent"
  | "restart"
  | "ready"
  | "gone"
  | "failed"
  | "open"
  | "nothing";

interface Symbol {
  sign: string;
  letter: string;
  tone: Tone;
  /** In the legend, which goes in this order; what has none says itself. */
  words?: string;
}

/** Every sign is another one, so that they can be told apart without colours. */
const symbols: Record<Cell, Symbol> = {
  stopping: { sign: "▓", letter: "t", tone: "held", words: "stopping" },
  waiting: { sign: "░", letter: "s", tone: "moving", words: "scheduling and volumes" },
  image: { sign: "▒", letter: "i", tone: "moving", words: "image" },
  starting: { sign: "█", letter: "#", tone: "moving", words: "starting" },
  notReady: { sign: "▚", letter: "n", tone: "bad", words: "not ready" },
  minReady: { sign: "─", letter: "-", tone: "moving", words: "min-ready" },
  absent: { sign: "·", letter: ".", tone: "held", words: "no pod" },
  restart: { sign: "↻", letter: "R", tone: "bad", words: "restart" },
  ready: { sign: "┃", letter: "|", tone: "good", words: "ready" },
  gone: { sign: "○", letter: "o", tone: "held", words: "gone" },
  failed: { sign: "✗", letter: "X", tone: "bad" },
  open: { sign: "…", letter: ">", tone: "moving" },
  nothing: { sign: " ", letter: " ", tone: "plain" },
};

const phaseCells: Record<TimedPhase, Cell> = {
  terminating: "stopping",
  scheduling: "waiting",
  volumes: "waiting",
  images: "image",
  starting: "starting",
  notReady: "notReady",
  minReady: "minReady",
};

/** An ordinal on a time axis. */
export interface BarRow extends Pick<OrdinalSummary, "from" | "seconds" | "stretches" | "restarts"> {
  end: "ready" | "gone" | "failed" | "open";
}

/** How many cells an axis has, and how many seconds. */
export interface Scale {
  width: number;
  seconds: number;
}

/** The cell of a moment. The last one is for what ends last. */
export function cellAt(moment: number, { width, seconds }: Scale): number {
  const cell = seconds > 0 ? Math.floor((moment * (width - 1)) / seconds + 1e-9) : 0;
  return Math.min(width - 1, Math.max(0, cell));
}

/** A cell shows what took most of its time, the last one how it ended. */
export function barCells(row: BarRow, scale: Scale): Cell[] {
  const cells: Cell[] = Array.from({ length: scale.width }, () => "nothing");
  const [first, last] = [cellAt(row.from, scale), cellAt(row.from + row.seconds, scale)];
  const size = scale.seconds / (scale.width - 1);
  for (let cell = first; cell < last; cell += 1) {
    cells[cell] = busiest(row, cell * size, (cell + 1) * size);
  }
  for (const moment of readyMoments(row)) cells[cellAt(moment, scale)] = "ready";
  // Left of the end where the two fall together, so that neither hides the other.
  for (const moment of row.restarts)
    cells[Math.max(first, Math.min(cellAt(moment, scale), last - 1))] = "restart";
  cells[last] = row.end;
  return cells;
}

function busiest({ stretches }: BarRow, from: number, to: number): Cell {
  const shares = new Map<Cell, number>();
  let rest = to - from;
  for (const stretch of stretches) {
    const share = Math.min(to, stretch.to) - Math.max(from, stretch.from);
    if (share <= 0) continue;
    const cell = phaseCells[stretch.phase];
    shares.set(cell, (shares.get(cell) ?? 0) + share);
    rest -= share;
  }
  const next = stretches.find((stretch) => stretch.from >= to - rest);
  const most = [...shares].reduce((best, share) => (share[1] > best[1] ? share : best), ["nothing", 0] as [
    Cell,
    number,
  ]);
  return most[1] >= rest ? most[0] : wasReady(next?.phase) ? "nothing" : "absent";
}

/** Only a pod that ran can stop, or stop being ready: what was between two stretches follows from the second. */
function wasReady(next: TimedPhase | undefined): boolean {
  return next === "terminating" || next === "notReady";
}

/** When it was ready, and did not stay so. */
function readyMoments({ stretches }: BarRow): number[] {
  return stretches.flatMap(({ to }, index) => {
    const next = stretches[index + 1];
    return next && next.from > to && wasReady(next.phase) ? [to] : [];
  });
}

/** The cells as text, coloured in runs. */
export function paintCells(cells: readonly Cell[], theme: Theme, ascii: boolean): string {
  let text = "";
  let run = "";
  cells.forEach((cell, index) => {
    const { sign, letter, tone } = symbols[cell];
    run += ascii ? letter : sign;
    const next = cells[index + 1];
    if (next !== undefined && symbols[next].tone === tone) return;
    text += theme.tone(tone, run);
    run = "";
  });
  return text;
}

/** What the symbols mean that were used: `▓ stopping`. */
export function legend(cells: Iterable<Cell>, ascii: boolean): string[] {
  const used = new Set(cells);
  return Object.entries(symbols).flatMap(([cell, { sign, letter, words }]) =>
    words !== undefined && used.has(cell as Cell) ? [`${ascii ? letter : sign} ${words}`] : [],
  );
}
