import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, nameColumnWith, since, wide, type Column } from "./column.js";

const count = (fields: object | undefined) => Object.keys(fields ?? {}).length;

export const namespaceColumns: readonly Column[] = [
  nameColumn,
  column("Status", "The status of the namespace", ({ status }) => status?.phase ?? ""),
  ageColumn,
];

export const configMapColumns: readonly Column[] = [
  nameColumn,
  column(
    "Data",
    "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
    ({ data, binaryData }) => count(data) + count(binaryData),
  ),
  ageColumn,
];

export const secretColumns: readonly Column[] = [
  nameColumn,
  column(
    "Type",
    "Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types",
    ({ type }) => type ?? "",
  ),
  column(
    "Data",
    "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
    ({ data }) => count(data),
  ),
  ageColumn,
];

export const leaseColumns: readonly Column[] = [
  nameColumn,
  column(
    "Holder",
    "holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.",
    ({ spec }) => spec?.holderIdentity ?? "",
  ),
  ageColumn,
];

export const nodeColumns: readonly Column[] = [
  nameColumn,
  column("Status", "The status of the node", nodeStatus),
  column("Roles", "The roles of the node", nodeRoles),
  ageColumn,
  column("Version", "Kubelet Version reported by the node.", (node) => infoOf(node, "kubeletVersion", "")),
  column(
    "Internal-IP",
    "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).",
    (node) => addressOf(node, "InternalIP"),
    wide,
  ),
  column(
    "External-IP",
    "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).",
    (node) => addressOf(node, "ExternalIP"),
    wide,
  ),
  column(
    "OS-Image",
    "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).",
    (node) => infoOf(node, "osImage"),
    wide,
  ),
  column(
    "Kernel-Version",
    "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
    kernel,
    wide,
  ),
  column(
    "Container-Runtime",
    "ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).",
    (node) => infoOf(node, "containerRuntimeVersion"),
    wide,
  ),
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
  column(
    "Last Seen",
    "The time at which the most recent occurrence of this event was recorded.",
    (event, { now }) => since(lastSeen(event), now),
  ),
  column(
    "Type",
    "Type of this event (Normal, Warning), new types could be added in the future",
    ({ type }) => type ?? "",
  ),
  column(
    "Reason",
    "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ({ reason }) => reason ?? "",
  ),
  column(
    "Object",
    "The object that this event is about.",
    ({ involvedObject: { kind = "", name = "" } = {} }) =>
      [kind.toLowerCase(), name].filter((part) => part !== "").join("/"),
  ),
  column(
    "Subobject",
    'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
    ({ involvedObject }) => involvedObject?.fieldPath ?? "",
    wide,
  ),
  column(
    "Source",
    "The component reporting this event. Should be a short machine understandable string.",
    sourceOf,
    wide,
  ),
  column("Message", "A human-readable description of the status of this operation.", ({ message = "" }) =>
    message.trim(),
  ),
  column(
    "First Seen",
    "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)",
    (event, { now }) => since(firstSeen(event), now),
    wide,
  ),
  column(
    "Count",
    "The number of times this event has occurred.",
    ({ series, count: counted }) => (series ? (series.count ?? 0) : counted || 1),
    wide,
  ),
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
