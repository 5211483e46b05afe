import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, nameColumnWith, since, wide, type Column } from "./column.js";

const count = (fields: object | undefined) => Object.keys(fields ?? {}).length;

export const namespaceColumns: readonly Column[] = [
  nameColumn,
  column("Status", ({ status }) => status?.phase ?? ""),
  ageColumn,
];

export const configMapColumns: readonly Column[] = [
  nameColumn,
  column("Data", ({ data, binaryData }) => count(data) + count(binaryData)),
  ageColumn,
];

export const secretColumns: readonly Column[] = [
  nameColumn,
  column("Type", ({ type }) => type ?? ""),
  column("Data", ({ data }) => count(data)),
  ageColumn,
];

export const leaseColumns: readonly Column[] = [
  nameColumn,
  column("Holder", ({ spec }) => spec?.holderIdentity ?? ""),
  ageColumn,
];

export const nodeColumns: readonly Column[] = [
  nameColumn,
  column("Status", nodeStatus),
  column("Roles", nodeRoles),
  ageColumn,
  column("Version", (node) => infoOf(node, "kubeletVersion", "")),
  column("Internal-IP", (node) => addressOf(node, "InternalIP"), wide),
  column("External-IP", (node) => addressOf(node, "ExternalIP"), wide),
  column("OS-Image", (node) => infoOf(node, "osImage"), wide),
  column("Kernel-Version", kernel, wide),
  column("Container-Runtime", (node) => infoOf(node, "containerRuntimeVersion"), wide),
];

function nodeStatus({ spec, status }: AnyObject): string {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === "Ready");
  const word = ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown";
  return `${word}${spec?.unschedulable ? ",SchedulingDisabled" : ""}`;
}

function nodeRoles({ metadata }: AnyObject): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.entries(metadata.labels ?? {}).map(([label, value]) =>
    label === "kubernetes.io/role" ? value : label.startsWith(prefix) ? label.slice(prefix.length) : "",
  );
  return [...new Set(roles.filter((role) => role !== ""))].sort().join(",") || "<none>";
}

function infoOf({ status }: AnyObject, field: string, unknown = "<unknown>"): string {
  return status?.nodeInfo?.[field] || unknown;
}

function kernel(node: AnyObject): string {
  const architecture = infoOf(node, "architecture", "");
  return `${infoOf(node, "kernelVersion")}${architecture && ` (${architecture})`}`;
}

function addressOf({ status }: AnyObject, wanted: string): string {
  const addresses: { type: string; address: string }[] = status?.addresses ?? [];
  return addresses.find(({ type }) => type === wanted)?.address ?? "<none>";
}

export const eventColumns: readonly Column[] = [
  column("Last Seen", (event, { now }) => since(lastSeen(event), now)),
  column("Type", ({ type }) => type ?? ""),
  column("Reason", ({ reason }) => reason ?? ""),
  column("Object", ({ involvedObject: { kind = "", name = "" } = {} }) =>
    [kind.toLowerCase(), name].filter((part) => part !== "").join("/"),
  ),
  column("Subobject", ({ involvedObject }) => involvedObject?.fieldPath ?? "", wide),
  column("Source", sourceOf, wide),
  column("Message", ({ message = "" }) => message.trim()),
  column("First Seen", (event, { now }) => since(firstSeen(event), now), wide),
  column("Count", ({ series, count: counted }) => (series ? (series.count ?? 0) : counted || 1), wide),
  nameColumnWith(wide),
];

const firstSeen = ({ firstTimestamp, eventTime }: AnyObject): string | undefined =>
  firstTimestamp ?? eventTime;

function lastSeen(event: AnyObject): string | undefined {
  const { series, lastTimestamp } = event;
  return series ? series.lastObservedTime : (lastTimestamp ?? firstSeen(event));
}

function sourceOf({ source, reportingComponent, reportingInstance }: AnyObject): string {
  const component = source?.component || reportingComponent || "";
  const instance = source?.host || reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}
