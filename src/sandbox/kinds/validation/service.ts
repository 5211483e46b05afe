import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { isExternal, needsHealthCheck } from "../service.js";
import { reachableAddress } from "./addresses.js";
import { protocol } from "./container-parts.js";
import { duplicate, forbidden, invalid } from "./errors.js";
import { portOrName } from "./handlers.js";
import { labels } from "./metadata.js";
import { dnsLabel, dnsSubdomain, qualifiedName } from "./names.js";
import { all, defined, fields, first, given, items, type Rule } from "./rules.js";
import { mayNotBe, must, named, needed, oneOf, portNumber, unlike } from "./values.js";

const policies = oneOf("Cluster", "Local");

const serviceSpec: Rule = (spec: Json, path) => {
  const { type, clusterIP, ports } = spec;
  const headless = clusterIP === "None";
  const portless = !headless && type !== "ExternalName";
  const noAddress = `may not be set to 'None' for ${type} services`;
  return all(
    fields({
      ...(portless && { ports: needed }),
      ...(type === "ExternalName" && { externalName: first(needed, externalName) }),
    }),
    ({ clusterIP: address }) =>
      headless && ["NodePort", "LoadBalancer"].includes(type)
        ? [invalid(`${path}.clusterIPs[0]`, address, noAddress)]
        : [],
    fields({
      ports: servicePorts(ports ?? []),
      selector: labels,
      sessionAffinity: given(oneOf("ClientIP", "None")),
      sessionAffinityConfig: fields({ clientIP: fields({ timeoutSeconds: defined(affinityTime) }) }),
      externalIPs: items(reachableAddress),
      type: oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    }),
    ofType(spec),
    fields({ internalTrafficPolicy: given(policies) }),
  )(spec, path);
};

export const serviceRule = fields({ spec: serviceSpec });

const externalName: Rule = (name: string, path) => named(dnsSubdomain)(name.replace(/\.$/, ""), path);

const affinityTime = must(
  (seconds) => seconds > 0 && seconds <= 86_400,
  "must be greater than 0 and less than 86400",
);

/** What only services of some types may say. */
function ofType(spec: Json): Rule {
  const { type } = spec;
  const balanced = type === "LoadBalancer";
  const onlyBalanced = defined((_value, path) => [
    forbidden(path, "may only be used when `type` is 'LoadBalancer'"),
  ]);
  const external = given(must(() => false, "may only be set for externally-accessible services"));
  const checked = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  const nodePort = mayNotBe("may not be used when `type` is 'ClusterIP'");
  return fields({
    ...(type === "ClusterIP" && { ports: items(fields({ nodePort })) }),
    allocateLoadBalancerNodePorts: balanced ? all() : onlyBalanced,
    loadBalancerClass: balanced ? defined(named(qualifiedName)) : onlyBalanced,
    externalTrafficPolicy: isExternal(spec) ? policies : external,
    healthCheckNodePort: given(must(() => needsHealthCheck(spec), checked)),
  });
}

function servicePorts(ports: Json[]): Rule {
  const name = all(ports.length > 1 ? needed : all(), given(named(dnsLabel), unlike));
  return all(
    items(fields({ name, port: portNumber, protocol, targetPort: portOrName })),
    items((port: Json, path, earlier) => {
      const again = earlier?.of(numberOf).has(numberOf(port));
      return again ? [duplicate(path, shownPort(port))] : [];
    }),
  );
}

function numberOf(one: unknown): string {
  const { port, protocol: of } = one as Json;
  return `${port}/${of}`;
}

function shownPort({ port, protocol: of }: Json): Json {
  return { Name: "", Protocol: of, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

/** The address of a service stays as long as its type has one. */
export function validateServiceUpdate({ spec }: AnyObject, { spec: old }: AnyObject): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName" || !old.clusterIP) return [];
  if (spec.clusterIP === old.clusterIP && isDeepStrictEqual(spec.clusterIPs, old.clusterIPs)) return [];
  return [invalid("spec.clusterIPs[0]", spec.clusterIPs ?? null, "may not change once set")];
}
