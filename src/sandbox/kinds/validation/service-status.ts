import { isIP } from "node:net";
import type { AnyObject } from "../../port.js";
import type { Json } from "../schema.js";
import { address } from "./addresses.js";
import { dnsSubdomain } from "./names.js";
import { fields, first, given, items, type Rule } from "./rules.js";
import { mayNotBe, must, named, neededTo, oneOf } from "./values.js";

const ipMode = first(neededTo("must be specified when `ip` is set"), oneOf("Proxy", "VIP"));

/** Where a load balancer can be found. */
const ingress: Rule = (one: Json, path) =>
  fields({
    ip: given(address),
    ipMode: one.ip ? ipMode : mayNotBe("may not be specified when `ip` is not set"),
    hostname: given(
      named(dnsSubdomain),
      must((name) => isIP(name) === 0, "must be a DNS name, not an IP address"),
    ),
  })(one, path);

export const serviceStatus: Rule = (service: AnyObject, path) => {
  const only = mayNotBe("may only be used when `spec.type` is 'LoadBalancer'");
  const list = service["spec"].type === "LoadBalancer" ? items(ingress) : only;
  return fields({ status: fields({ loadBalancer: fields({ ingress: list }) }) })(service, path);
};
