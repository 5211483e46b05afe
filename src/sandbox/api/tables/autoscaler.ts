import type { AnyObject } from "../../port.js";
import { ageColumn, column, firstOf, nameColumn, type Column } from "./column.js";

export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  column(
    "Reference",
    ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ""}/${spec?.scaleTargetRef?.name ?? ""}`,
  ),
  column("Targets", targets),
  column("MinPods", ({ spec }) => String(spec?.minReplicas ?? "<unset>")),
  column("MaxPods", ({ spec }) => spec?.maxReplicas ?? 0),
  column("Replicas", ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
];

interface Value {
  averageUtilization?: number;
  averageValue?: string;
  value?: string;
}

interface Source {
  name?: string;
  target: Value;
}

function targets({ spec, status }: AnyObject): string {
  const metrics: AnyObject[] = spec?.metrics ?? [];
  const current: (AnyObject | null)[] = status?.currentMetrics ?? [];
  if (metrics.length === 0) return "<none>";
  return firstOf(
    metrics.map((metric, index) => target(metric, current[index])),
    2,
    ", ",
  );
}

/** How far one metric is from its target: `cpu: 40%/80%`, `<unknown>/10 (avg)`. */
function target(metric: AnyObject, status: AnyObject | null | undefined): string {
  const type = String(metric["type"]);
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  const source: Source | undefined = metric[field];
  if (!source) return "<unknown type>";
  const current: Value = status?.[field]?.current ?? {};
  const pair = (now: string | undefined, wanted: string) => `${now ?? "<unknown>"}/${wanted}`;
  const { averageValue, averageUtilization, value } = source.target;
  if (["Resource", "ContainerResource"].includes(type)) {
    const percent = (share: number | undefined) => (share === undefined ? undefined : `${share}%`);
    const shown =
      averageValue === undefined
        ? pair(percent(current.averageUtilization), percent(averageUtilization) ?? "<auto>")
        : pair(current.averageValue, averageValue);
    return `${source.name}: ${shown}`;
  }
  if (type === "Pods") return pair(current.averageValue, averageValue ?? "");
  return averageValue === undefined
    ? pair(current.value, value ?? "")
    : `${pair(current.averageValue, averageValue)} (avg)`;
}
