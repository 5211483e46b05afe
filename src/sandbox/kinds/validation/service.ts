import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { isExternal, needsHealthCheck } from "../service.js";
import { specialAddress } from "./endpoint-slice.js";
import { duplicate, each, forbidden, invalid, oneOf, portNumber, required } from "./errors.js";
import { labels } from "./metadata.js";
import { dnsLabel, dnsSubdomain, portName, qualifiedName } from "./names.js";
import { address } from "./pod-spec.js";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const policies = ["Cluster", "Local"];

export function validateService({ spec }: AnyObject): FieldError[] {
  const headless = spec.clusterIP === "None";
  const portless = !spec.ports?.length && !headless && spec.type !== "ExternalName";
  return [
    ...(portless ? [required("spec.ports")] : []),
    ...(spec.type === "ExternalName" ? externalName(spec.externalName) : []),
    ...(headless && ["NodePort", "LoadBalancer"].includes(spec.type)
      ? [invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${spec.type} services`)]
      : []),
    ...servicePorts(spec.ports ?? []),
    ...labels("spec.selector", spec.selector),
    ...(spec.sessionAffinity
      ? oneOf("spec.sessionAffinity", spec.sessionAffinity, ["ClientIP", "None"])
      : []),
    ...affinityTime(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds),
    ...externalAddresses(spec.externalIPs ?? []),
    ...oneOf("spec.type", spec.type, types),
    ...notOfType(spec),
    ...(spec.internalTrafficPolicy
      ? oneOf("spec.internalTrafficPolicy", spec.internalTrafficPolicy, policies)
      : []),
  ];
}

function externalName(name: string | undefined): FieldError[] {
  if (!name) return [required("spec.externalName")];
  return each("spec.externalName", name, dnsSubdomain(name.replace(/\.$/, "")));
}

const oneDay = 86_400;

function affinityTime(seconds: number | undefined): FieldError[] {
  if (seconds === undefined || (seconds > 0 && seconds <= oneDay)) return [];
  const field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  return [invalid(field, seconds, `must be greater than 0 and less than ${oneDay}`)];
}

function externalAddresses(addresses: string[]): FieldError[] {
  return addresses.flatMap((one, at) => {
    const field = `spec.externalIPs[${at}]`;
    const wrong = address(field, one);
    return wrong.length > 0 ? wrong : specialAddress(field, one);
  });
}

/** What only services of another type may say. */
function notOfType(spec: Json): FieldError[] {
  const { type, loadBalancerClass, externalTrafficPolicy: policy, healthCheckNodePort: check } = spec;
  const ports: Json[] = type === "ClusterIP" ? (spec.ports ?? []) : [];
  const ownPort = "may not be used when `type` is 'ClusterIP'";
  const balanced = "may only be used when `type` is 'LoadBalancer'";
  const checked = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  const only = (field: string): FieldError[] =>
    type === "LoadBalancer" || spec[field] === undefined ? [] : [forbidden(`spec.${field}`, balanced)];
  const field = "spec.externalTrafficPolicy";
  return [
    ...ports.flatMap(({ nodePort }, at) =>
      nodePort ? [forbidden(`spec.ports[${at}].nodePort`, ownPort)] : [],
    ),
    ...only("allocateLoadBalancerNodePorts"),
    ...(type === "LoadBalancer" && loadBalancerClass !== undefined
      ? each("spec.loadBalancerClass", loadBalancerClass, qualifiedName(loadBalancerClass))
      : only("loadBalancerClass")),
    ...(isExternal(spec) ? oneOf(field, policy, policies) : []),
    ...(policy && !isExternal(spec)
      ? [invalid(field, policy, "may only be set for externally-accessible services")]
      : []),
    ...(check && !needsHealthCheck(spec) ? [invalid("spec.healthCheckNodePort", check, checked)] : []),
  ];
}

function servicePorts(ports: Json[]): FieldError[] {
  const names = new Set<string>();
  const own = ports.flatMap((port, at) => {
    const place = `spec.ports[${at}]`;
    const { name, protocol, targetPort } = port;
    const again = name && names.has(name) ? [duplicate(`${place}.name`, name)] : [];
    if (name) names.add(name);
    const unnamed = ports.length > 1 && !name ? [required(`${place}.name`)] : [];
    return [
      ...unnamed,
      ...(name ? each(`${place}.name`, name, dnsLabel(name)) : []),
      ...again,
      ...portNumber(`${place}.port`, port.port),
      ...oneOf(`${place}.protocol`, protocol, ["SCTP", "TCP", "UDP"]),
      ...(typeof targetPort === "string"
        ? each(`${place}.targetPort`, targetPort, portName(targetPort))
        : portNumber(`${place}.targetPort`, targetPort)),
    ];
  });
  return [...own, ...repeated(ports)];
}

function repeated(ports: Json[]): FieldError[] {
  return ports.flatMap(({ port, protocol }, at) => {
    const before = ports.slice(0, at).some((one) => one.port === port && one.protocol === protocol);
    const shown = { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    return before ? [duplicate(`spec.ports[${at}]`, shown)] : [];
  });
}

/** The address of a service stays as long as its type has one. */
export function validateServiceUpdate({ spec }: AnyObject, { spec: old }: AnyObject): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName" || !old.clusterIP) return [];
  if (spec.clusterIP === old.clusterIP && isDeepStrictEqual(spec.clusterIPs, old.clusterIPs)) return [];
  return [invalid("spec.clusterIPs[0]", spec.clusterIPs ?? null, "may not change once set")];
}
