import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import { address, familyOf, reachableAddress } from "./addresses.js";
import { protocol } from "./container-parts.js";
import { invalid } from "./errors.js";
import { dnsLabel, dnsSubdomain } from "./names.js";
import { all, declares, defined, fields, first, given, items, type Rule } from "./rules.js";
import { named, needed, neededTo, oneOf, unlike } from "./values.js";

/** Endpoints are not looked at again where an update leaves them as they were. */
export function validateSlice(slice: AnyObject, old: AnyObject | undefined): FieldError[] {
  const same = old && isDeepStrictEqual(slice.endpoints, old.endpoints);
  return fields({
    addressType: all(declares(needed), given(oneOf("FQDN", "IPv4", "IPv6"))),
    ports: items(fields({ name: all(given(named(dnsLabel)), unlike), protocol })),
    ...(!same && { endpoints: items(endpoint(slice.addressType)) }),
  })(slice, "");
}

/** @param type the slice's `addressType` */
function endpoint(type: string): Rule {
  return fields({
    addresses: all(
      declares(neededTo("must contain at least 1 address"), "Required value"),
      ["IPv4", "IPv6"].includes(type) ? addresses(type) : all(),
    ),
    nodeName: defined(named(dnsSubdomain)),
    hostname: defined(named(dnsLabel)),
  });
}

/** The API names no index where one is of the wrong family. */
function addresses(type: string): Rule {
  return (list: string[], path) => {
    const ofType: Rule = (value) =>
      familyOf(value) === type ? [] : [invalid(path, value, `must be an ${type} address`)];
    return items(first(address, all(ofType, reachableAddress)))(list, path);
  };
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
