import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { address, familyOf } from "./addresses.js";
import { invalid } from "./errors.js";
import { fields, first, given, items, all, type Rule } from "./rules.js";
import { oneOf, unlike } from "./values.js";

/** What holds of `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` by themselves. */
export function addressFields(spec: Json): FieldError[] {
  const { clusterIP, clusterIPs = [] } = spec;
  const unlikeFirst = clusterIP
    ? "first value must match `clusterIP`"
    : "must be empty when `clusterIP` is not specified";
  const matches = clusterIPs[0] === (clusterIP || undefined);
  const rule = fields({
    ipFamilies: items(all(oneOf("IPv4", "IPv6"), unlike)),
    ipFamilyPolicy: given(oneOf("PreferDualStack", "RequireDualStack", "SingleStack")),
    ...(clusterIP !== "None" && { clusterIPs: first(items(address), ofFamilies(spec.ipFamilies ?? [])) }),
  });
  return [...(matches ? [] : [invalid("spec.clusterIPs", clusterIPs, unlikeFirst)]), ...rule(spec, "spec")];
}

function ofFamilies(families: string[]): Rule {
  return (addresses: string[] = [], path) =>
    addresses.flatMap((one, at) => {
      const wanted = families[at];
      const why = `expected an ${wanted} value as indicated by \`ipFamilies[${at}]\``;
      return wanted && wanted !== familyOf(one) ? [invalid(`${path}[${at}]`, one, why)] : [];
    });
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
