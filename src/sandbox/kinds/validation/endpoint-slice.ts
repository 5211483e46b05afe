import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { sinceMinor } from "../version.js";
import { declared, duplicate, each, invalid, oneOf, required } from "./errors.js";
import { dnsLabel, dnsSubdomain } from "./names.js";
import { address } from "./pod-spec.js";

const types = ["FQDN", "IPv4", "IPv6"];

/** Endpoints are not looked at again where an update leaves them as they were. */
export function validateSlice(
  { addressType, endpoints, ports }: AnyObject,
  old: AnyObject | undefined,
): FieldError[] {
  const all: Json[] = old && isDeepStrictEqual(endpoints, old.endpoints) ? [] : (endpoints ?? []);
  return [
    ...(addressType ? [] : [declared(required("addressType"))]),
    ...(addressType && !types.includes(addressType) ? oneOf("addressType", addressType, types) : []),
    ...slicePorts(ports ?? []),
    ...all.flatMap((one, at) => endpoint(`endpoints[${at}]`, one, addressType)),
  ];
}

function slicePorts(ports: Json[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = "", protocol }, at) => {
    const again = names.has(name);
    names.add(name);
    return [
      ...(name ? each(`ports[${at}].name`, name, dnsLabel(name)) : []),
      ...(again ? [duplicate(`ports[${at}].name`, name)] : []),
      ...oneOf(`ports[${at}].protocol`, protocol, ["SCTP", "TCP", "UDP"]),
    ];
  });
}

function endpoint(field: string, { addresses, nodeName, hostname }: Json, type: string): FieldError[] {
  const list: string[] = addresses ?? [];
  const none = required(`${field}.addresses`, "must contain at least 1 address");
  return [
    ...(list.length > 0 ? [] : [declared(none, "Required value")]),
    ...(["IPv4", "IPv6"].includes(type)
      ? list.flatMap((one, at) => endpointAddress(`${field}.addresses`, at, one, type))
      : []),
    ...(nodeName === undefined ? [] : each(`${field}.nodeName`, nodeName, dnsSubdomain(nodeName))),
    ...(hostname === undefined ? [] : each(`${field}.hostname`, hostname, dnsLabel(hostname))),
  ];
}

function endpointAddress(field: string, at: number, value: string, type: string): FieldError[] {
  const place = `${field}[${at}]`;
  const wrong = address(place, value);
  if (wrong.length > 0) return wrong;
  const family = value.includes(":") ? "IPv6" : "IPv4";
  return [
    ...(family === type ? [] : [invalid(field, value, `must be an ${type} address`)]),
    ...specialAddress(place, value),
  ];
}

/** Addresses that no endpoint has (ValidateEndpointIP). */
export function specialAddress(field: string, value: string): FieldError[] {
  const why = /^127\.|^::1$/.test(value)
    ? "may not be in the loopback range (127.0.0.0/8, ::1/128)"
    : /^169\.254\.|^fe[89ab]/i.test(value)
      ? "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
      : /^(0\.0\.0\.0|::)$/.test(value)
        ? `may not be unspecified (${value})`
        : undefined;
  return why ? [invalid(field, value, why)] : [];
}

/** From 1.37 the API shows the value as null, whatever it is. */
export function validateSliceUpdate(
  { addressType }: AnyObject,
  old: AnyObject,
  { kubernetesVersion }: Admission,
): FieldError[] {
  if (addressType === old.addressType) return [];
  const shown = sinceMinor(37, kubernetesVersion) ? null : addressType;
  return [invalid("addressType", shown, "field is immutable")];
}
