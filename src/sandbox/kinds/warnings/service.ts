import type { AnyObject } from "../../port.js";

const oldHints = "service.kubernetes.io/topology-aware-hints";

/** What the API warns of in a service (registry, `GetWarningsForService`); addresses in old notations aside. */
export function serviceWarnings({ metadata, spec = {} }: AnyObject): string[] {
  const headless = spec.type === "ClusterIP" && spec.clusterIP === "None";
  const byName = spec.type === "ExternalName";
  const addresses = (spec.externalIPs ?? []).length > 0;
  const found: [boolean, string][] = [
    [
      metadata.annotations?.[oldHints] !== undefined,
      `annotation ${oldHints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    ],
    [headless && Boolean(spec.loadBalancerIP), "spec.loadBalancerIP is ignored for headless services"],
    [headless && addresses, "spec.externalIPs is ignored for headless services"],
    [
      headless && (spec.sessionAffinity ?? "None") !== "None",
      "spec.SessionAffinity is ignored for headless services",
    ],
    [
      addresses && !headless && !byName,
      "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
    ],
    [byName && addresses, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [
      !byName && Boolean(spec.externalName),
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ],
    [
      spec.trafficDistribution === "PreferClose",
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ];
  return found.filter(([applies]) => applies).map(([, text]) => text);
}
