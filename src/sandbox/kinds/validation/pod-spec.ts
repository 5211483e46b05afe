import { isIP } from "node:net";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { containers, initContainers } from "./containers.js";
import { each, invalid, oneOf, required } from "./errors.js";
import { labels } from "./metadata.js";
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, qualifiedName } from "./names.js";
import type { NameRule } from "./names.js";
import { podVolumes } from "./pod-volumes.js";
import { affinity, tolerations, topologySpread } from "./scheduling.js";
import { podSecurity, sharedProcesses } from "./security.js";

/** What the API asks of a pod's spec, in its order; `claims` are names of claim templates, whose volumes come first. */
export function podSpec(field: string, spec: Json, claims: readonly string[] = []): FieldError[] {
  const volumes = podVolumes(`${field}.volumes`, spec.volumes ?? [], claims);
  const named = (name: string, rule: NameRule): FieldError[] =>
    spec[name] ? each(`${field}.${name}`, spec[name], rule(spec[name])) : [];
  return [
    ...volumes.errors,
    ...containers(`${field}.containers`, spec, volumes.names),
    ...initContainers(`${field}.initContainers`, spec, volumes.names),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, ["Always", "OnFailure", "Never"]),
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    ...labels(`${field}.nodeSelector`, spec.nodeSelector),
    ...podSecurity(`${field}.securityContext`, spec.securityContext),
    ...sharedProcesses(field, spec),
    ...affinity(`${field}.affinity`, spec.affinity),
    ...dnsConfig(`${field}.dnsConfig`, spec),
    ...readinessGates(`${field}.readinessGates`, spec.readinessGates),
    ...topologySpread(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...named("serviceAccountName", dnsSubdomain),
    ...named("nodeName", dnsSubdomain),
    ...deadline(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds),
    ...named("hostname", dnsLabel),
    ...named("subdomain", dnsLabel),
    ...tolerations(`${field}.tolerations`, spec.tolerations),
    ...hostAliases(`${field}.hostAliases`, spec.hostAliases),
    ...named("priorityClassName", dnsSubdomain),
    ...(spec.runtimeClassName === undefined
      ? []
      : each(`${field}.runtimeClassName`, spec.runtimeClassName, dnsSubdomain(spec.runtimeClassName))),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(`${field}.preemptionPolicy`, spec.preemptionPolicy, ["PreemptLowerPriority", "Never"])),
    ...(spec.os ? operatingSystem(`${field}.os`, spec.os) : []),
  ];
}

const dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

function operatingSystem(field: string, { name }: Json): FieldError[] {
  return name ? oneOf(field, name, ["linux", "windows"]) : [required(`${field}.name`)];
}

const longestTime = 2 ** 31 - 1;

function deadline(field: string, seconds: number | undefined): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= longestTime)) return [];
  return [invalid(field, seconds, `must be between 1 and ${longestTime}, inclusive`)];
}

function readinessGates(field: string, gates: Json[] = []): FieldError[] {
  return gates.flatMap(({ conditionType: type }, at) =>
    each(`${field}[${at}].conditionType`, type, qualifiedName(type)),
  );
}

/** An address of either family, as the API asks for one. */
export function address(field: string, value: string): FieldError[] {
  return isIP(value)
    ? []
    : [invalid(field, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
}

function hostAliases(field: string, aliases: Json[] = []): FieldError[] {
  return aliases.flatMap(({ ip, hostnames = [] }, at) => [
    ...address(`${field}[${at}].ip`, ip),
    ...hostnames.flatMap((name: string, nth: number) =>
      each(`${field}[${at}].hostnames[${nth}]`, name, dnsSubdomain(name)),
    ),
  ]);
}

const mostNameservers = 3;
const mostSearches = 32;

function dnsConfig(field: string, { dnsConfig: config, dnsPolicy }: Json): FieldError[] {
  const { nameservers = [], searches = [], options = [] }: Json = config ?? {};
  if (dnsPolicy === "None" && !config)
    return [required(field, "must provide `dnsConfig` when `dnsPolicy` is None")];
  if (dnsPolicy === "None" && nameservers.length === 0)
    return [
      required(`${field}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"),
    ];
  return [
    ...(nameservers.length > mostNameservers
      ? [
          invalid(
            `${field}.nameservers`,
            nameservers,
            `must not have more than ${mostNameservers} nameservers`,
          ),
        ]
      : []),
    ...nameservers.flatMap((one: string, at: number) => address(`${field}.nameservers[${at}]`, one)),
    ...(searches.length > mostSearches
      ? [invalid(`${field}.searches`, searches, `must not have more than ${mostSearches} search paths`)]
      : []),
    ...searches.flatMap((search: string, at: number) => {
      const name = search.replace(/\.$/, "");
      return search === "." ? [] : each(`${field}.searches[${at}]`, name, dnsSubdomainWithUnderscore(name));
    }),
    ...options.flatMap(({ name }: Json, at: number) =>
      name ? [] : [required(`${field}.options[${at}]`, "must not be empty")],
    ),
  ];
}
