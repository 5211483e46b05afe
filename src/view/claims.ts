import type { ClassifiedClaim } from "../core/claims/classify.js";
import type { ClaimState } from "../core/claims/states.js";
import { includable } from "../core/claims/states.js";
import type { ReclaimPolicies } from "../core/claims/volumes.js";
import { describeFate, fateOf } from "../core/claims/volumes.js";
import { formatAge } from "../core/duration.js";
import { sumQuantities } from "../core/quantity.js";
import { columnWidths, formatTable } from "./table.js";

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
  size: string;
  storageClass: string | null;
  reclaimPolicy: string | null;
  unusedSince: string | null;
  createdAt: string;
}

export function claimItem(classified: ClassifiedClaim, policies: ReclaimPolicies): ClaimItem {
  const { claim, state, reason, set, template, ordinal, pod } = classified;
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
    size: claim.size,
    storageClass: claim.storageClass ?? null,
    reclaimPolicy: (claim.volume && policies?.get(claim.volume)) ?? null,
    unusedSince: claim.unusedSince ?? null,
    createdAt: claim.createdAt,
  };
}

export interface ClaimsTableOptions {
  policies: ReclaimPolicies;
  /** Milliseconds. */
  now: number;
  wide: boolean;
  allNamespaces: boolean;
  headers: boolean;
  /** Width to keep to, by leaving out the last columns; undefined is no limit. */
  columns: number | undefined;
}

type Column = readonly [title: string, cell: (claim: ClassifiedClaim, options: ClaimsTableOptions) => string];

const namespaceColumn: Column = ["NAMESPACE", ({ claim }) => claim.namespace];

const plainColumns: readonly Column[] = [
  ["CLAIM", ({ claim }) => claim.name],
  ["ORDINAL", ({ ordinal }) => String(ordinal ?? "")],
  ["STATE", ({ claim, state }) => (claim.deleting ? `${state}, Terminating` : state)],
  ["POD", ({ pod }) => pod ?? ""],
  ["SIZE", ({ claim }) => claim.size],
  ["AGE", ({ claim }, { now }) => formatAge(now - Date.parse(claim.createdAt))],
  ["CLASS", ({ claim }) => claim.storageClass ?? ""],
  ["ON DELETE", ({ claim }, { policies }) => describeFate(fateOf(claim, policies)).short],
];

const wideColumns: readonly Column[] = [
  ["SET", ({ set, sets }) => set ?? sets.join(",")],
  ["TEMPLATE", ({ template }) => template ?? ""],
  ["VOLUME", ({ claim }) => claim.volume ?? ""],
  [
    "UNUSED",
    ({ claim }, { now }) => (claim.unusedSince ? formatAge(now - Date.parse(claim.unusedSince)) : ""),
  ],
  ["REASON", ({ reason }) => reason],
];

/** The claims as a table, a row each. */
export function claimsTable(claims: readonly ClassifiedClaim[], options: ClaimsTableOptions): string {
  const columns = [
    ...(options.allNamespaces ? [namespaceColumn] : []),
    ...plainColumns,
    ...(options.wide ? wideColumns : []),
  ];
  const head = options.headers ? [columns.map(([title]) => title)] : [];
  const rows = [
    ...head,
    ...claims.map((claim) => columns.map(([, cell]) => printable(cell(claim, options)))),
  ];
  return formatTable(fit(rows, options.columns));
}

/** Names from the cluster reach the terminal as text only: without control characters. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
}

function fit(rows: readonly string[][], columns: number | undefined): readonly string[][] {
  if (columns === undefined) return rows;
  const widths = columnWidths(rows);
  const last = (count: number) => Math.max(...rows.map((row) => row[count - 1]?.length ?? 0));
  const widthOf = (count: number) =>
    widths.slice(0, count - 1).reduce((sum, width) => sum + width, 0) + last(count);
  let count = widths.length;
  while (count > 3 && widthOf(count) > columns) count -= 1;
  return rows.map((row) => row.slice(0, count));
}

/** `5 claims, 5Gi · 2 left over, 2Gi: sts pvc cleanup web`. */
export function claimsSummary(claims: readonly ClassifiedClaim[], cleanup: string): string {
  const leftOver = claims.filter(({ state }) => state === "scaled-down");
  const parts = [amount(claims, claims.length === 1 ? "claim" : "claims")];
  if (leftOver.length > 0) parts.push(`${amount(leftOver, "left over")}: ${cleanup}`);
  for (const state of includable) {
    const held = claims.filter((claim) => claim.state === state);
    if (held.length > 0) parts.push(`${amount(held, state)}: --include=${state}`);
  }
  return parts.join(" · ");
}

function amount(claims: readonly ClassifiedClaim[], what: string): string {
  return `${claims.length} ${what}, ${sumQuantities(claims.map(({ claim }) => claim.size))}`;
}
