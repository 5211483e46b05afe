import { formatAge } from "../../core/duration.js";
import type { Board, Row } from "../../core/progress/board.js";
import { sanitizeLine } from "../sanitize.js";
import type { Theme } from "../theme.js";
import { clip } from "../width.js";
import { fitColumns, layLine, type Column } from "./layout.js";

/** What a frame is drawn into. */
export interface Canvas {
  columns: number;
  rows: number;
  theme: Theme;
  /** The spinner as it stands: one cell. */
  spinner: string;
  /** Widths of the frames before; changed by every frame. */
  memory: Map<string, number>;
}

/** Beyond this many ordinals, only those that move or are broken have rows of their own. */
const mostRows = 60;
const leastBoard = 5;

const columnsOf = (spinner: string): Column<Row>[] => [
  { title: "POD", read: ({ pod }) => pod },
  {
    title: "STATE",
    read: ({ state, tone }) => (tone === "moving" ? `${spinner} ${state}` : state),
    least: (columns) => (columns < 79 ? 0 : 28),
    most: (columns) => (columns > 100 ? 66 : 32),
  },
  { title: "READY", read: ({ ready }) => ready },
  { title: "REVISION", read: ({ revision }) => revision },
  { title: "AGE", read: ({ ageMs }) => (ageMs === undefined ? "" : formatAge(ageMs)) },
  { title: "CLAIMS", read: ({ claims }) => claims },
];

/**
 * The live view as lines, each narrower than the window and together lower than it, so that drawing them scrolls
 * nothing.
 */
export function frameLines(boards: readonly Board[], notices: readonly string[], canvas: Canvas): string[] {
  const { columns, rows, theme } = canvas;
  const open = boards.filter(({ finished }) => !finished);
  const tail = [...notices.map((notice) => theme.tone("moving", cut(notice, columns))), footer(open, canvas)];
  const height = Math.max(2, rows - 1);
  const each = Math.floor((height - tail.length - 1) / Math.max(1, open.length));
  const body =
    each >= leastBoard || open.length === 1
      ? open.flatMap((board) => boardLines(board, Math.max(1, each), open.length > 1, canvas))
      : shortLines(open, height - tail.length - 1, canvas);
  return [...body, ...tail].slice(-height);
}

function footer(open: readonly Board[], { columns, theme, spinner }: Canvas): string {
  const leaves = "Ctrl-C leaves the cluster as it is";
  const [only] = open;
  if (!only) return cut(`  ${spinner} reading the cluster · ${leaves}`, columns);
  const time = elapsed(Math.max(...open.map(({ elapsedMs }) => elapsedMs)));
  const status = open.length === 1 ? `${only.status} · ` : "";
  return theme.dim(cut(`  ${sanitizeLine(status)}${time} · ${leaves}`, columns));
}

function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A set's table, at most `height` lines high; with its name above where there are several. */
function boardLines(board: Board, height: number, named: boolean, canvas: Canvas): string[] {
  const { columns, theme, spinner, memory } = canvas;
  const head = named ? [theme.strong(cut(`  ${board.subject}: ${board.status}`, columns))] : [""];
  const room = height - head.length - 2;
  if (room < 1) return [];
  const rows =
    board.rows.length > Math.min(room, mostRows) ? board.brief(Math.min(room, mostRows)) : board.rows;
  const shown = rows.map(clean);
  const table = columnsOf(spinner);
  const widths = fitColumns(table, shown, columns - 1, memory);
  const titles = table.map(({ title }) => title);
  return [
    ...head,
    layLine(titles, widths, (text) => theme.dim(text)),
    ...shown.map((row) => rowLine(row, table, widths, theme)),
    "",
  ];
}

function rowLine(row: Row, table: readonly Column<Row>[], widths: readonly number[], theme: Theme): string {
  const cells = table.map(({ read }) => read(row));
  const stateColumn = 1;
  return layLine(cells, widths, (text, column) => {
    if (row.tone === "held") return theme.dim(text);
    return column === stateColumn ? theme.tone(row.tone, text) : text;
  }).trimEnd();
}

/** A line a set, where there is no room for tables. */
function shortLines(boards: readonly Board[], height: number, { columns }: Canvas): string[] {
  const lines = boards.map(({ subject, status }) => cut(`  ${subject}: ${status}`, columns));
  if (lines.length <= height) return lines;
  const shown = lines.slice(0, Math.max(0, height - 1));
  return [...shown, cut(`  and ${lines.length - shown.length} more`, columns)];
}

/** One cell is left free: a terminal that is written to its last column may wrap. */
function cut(text: string, columns: number): string {
  return clip(sanitizeLine(text), columns - 1);
}

function clean(row: Row): Row {
  return { ...row, state: sanitizeLine(row.state), claims: sanitizeLine(row.claims) };
}
