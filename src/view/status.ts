import { formatAge } from "../core/duration.js";
import { shortRevision } from "../core/revision.js";
import type { PodReport, RevisionReport, ServiceReport, StatusReport } from "../core/status/report.js";
import { sanitizeLine } from "./sanitize.js";
import { columnWidths, formatRow } from "./table.js";
import type { Theme, Tone } from "./theme.js";
import { clip, pad, textWidth } from "./width.js";

export interface StatusPage {
  theme: Theme;
  /** Milliseconds. */
  now: number;
  /** Width to keep to; undefined is no limit. */
  columns: number | undefined;
}

const labelWidth = 16;

/** A set on one page: what it is, how it stands, a row for each ordinal, and what to do next. */
export function formatStatus(report: StatusReport, page: StatusPage): string {
  const head = [
    ...fields(`${report.namespace}/${report.name}`, setLine(report), " · ", page),
    ...detailLines(report, page),
  ];
  const verdict = report.verdict.state === "Done" ? [] : verdictLines(report, page);
  const table = report.pods.length > 0 ? podTable(report, page) : ["  no pods"];
  const next = report.next.length > 0 ? fields("Next:", report.next, " · ", page, "Next: ".length) : [];
  return `${[...head, ...verdict, ...table, ...next].join("\n")}\n`;
}

function setLine(report: StatusReport): string[] {
  const { images, ready, replicas, updated, revisions, podManagementPolicy, strategy, pods } = report;
  // After an undo the set has one revision again, while a pod may still be at the one that was taken back.
  const differ =
    revisions.current?.name !== revisions.update?.name ||
    pods.some(({ wanted, revision }) => wanted && revision?.role === "other");
  return [
    ...images,
    `${ready} of ${replicas} ready`,
    ...(differ ? [`updated ${updated} of ${replicas}`] : []),
    podManagementPolicy,
    strategyText(report),
    strategy.hold ?? "",
  ].filter(Boolean);
}

function strategyText({ strategy, revisions }: StatusReport): string {
  const { type, partition, maxUnavailable, updatedByPartition, heldByPartition } = strategy;
  const limit = maxUnavailable === null || maxUnavailable === 1 ? "" : `, maxUnavailable ${maxUnavailable}`;
  if (!partition) return `${type}${limit}`;
  const staged = revisions.current?.name !== revisions.update?.name;
  const updated = updatedByPartition
    ? `${updatedByPartition} ${staged ? "updated" : "to be updated"}`
    : "none updated";
  const held = heldByPartition ? `${heldByPartition} held` : "none held";
  return `${type}${limit}, partition ${partition} (${updated}; ${held})`;
}

/** Revisions, Service and claims: on one line where there is room, else each on its own. */
function detailLines(report: StatusReport, page: StatusPage): string[] {
  const details: [label: string, text: string][] = [["revisions", revisionsText(report)]];
  if (report.service) details.push(["service", serviceText(report.service)]);
  if (report.claimTemplates.length > 0) details.push(["claims", claimsText(report)]);
  const [first, ...others] = details.map(([label, text], index) =>
    index === 0 ? pad(label, labelWidth) + text : `${label}  ${text}`,
  );
  const line = [first, ...others].join("      ");
  if (page.columns === undefined || textWidth(line) <= page.columns) return [line];
  return details.flatMap(([label, text]) => fields(label, text.split(", "), ", ", page));
}

function revisionsText({ name, revisions: { current, update } }: StatusReport): string {
  if (!update) return "none yet";
  const text = (report: RevisionReport): string => {
    const hash = shortRevision(name, report.name);
    return report.revision === null ? hash : `${report.revision} (${hash})`;
  };
  if (!current || current.name === update.name) return text(update);
  return `current ${text(current)} · update ${text(update)}`;
}

function serviceText({ name, exists, headless, endpoints, readyEndpoints }: ServiceReport): string {
  if (exists === null) return `${name} (may not be read)`;
  if (!exists) return `${name} (does not exist)`;
  const kind = headless ? "headless" : "not headless";
  if (endpoints === null || readyEndpoints === null) return `${name} (${kind})`;
  const count = `${endpoints} ${endpoints === 1 ? "endpoint" : "endpoints"}`;
  const unready = endpoints > readyEndpoints ? `, ${readyEndpoints} ready` : "";
  return `${name} (${kind}, ${count}${unready})`;
}

/** In the words of `pvc list`. */
function claimsText({ claimTemplates, leftOverClaims, heldClaims }: StatusReport): string {
  return [
    ...claimTemplates.map(({ name, size }) => `${name} ${size} each`),
    ...(leftOverClaims.length > 0 ? [`${leftOverClaims.length} left over`] : []),
    ...heldClaims.map(({ state, claims }) => `${claims.length} ${state}`),
  ].join(", ");
}

/** The cause in full, on as many lines as it takes. */
function verdictLines({ verdict }: StatusReport, page: StatusPage): string[] {
  const bad = verdict.state === "Failed" || verdict.state === "Stalled";
  const lines = fields(bad ? "failed" : "under way", verdict.message.split(" "), " ", page);
  return lines.map(
    (line) => line.slice(0, labelWidth) + page.theme.tone(bad ? "bad" : "moving", line.slice(labelWidth)),
  );
}

/** A label and parts behind it, on as many lines as the width asks for. */
function fields(
  label: string,
  parts: readonly string[],
  separator: string,
  { columns = Infinity }: StatusPage,
  indent = labelWidth,
): string[] {
  const lines: string[] = [];
  let line = pad(label, indent).padEnd(textWidth(label) + 1);
  let empty = true;
  for (const part of parts.map(sanitizeLine)) {
    const longer = empty ? line + part : `${line}${separator}${part}`;
    if (!empty && textWidth(longer) > columns) {
      lines.push(line);
      line = " ".repeat(indent) + part;
    } else line = longer;
    empty = false;
  }
  return [...lines, line].map((each) => clip(each, columns));
}

interface Column {
  header: string;
  cell(pod: PodReport, report: StatusReport, now: number): string;
}

const columns: readonly Column[] = [
  { header: "POD", cell: ({ name }) => name },
  { header: "STATE", cell: ({ state }) => state },
  { header: "READY", cell: ({ ready }) => ready ?? "" },
  { header: "REVISION", cell: ({ revision }, report) => podRevisionText(revision, report) },
  { header: "RESTARTS", cell: ({ ready, restarts }) => (ready === null ? "" : String(restarts)) },
  {
    header: "AGE",
    cell: ({ createdAt }, _report, now) => (createdAt ? formatAge(now - Date.parse(createdAt)) : ""),
  },
  { header: "NODE", cell: ({ node }) => node ?? "" },
  { header: "CLAIMS", cell: ({ claims }) => claims.map(claimText).filter(Boolean).join(", ") },
  { header: "DNS", cell: ({ dns }) => dns ?? "" },
];

function podRevisionText(revision: PodReport["revision"], report: StatusReport): string {
  if (!revision) return "";
  const { revision: number, name, role } = revision;
  const text = number === null ? shortRevision(report.name, name) : String(number);
  return role === "both" ? text : role === "other" ? `${text} old` : `${text} ${role}`;
}

function claimText({ name, size, phase }: PodReport["claims"][number]): string {
  if (phase === "Missing") return "";
  return [name, size, phase === "Bound" ? "" : phase].filter(Boolean).join(" ");
}

const tableIndent = "  ";
const stateColumn = 1;

/** The last columns go first where there is not room for all; a pod's name and state stay. */
function podTable(report: StatusReport, { theme, now, columns: room }: StatusPage): string[] {
  const used = columns.filter(({ cell }) => report.pods.some((pod) => cell(pod, report, now) !== ""));
  const header = used.map((column) => column.header);
  const rows = report.pods.map((pod) => used.map(({ cell }) => sanitizeLine(cell(pod, report, now))));
  const count = fittingColumns([header, ...rows], room);
  const kept = [header, ...rows].map((row) => row.slice(0, count));
  const widths = columnWidths(kept);
  const left = (room ?? Infinity) - tableIndent.length - (widths[0] ?? 0);
  const cut = count > 2 ? kept : kept.map(([pod = "", state = ""]) => [pod, clip(state, left)]);
  const paint = (tone: Tone) => (cell: string, column: number) =>
    column === stateColumn ? theme.tone(tone, cell) : cell;
  return cut.map((row, index) => {
    const tone = report.pods[index - 1]?.tone ?? "plain";
    return (tableIndent + formatRow(row, widths, paint(tone))).trimEnd();
  });
}

function fittingColumns(rows: readonly (readonly string[])[], room = Infinity): number {
  let count = rows[0]?.length ?? 0;
  const width = (columnCount: number): number => {
    const cut = rows.map((row) => row.slice(0, columnCount));
    const widths = columnWidths(cut);
    const last = Math.max(0, ...cut.map((row) => textWidth(row.at(-1) ?? "")));
    return tableIndent.length + widths.slice(0, -1).reduce((sum, each) => sum + each, 0) + last;
  };
  while (count > 2 && width(count) > room) count -= 1;
  return count;
}
