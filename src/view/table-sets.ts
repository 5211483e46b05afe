import { formatAge } from "../core/duration.js";
import type { StatefulSet } from "../core/model.js";
import { shortRevision } from "../core/revision.js";

/** Which columns a table of StatefulSets has. */
export interface SetColumns {
  namespaces: boolean;
  wide: boolean;
  showLabels: boolean;
  /** Labels with a column of their own (`-L`). */
  labelColumns: readonly string[];
}

interface Column {
  header: string;
  cell(set: StatefulSet, now: number): string;
}

const none = "<none>";

/** kubectl's columns, in its order. */
const standard: readonly Column[] = [
  { header: "NAME", cell: ({ metadata }) => metadata.name },
  { header: "READY", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}` },
  { header: "AGE", cell: ({ metadata }, now) => formatAge(now - Date.parse(metadata.creationTimestamp)) },
];

/** kubectl's first, then what people ask for. */
const wide: readonly Column[] = [
  { header: "CONTAINERS", cell: (set) => ofContainers(set, ({ name }) => name) },
  { header: "IMAGES", cell: (set) => ofContainers(set, ({ image }) => image ?? none) },
  { header: "UPDATED", cell: ({ status }) => String(status?.updatedReplicas ?? 0) },
  { header: "AVAILABLE", cell: ({ status }) => String(status?.availableReplicas ?? 0) },
  { header: "PARTITION", cell: partition },
  { header: "REVISION", cell: revision },
];

type Container = NonNullable<StatefulSet["spec"]["template"]["spec"]>["containers"][number];

function ofContainers({ spec }: StatefulSet, text: (container: Container) => string): string {
  return (spec.template.spec?.containers ?? []).map(text).join(",");
}

function partition({ spec }: StatefulSet): string {
  if (spec.updateStrategy?.type === "OnDelete") return none;
  return String(spec.updateStrategy?.rollingUpdate?.partition ?? 0);
}

/** The revision of all pods, or `OLD/NEW` while there are two. */
function revision({ metadata, status }: StatefulSet): string {
  const { currentRevision, updateRevision } = status ?? {};
  if (!updateRevision) return none;
  const short = (name: string): string => shortRevision(metadata.name, name);
  if (!currentRevision || currentRevision === updateRevision) return short(updateRevision);
  return `${short(currentRevision)}/${short(updateRevision)}`;
}

function columnsFor({ namespaces, wide: isWide, showLabels, labelColumns }: SetColumns): Column[] {
  const namespace: Column = { header: "NAMESPACE", cell: ({ metadata }) => metadata.namespace ?? "" };
  const labels: Column = { header: "LABELS", cell: ({ metadata }) => formatLabels(metadata.labels) };
  return [
    ...(namespaces ? [namespace] : []),
    ...standard,
    ...(isWide ? wide : []),
    ...labelColumns.map((key) => ({
      header: (key.split("/").at(-1) ?? key).toUpperCase(),
      cell: ({ metadata }: StatefulSet) => metadata.labels?.[key] ?? "",
    })),
    ...(showLabels ? [labels] : []),
  ];
}

function formatLabels(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.toSorted().join(",") || none;
}

export function setHeaders(columns: SetColumns): string[] {
  return columnsFor(columns).map(({ header }) => header);
}

/** One set's cells; `now` in milliseconds. */
export function setRow(set: StatefulSet, columns: SetColumns, now: number): string[] {
  return columnsFor(columns).map(({ cell }) => cell(set, now));
}
