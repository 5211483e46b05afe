import type { AnyObject } from "../port.js";
import { invalid } from "../store/status.js";
import { setDefaults } from "./defaults.js";
import type { Admission, FieldError } from "./kind.js";
import type { Json } from "./schema.js";
import { addressFields, unservedAddresses } from "./validation/service-addresses.js";

const threeHours = 10_800;

export function serviceDefaults(service: AnyObject): void {
  const spec: Json = service.spec;
  setDefaults(spec, { sessionAffinity: "None", type: "ClusterIP" });
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && !spec.sessionAffinityConfig?.clientIP?.timeoutSeconds)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: threeHours } };
  for (const port of spec.ports ?? []) {
    setDefaults(port, { protocol: "TCP" });
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === "")
      port.targetPort = port.port;
  }
  if (isExternal(spec)) setDefaults(spec, { externalTrafficPolicy: "Cluster" });
  if (spec.type !== "ExternalName") setDefaults(spec, { internalTrafficPolicy: "Cluster" });
  if (spec.type === "LoadBalancer") setDefaults(spec, { allocateLoadBalancerNodePorts: true });
}

/** Of a balancer's address: whether packets come with it. */
export function serviceStatusUpdate({ spec, status }: AnyObject): void {
  const ingress: Json[] = (spec.type === "LoadBalancer" && status?.loadBalancer?.ingress) || [];
  for (const place of ingress) if (place.ip) setDefaults(place, { ipMode: "VIP" });
}

export function needsHealthCheck({ type, externalTrafficPolicy }: Json): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

export function isExternal({ type, externalIPs }: Json): boolean {
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs?.length > 0);
}

/** Gives a service its addresses and node ports, and what follows from having them. */
export function allocateService(service: AnyObject, admission: Admission): void {
  const spec: Json = service.spec;
  if (spec.type === "ExternalName") return;
  const others = admission.list("services").filter(({ metadata }) => metadata.uid !== service.metadata.uid);
  const asked = Boolean(spec.clusterIP || spec.clusterIPs?.length);
  if (spec.clusterIP) setDefaults(spec, { clusterIPs: [spec.clusterIP] });
  refuse(service, addressFields(spec));
  if (asked) refuse(service, unservedAddresses(spec, others));
  spec.clusterIP ||= freeAddress(others);
  setDefaults(spec, { clusterIPs: [spec.clusterIP] });
  const anywhere = spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0;
  const families = anywhere ? { ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "RequireDualStack" } : {};
  setDefaults(spec, { ...families });
  setDefaults(spec, { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
  if (
    spec.type === "NodePort" ||
    (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false)
  )
    allocateNodePorts(spec, others);
}

/** The allocator looks at addresses before anything else is looked at, and says nothing of the rest. */
function refuse({ metadata }: AnyObject, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: "", kind: "Service" }, metadata.name ?? "", errors);
}

/** What an update may leave out is kept; a type that needs more than the old one gets it. */
export function serviceUpdate(service: AnyObject, old: AnyObject, admission: Admission): void {
  dropOfOldType(service.spec, old.spec);
  keepAllocations(service, old);
  serviceDefaults(service);
  allocateService(service, admission);
}

/** A replace that leaves out what was allocated keeps it, as long as the type still has it. */
function keepAllocations({ spec }: AnyObject, { spec: old }: AnyObject): void {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return;
  if (!spec.clusterIP && !spec.clusterIPs?.length) {
    spec.clusterIP = old.clusterIP;
    spec.clusterIPs = old.clusterIPs;
  } else if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  else if (spec.clusterIP !== old.clusterIP && same(spec.clusterIPs, old.clusterIPs))
    spec.clusterIPs = [spec.clusterIP];
  if (!hasNodePorts(spec)) return;
  for (const port of spec.ports ?? [])
    port.nodePort ??= old.ports?.find(
      (one: Json) => one.port === port.port && one.protocol === (port.protocol ?? "TCP"),
    )?.nodePort;
}

function hasNodePorts({ type }: Json): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

/** What the old type had and the new one has not goes, unless the update says something of it. */
function dropOfOldType(spec: Json, old: Json): void {
  const drop = (had: boolean, has: boolean, field: string): void => {
    if (had && !has && same(spec[field], old[field])) delete spec[field];
  };
  const ports = [spec, old].map((one) => (one.ports ?? []).map((port: Json) => port.nodePort));
  if (hasNodePorts(old) && !hasNodePorts(spec) && same(ports[0], ports[1]))
    for (const port of spec.ports ?? []) delete port.nodePort;
  for (const field of ["allocateLoadBalancerNodePorts", "loadBalancerClass"])
    drop(old.type === "LoadBalancer", spec.type === "LoadBalancer", field);
  drop(needsHealthCheck(old), needsHealthCheck(spec), "healthCheckNodePort");
  drop(isExternal(old), isExternal(spec), "externalTrafficPolicy");
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The first free address of 10.0.0.0/16 after those that the cluster keeps for itself. */
function freeAddress(services: AnyObject[]): string {
  const taken = new Set(services.flatMap(({ spec }) => spec?.clusterIPs ?? []));
  const firstHost = 11;
  for (let host = firstHost; host < 0xffff; host++) {
    const address = `10.0.${host >> 8}.${host & 0xff}`;
    if (!taken.has(address)) return address;
  }
  return "";
}

const nodePorts = { first: 30_000, last: 32_767 };

function allocateNodePorts(spec: Json, services: AnyObject[]): void {
  const taken = new Set(
    services.flatMap((one) => (one.spec?.ports ?? []).map((port: Json) => port.nodePort)),
  );
  let next = nodePorts.first;
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    while (taken.has(next) && next < nodePorts.last) next++;
    port.nodePort = next;
    taken.add(next);
  }
}
