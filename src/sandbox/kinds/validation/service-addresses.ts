import { isIP } from "node:net";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, invalid, notSupported, oneOf } from "./errors.js";
import { address } from "./pod-spec.js";

const families = ["IPv4", "IPv6"];
const policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];

/** What holds of `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` by themselves. */
export function addressFields({
  clusterIP,
  clusterIPs = [],
  ipFamilies = [],
  ipFamilyPolicy,
}: Json): FieldError[] {
  const field = "spec.clusterIPs";
  const first = clusterIPs[0] === (clusterIP || undefined);
  const unlike = clusterIP
    ? "first value must match `clusterIP`"
    : "must be empty when `clusterIP` is not specified";
  const addresses: string[] = clusterIP === "None" ? [] : clusterIPs;
  const wrong = addresses.flatMap((one, at) => address(`${field}[${at}]`, one));
  return [
    ...(first ? [] : [invalid(field, clusterIPs, unlike)]),
    ...ipFamilies.flatMap((family: string, at: number) => [
      ...(families.includes(family) ? [] : [notSupported(`spec.ipFamilies[${at}]`, family, families)]),
      ...(ipFamilies.indexOf(family) < at ? [duplicate(`spec.ipFamilies[${at}]`, family)] : []),
    ]),
    ...(ipFamilyPolicy ? oneOf("spec.ipFamilyPolicy", ipFamilyPolicy, policies) : []),
    ...wrong,
    ...(wrong.length === 0 ? unlikeFamilies(addresses, ipFamilies) : []),
  ];
}

function unlikeFamilies(addresses: string[], ipFamilies: string[]): FieldError[] {
  return addresses.flatMap((one, at) => {
    const wanted = ipFamilies[at];
    const why = `expected an ${wanted} value as indicated by \`ipFamilies[${at}]\``;
    return wanted && wanted !== familyOf(one) ? [invalid(`spec.clusterIPs[${at}]`, one, why)] : [];
  });
}

function familyOf(one: string): string {
  return isIP(one) === 6 ? "IPv6" : "IPv4";
}

/** Where the sandbox's services have their addresses. */
const serviceRange = "10.0.0.0/16";

/** What a cluster of IPv4 alone cannot give, and addresses that are not free. */
export function unservedAddresses({ clusterIP, clusterIPs }: Json, others: AnyObject[]): FieldError[] {
  if (clusterIP === "None") return [];
  if (familyOf(clusterIP) === "IPv6")
    return [invalid("spec.clusterIPs[0]", clusterIPs, "IPv6 is not configured on this cluster")];
  const taken = others.some(({ spec }) => spec?.clusterIPs?.includes(clusterIP));
  const outside = `the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${serviceRange}`;
  const why = taken ? "provided IP is already allocated" : clusterIP.startsWith("10.0.") ? "" : outside;
  return why ? [invalid("spec.clusterIPs", clusterIPs, `failed to allocate IP ${clusterIP}: ${why}`)] : [];
}
