import type { ClassifiedClaim } from "../../core/claims/classify.js";
import {
  mapClaims,
  standingAt,
  standingOf,
  type ClaimMap,
  type MapRow,
  type Standing,
} from "../../core/claims/map.js";
import type { SetFacts } from "../../core/claims/facts.js";
import { joinAlike, stretchesOf, type Stretch } from "../../core/claims/stretches.js";
import type { ReclaimPolicies } from "../../core/claims/volumes.js";
import { inRange } from "../../core/identity.js";
import { listWords } from "../../core/words.js";
import { nameOrdinals, namePods } from "../../core/progress/naming.js";
import { asciiText, claimSymbols } from "./symbols.js";
import { claimAmount, leftOverLines, type ClaimCommands } from "./summary.js";
import type { Look } from "../progress/look.js";
import { sanitizeLine } from "../sanitize.js";
import { clip, pad, textWidth } from "../width.js";

export interface GraphOptions {
  policies: ReclaimPolicies;
  look: Look;
  /** The commands for one set. */
  commandsFor(map: Pick<ClaimMap, "namespace" | "name">): ClaimCommands;
}

const indent = "  ";
const gap = "  ";
/** A map of more lines of ordinals than this is shortened, where it can be. */
const mostBands = 2;

/** A map of every set, ordinals from left to right and a line a template, and what the symbols in them mean. */
export function claimsGraph(
  claims: readonly ClassifiedClaim[],
  sets: readonly SetFacts[],
  options: GraphOptions,
): string {
  const { look } = options;
  const { maps, elsewhere } = mapClaims(claims, sets);
  const used = new Set<Standing>();
  const blocks = maps.map((map) => [
    ...titleLines(map, look),
    ...mapLines(map, look, used),
    ...noteLines(map, look),
    ...leftOverLines(claimsOf(map), options.policies, options.commandsFor(map)).map((line) => indent + line),
  ]);
  if (elsewhere.length > 0) blocks.push(elsewhereLines(elsewhere, look, used));
  if (used.size > 0) blocks.push(legendLines(used, look));
  const text = blocks.map((lines) => `${lines.join("\n")}\n`).join("\n");
  return look.ascii ? asciiText(text) : text;
}

function claimsOf({ rows }: ClaimMap): ClassifiedClaim[] {
  return rows.flatMap(({ claims }) => [...claims.values()]);
}

/** `default/web   3 replicas, web-0 to web-2 · 14 claims, 14Gi`. */
function titleLines(map: ClaimMap, { theme, columns }: Look): string[] {
  const { namespace, name, set } = map;
  const replicas = set ? set.end - set.start : 0;
  const pods = set && namePods(name, set.start, set.end - 1);
  const standing = !set
    ? ["is gone"]
    : [`${replicas} ${replicas === 1 ? "replica" : "replicas"}${pods ? `, ${pods}` : ""}`];
  const claims = claimsOf(map);
  const amount = claims.length === 0 ? "no claims" : claimAmount(claims);
  const parts = [...standing, ...(set?.deleting ? ["is being deleted"] : []), amount];
  const title = sanitizeLine(`${namespace}/${name}`);
  const line = `${title}${gap} ${parts.join(" · ")}`;
  if (textWidth(line) <= columns) return [theme.strong(title) + line.slice(title.length)];
  return [theme.strong(clip(title, columns)), ...wrap(parts, " · ", columns)];
}

function mapLines(map: ClaimMap, look: Look, used: Set<Standing>): string[] {
  const { columns, theme } = look;
  const widest = map.rows.reduce((most, { template }) => Math.max(most, textWidth(template)), 0);
  const label = Math.min(widest, Math.max(8, Math.floor(columns / 4)));
  const room = columns - indent.length - label - gap.length;
  const all = stretchesOf(map).map((stretch) => column(map, stretch, look));
  const bands = inBands(all, room);
  const fewer = () => joinAlike(map, stretchesOf(map)).map((stretch) => column(map, stretch, look));
  const shown = bands.length > mostBands ? inBands(fewer(), room) : bands;
  for (const standing of shown.flat().flatMap(({ standings }) => standings)) used.add(standing);
  return shown.flatMap((band) => [
    theme.dim(
      `${indent}${pad("", label)}${gap}${band.map(({ head, width }) => pad(head, width)).join(gap)}`.trimEnd(),
    ),
    ...map.rows.map(({ template }, row) => {
      const cells = band.map(({ cells: texts, width }) => {
        const { text, painted } = texts[row] ?? { text: "", painted: "" };
        return painted + " ".repeat(Math.max(0, width - textWidth(text)));
      });
      const name = pad(clip(sanitizeLine(template), label), label);
      return `${indent}${name}${gap}${cells.join(gap)}`.trimEnd();
    }),
  ]);
}

/** A stretch as it is drawn: its ordinals as a heading, and a cell a row. */
interface DrawnStretch {
  head: string;
  width: number;
  cells: { text: string; painted: string }[];
  standings: Standing[];
}

function column(map: ClaimMap, stretch: Stretch, look: Look): DrawnStretch {
  const { first, last } = stretch;
  const head = first === last ? String(first) : `${first}-${last}`;
  const rows = map.rows.map((row, index) => standingsOf(map, row, stretch, index));
  const cells = rows.map((runs) => drawRuns(runs, look, stretch.repeated !== undefined));
  const width = cells.reduce((most, { text }) => Math.max(most, textWidth(text)), textWidth(head));
  const standings = rows.flat().flatMap(({ standing }) => standing ?? []);
  return { head, width, cells, standings };
}

/** Places next to each other that stand alike. */
interface Run {
  standing: Standing | undefined;
  count: number;
}

function standingsOf(map: ClaimMap, row: MapRow, { first, last, repeated }: Stretch, index: number): Run[] {
  if (repeated) return [{ standing: repeated[index], count: last - first + 1 }];
  const runs: Run[] = [];
  for (let ordinal = first; ordinal <= last; ordinal += 1) {
    const standing = standingAt(map, row, ordinal);
    const run = runs.at(-1);
    if (run && run.standing === standing) run.count += 1;
    else runs.push({ standing, count: 1 });
  }
  return runs;
}

function drawRuns(runs: readonly Run[], { theme, ascii }: Look, repeated: boolean) {
  let [text, painted] = ["", ""];
  for (const { standing, count } of runs) {
    const symbol = standing && claimSymbols[standing];
    const sign = symbol ? (ascii ? symbol.letter : symbol.sign) : " ";
    const cells = repeated && symbol ? `${sign}×${count}` : sign.repeat(repeated ? 1 : count);
    text += cells;
    painted += symbol ? theme.tone(symbol.tone, cells) : cells;
  }
  return { text, painted };
}

/** As many in a line as there is room for, at least one. */
function inBands(stretches: readonly DrawnStretch[], room: number): DrawnStretch[][] {
  const bands: DrawnStretch[][] = [];
  let left = 0;
  for (const stretch of stretches) {
    const needed = gap.length + stretch.width;
    if (needed <= left) bands.at(-1)?.push(stretch);
    else {
      bands.push([stretch]);
      left = room + gap.length;
    }
    left -= needed;
  }
  return bands;
}

/** Standings that call for somebody: named, as nobody counts cells. */
const noted = [
  "missing",
  "Pending",
  "Resizing",
  "FileSystemResizePending",
  "ResizeFailed",
  "Lost",
  "Terminating",
] as const;

function noteLines(map: ClaimMap, { theme, columns }: Look): string[] {
  return noted.flatMap((standing) => {
    const names = map.rows.flatMap((row) => namesOf(map, row, standing) || []);
    if (names.length === 0) return [];
    const { words, tone } = claimSymbols[standing];
    const line = clip(`${indent}${words}: ${sanitizeLine(names.join("; "))}`, columns);
    return [theme.tone(tone, line)];
  });
}

/** `data-web-0 to data-web-2 and data-web-7`. */
function namesOf({ name, set }: ClaimMap, { template, claims, wanted }: MapRow, standing: Standing): string {
  const base = `${template}-${name}`;
  if (standing !== "missing") {
    const found = [...claims].flatMap(([ordinal, claim]) => (standingOf(claim) === standing ? ordinal : []));
    return nameOrdinals(base, found);
  }
  if (!set || !wanted) return "";
  const edges = [...claims.keys()]
    .filter((ordinal) => inRange(set, ordinal))
    .sort((one, other) => one - other);
  const froms = [set.start, ...edges.map((ordinal) => ordinal + 1)];
  return listWords(froms.flatMap((from, at) => namePods(base, from, (edges[at] ?? set.end) - 1) || []));
}

/** Claims that no map has a place for. */
function elsewhereLines(claims: readonly ClassifiedClaim[], look: Look, used: Set<Standing>): string[] {
  const { theme, columns, ascii } = look;
  const lines = claims.map((classified) => {
    const standing = standingOf(classified);
    used.add(standing);
    const { sign, letter, tone } = claimSymbols[standing];
    const { claim, reason } = classified;
    const rest = sanitizeLine(` ${claim.namespace}/${claim.name}: ${reason}`);
    return indent + theme.tone(tone, ascii ? letter : sign) + clip(rest, columns - indent.length - 1);
  });
  return [
    ...wrap("On no map, because more than one set could own them:".split(" "), " ", columns, ""),
    ...lines,
  ];
}

function legendLines(used: ReadonlySet<Standing>, { theme, columns, ascii }: Look): string[] {
  const words = Object.entries(claimSymbols).flatMap(([standing, { sign, letter, words: meaning }]) =>
    used.has(standing as Standing) ? [`${ascii ? letter : sign} ${meaning}`] : [],
  );
  return wrap(words, gap, columns, "").map((line) => theme.dim(line));
}

/** Parts in lines of a width; a part that is longer than that is cut. */
function wrap(parts: readonly string[], separator: string, columns: number, start = indent): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = `${last ?? ""}${separator}${part}`;
    if (last !== undefined && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(clip(start + part, columns));
  }
  return lines;
}
