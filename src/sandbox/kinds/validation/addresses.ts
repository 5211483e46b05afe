import { isIP } from "node:net";
import { invalid } from "./errors.js";
import { first, type Rule } from "./rules.js";
import { must } from "./values.js";

/** An address of either family, as the API asks for one. */
export const address = must(
  (value) => isIP(value) !== 0,
  "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
);

/** Addresses that no endpoint has (ValidateEndpointIP). */
const special: readonly [pattern: RegExp, why: (value: string) => string][] = [
  [/^127\.|^::1$/, () => "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  [/^169\.254\.|^fe[89ab]/i, () => "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  [/^(0\.0\.0\.0|::)$/, (value) => `may not be unspecified (${value})`],
];

const notSpecial: Rule = (value: string, path) => {
  const [, why] = special.find(([pattern]) => pattern.test(value)) ?? [];
  return why ? [invalid(path, value, why(value))] : [];
};

/** An address that something outside of its own machine can be reached at. */
export const reachableAddress = first(address, notSpecial);

export function familyOf(value: string): "IPv4" | "IPv6" {
  return isIP(value) === 6 ? "IPv6" : "IPv4";
}
