import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, each, invalid, oneOf, portNumber, required } from "./errors.js";
import { labels } from "./metadata.js";
import { dnsLabel, dnsSubdomain, portName } from "./names.js";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

export function validateService({ spec }: AnyObject): FieldError[] {
  const headless = spec.clusterIP === "None";
  const portless = !spec.ports?.length && !headless && spec.type !== "ExternalName";
  return [
    ...(portless ? [required("spec.ports")] : []),
    ...servicePorts(spec.ports ?? []),
    ...labels("spec.selector", spec.selector),
    ...(spec.sessionAffinity
      ? oneOf("spec.sessionAffinity", spec.sessionAffinity, ["ClientIP", "None"])
      : []),
    ...affinityTime(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds),
    ...oneOf("spec.type", spec.type, types),
    ...["internalTrafficPolicy", "externalTrafficPolicy"].flatMap((name) =>
      spec[name] ? oneOf(`spec.${name}`, spec[name], ["Cluster", "Local"]) : [],
    ),
    ...(spec.type === "ExternalName" ? externalName(spec.externalName) : addresses(spec)),
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

function addresses({ type, clusterIP, clusterIPs = [] }: Json): FieldError[] {
  const field = "spec.clusterIPs[0]";
  if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP)
    return [invalid("spec.clusterIPs", clusterIPs, "first value must match `clusterIP`")];
  if (clusterIP === "None")
    return ["NodePort", "LoadBalancer"].includes(type)
      ? [invalid(field, "None", `may not be set to 'None' for ${type} services`)]
      : [];
  const address = clusterIPs[0] ?? clusterIP;
  if (!address || isIP(address)) return [];
  return [invalid(field, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
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
