import type { AnyObject } from "../../port.js";
import { ageColumn, column, firstOf, nameColumn, type Column } from "./column.js";

export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  column(
    "Reference",
    "scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.",
    ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ""}/${spec?.scaleTargetRef?.name ?? ""}`,
  ),
  column(
    "Targets",
    "metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond. If not set, the default metric will be set to 80% average CPU utilization.",
    targets,
  ),
  column(
    "MinPods",
    "minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available.",
    ({ spec }) => String(spec?.minReplicas ?? "<unset>"),
  ),
  column(
    "MaxPods",
    "maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.",
    ({ spec }) => spec?.maxReplicas ?? 0,
  ),
  column(
    "Replicas",
    "currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.",
    ({ status }) => status?.currentReplicas ?? 0,
  ),
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
