import type { Unused } from "../../core/claims/age.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { Resize } from "../../core/claims/facts.js";
import { standingOf } from "../../core/claims/map.js";
import type { ClaimState } from "../../core/claims/states.js";
import type { ReclaimPolicies } from "../../core/claims/volumes.js";
import { describeFate, fateOf } from "../../core/claims/volumes.js";
import { formatAge } from "../../core/duration.js";
import { asciiText, claimSymbols } from "./symbols.js";
import { sanitizeLine } from "../sanitize.js";
import { columnWidths, formatRow } from "../table.js";
import type { Theme } from "../theme.js";
import { textWidth } from "../width.js";

/** A claim, and since when nothing uses it where that is asked for. */
export type ListedClaim = ClassifiedClaim & { unused?: Unused | undefined };

/** One claim as `-o json` gives it; null is what does not apply or is not known. */
export interface ClaimItem {
  namespace: string;
  name: string;
  uid: string;
  set: string | null;
  template: string | null;
  ordinal: number | null;
  state: ClaimState;
  reason: string;
  pod: string | null;
  phase: string;
  terminating: boolean;
  /** What the volume has, or what was asked for as long as there is none. */
  size: string;
  requested: string;
  resize: Resize | null;
  storageClass: string | null;
  volume: string | null;
  reclaimPolicy: string | null;
  unusedSince: string | null;
  unusedSinceBy: Unused["by"] | null;
  createdAt: string;
}

export function claimItem(listed: ListedClaim, policies: ReclaimPolicies): ClaimItem {
  const { claim, state, reason, set, template, ordinal, pod, unused } = listed;
  return {
    namespace: claim.namespace,
    name: claim.name,
    uid: claim.uid,
    set: set ?? null,
    template: template ?? null,
    ordinal: ordinal ?? null,
    state,
    reason,
    pod: pod ?? null,
    phase: claim.phase,
    terminating: claim.deleting,
    size: claim.size,
    requested: claim.requested,
    resize: claim.resize ?? null,
    storageClass: claim.storageClass ?? null,
    volume: claim.volume ?? null,
    reclaimPolicy: (claim.volume && policies?.get(claim.volume)) ?? null,
    unusedSince: unused ? new Date(unused.since).toISOString() : null,
    unusedSinceBy: unused?.by ?? null,
    createdAt: claim.createdAt,
  };
}

export interface ClaimsTableOptions {
  policies: ReclaimPolicies;
  /** Milliseconds. */
  now: number;
  wide: boolean;
  /** A column of since when nothing uses a claim; `-o wide` has it anyway. */
  unused: boolean;
  allNamespaces: boolean;
  headers: boolean;
  /** Width to keep to, by leaving out columns: those first that the claim's name tells, too. Undefined is no limit. */
  columns: number | undefined;
  theme: Theme;
  ascii: boolean;
}

interface Column {
  title: string;
  /** How soon a terminal that is too narrow does without it, the highest first. Without a number it always stays. */
  spare?: number;
  cell(claim: ListedClaim, options: ClaimsTableOptions): string;
}

const namespaceColumn: Column = { title: "NAMESPACE", cell: ({ claim }) => claim.namespace };
const stateColumn: Column = { title: "STATE", cell: stateText };
const unusedColumn: Column = {
  title: "UNUSED",
  spare: 3,
  cell: ({ unused }, { now }) => unusedText(unused, now),
};

const plainColumns: readonly Column[] = [
  { title: "CLAIM", cell: ({ claim }) => claim.name },
  { title: "ORDINAL", spare: 5, cell: ({ ordinal }) => String(ordinal ?? "") },
  stateColumn,
  { title: "POD", spare: 6, cell: ({ pod }) => pod ?? "" },
  { title: "SIZE", spare: 1, cell: sizeText },
  { title: "AGE", spare: 4, cell: ({ claim }, { now }) => formatAge(now - Date.parse(claim.createdAt)) },
];

const laterColumns: readonly Column[] = [
  { title: "CLASS", spare: 5, cell: ({ claim }) => claim.storageClass ?? "" },
  {
    title: "ON DELETE",
    spare: 2,
    cell: ({ claim }, { policies }) => describeFate(fateOf(claim, policies)).short,
  },
];

const wideColumns: readonly Column[] = [
  { title: "SET", cell: ({ set, sets }) => set ?? sets.join(",") },
  { title: "TEMPLATE", cell: ({ template }) => template ?? "" },
  { title: "VOLUME", cell: ({ claim }) => claim.volume ?? "" },
  { title: "REASON", cell: ({ reason }) => reason },
];

/** With what a person should know of the claim itself: `in-use, Terminating`. */
function stateText({ claim, state }: ListedClaim): string {
  const phase = claim.phase === "Bound" ? "" : claim.phase;
  const resize = claim.resize === "Resizing" ? "" : claim.resize; // its size says so
  return [state, phase, resize, claim.deleting ? "Terminating" : ""].filter(Boolean).join(", ");
}

/** `1Gi → 2Gi` while the volume is to grow. */
function sizeText({ claim }: ListedClaim, { ascii }: ClaimsTableOptions): string {
  const grows = claim.resize !== undefined && claim.requested !== claim.size;
  const text = grows ? `${claim.size} → ${claim.requested}` : claim.size;
  return ascii ? asciiText(text) : text;
}

/** Always with what says so: `3d by condition`, `12d by creation`. */
function unusedText(unused: Unused | undefined, now: number): string {
  return unused ? `${formatAge(now - unused.since)} by ${unused.by}` : "";
}

/** The claims as a table, a row each. */
export function claimsTable(claims: readonly ListedClaim[], options: ClaimsTableOptions): string {
  const { allNamespaces, wide, unused, headers, theme } = options;
  const columns = [
    ...(allNamespaces ? [namespaceColumn] : []),
    ...plainColumns,
    ...(wide || unused ? [unusedColumn] : []),
    ...laterColumns,
    ...(wide ? wideColumns : []),
  ];
  const head = headers ? [columns.map(({ title }) => title)] : [];
  const cells = claims.map((claim) => columns.map(({ cell }) => sanitizeLine(cell(claim, options))));
  const all = [...head, ...cells];
  const shown = fit(columns, all, options.columns);
  const isWhole = shown.length === columns.length;
  const rows = isWhole ? all : all.map((row) => shown.map((column) => row[column] ?? ""));
  const widths = columnWidths(rows);
  const painted = shown.indexOf(columns.indexOf(stateColumn));
  const lines = rows.map((row, index) => {
    const claim = claims[index - head.length];
    const tone = claim ? claimSymbols[standingOf(claim)].tone : "plain";
    return formatRow(row, widths, (cell, column) => (column === painted ? theme.tone(tone, cell) : cell));
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** The indexes of the columns that a width has room for. */
function fit(columns: readonly Column[], rows: readonly string[][], room: number | undefined): number[] {
  const shown = columns.map((_, index) => index);
  if (room === undefined) return shown;
  const widths = columnWidths(rows);
  const widest = columns.map((_, column) =>
    rows.reduce((most, row) => Math.max(most, textWidth(row[column] ?? "")), 0),
  );
  const width = (): number =>
    shown.slice(0, -1).reduce((sum, column) => sum + (widths[column] ?? 0), widest[shown.at(-1) ?? 0] ?? 0);
  const spares = shown.filter((column) => columns[column]?.spare !== undefined);
  spares.sort((left, right) => (columns[right]?.spare ?? 0) - (columns[left]?.spare ?? 0) || right - left);
  for (const column of spares) {
    if (width() <= room) break;
    shown.splice(shown.indexOf(column), 1);
  }
  return shown;
}
