import { isIP } from "node:net";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { each, forbidden, invalid, oneOf, required } from "./errors.js";
import { dnsSubdomain } from "./names.js";

const notAnAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/** Where a load balancer can be found. */
export function validateServiceStatus({ spec, status }: AnyObject): FieldError[] {
  const field = "status.loadBalancer.ingress";
  const ingress: Json[] = status?.loadBalancer?.ingress ?? [];
  if (spec.type !== "LoadBalancer")
    return ingress.length > 0
      ? [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
      : [];
  return ingress.flatMap(({ ip = "", ipMode, hostname = "" }, at) => {
    const place = `${field}[${at}]`;
    const mode = ip
      ? ipMode
        ? oneOf(`${place}.ipMode`, ipMode, ["Proxy", "VIP"])
        : [required(`${place}.ipMode`, "must be specified when `ip` is set")]
      : ipMode
        ? [forbidden(`${place}.ipMode`, "may not be specified when `ip` is not set")]
        : [];
    return [
      ...(ip && !isIP(ip) ? [invalid(`${place}.ip`, ip, notAnAddress)] : []),
      ...mode,
      ...(hostname ? each(`${place}.hostname`, hostname, dnsSubdomain(hostname)) : []),
      ...(isIP(hostname)
        ? [invalid(`${place}.hostname`, hostname, "must be a DNS name, not an IP address")]
        : []),
    ];
  });
}
