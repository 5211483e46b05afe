import { selectorText } from "../../kinds/label-selector.js";
import type { AnyObject } from "../../port.js";
import { ageColumn, column, firstOf, nameColumn, wide, type Column } from "./column.js";

const none = "<none>";

export const serviceColumns: readonly Column[] = [
  nameColumn,
  column("Type", ({ spec }) => spec?.type ?? ""),
  column("Cluster-IP", ({ spec }) => spec?.clusterIPs?.[0] ?? none),
  column("External-IP", externalIP),
  column("Port(s)", ({ spec }) => (spec?.ports ?? []).map(portText).join(",") || none),
  ageColumn,
  column("Selector", ({ spec }) => selectorText({ matchLabels: spec?.selector ?? {} }) || none, wide),
];

function externalIP({ spec, status }: AnyObject): string {
  const given: string[] = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case "ClusterIP":
    case "NodePort":
      return given.join(",") || none;
    case "LoadBalancer": {
      const ingress: { ip?: string; hostname?: string }[] = status?.loadBalancer?.ingress ?? [];
      const balanced = new Set(ingress.map(({ ip, hostname }) => ip || hostname || "").filter(Boolean));
      return [...[...balanced].sort(), ...given].join(",") || "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

function portText({
  port,
  nodePort,
  protocol,
}: {
  port: number;
  nodePort?: number;
  protocol: string;
}): string {
  return `${port}${nodePort ? `:${nodePort}` : ""}/${protocol}`;
}

interface Subset {
  addresses?: { ip: string }[];
  ports?: { port: number }[];
}

export const endpointsColumns: readonly Column[] = [
  nameColumn,
  column("Endpoints", ({ subsets }) => endpointsText(subsets ?? [])),
  ageColumn,
];

function endpointsText(subsets: readonly Subset[]): string {
  if (subsets.length === 0) return none;
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    const ips = addresses.map(({ ip }) => ip);
    // A headless service may have no ports.
    if (ports.length === 0) return ips;
    return ports.flatMap(({ port }) => ips.map((ip) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`));
  });
  return firstOf(all, 3);
}

export const endpointSliceColumns: readonly Column[] = [
  nameColumn,
  column("AddressType", ({ addressType }) => addressType ?? ""),
  column("Ports", ({ ports }) => firstOf((ports ?? []).map(slicePort), 3) || "<unset>"),
  column(
    "Endpoints",
    ({ endpoints }) =>
      firstOf(
        (endpoints ?? []).flatMap(({ addresses = [] }: { addresses?: string[] }) => addresses),
        3,
      ) || "<unset>",
  ),
  ageColumn,
];

const slicePort = ({ port, name }: { port?: number; name?: string }) => String(port ?? name ?? "*");
