import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { address } from "./addresses.js";
import { containers, initContainers } from "./containers.js";
import { labels } from "./metadata.js";
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, qualifiedName } from "./names.js";
import { podVolumes } from "./pod-volumes.js";
import { all, defined, fields, first, given, items, where, type Rule } from "./rules.js";
import { affinity, tolerations, topologySpread } from "./scheduling.js";
import { podSecurity } from "./security.js";
import { between, fieldMust, must, named, needed, neededTo, oneOf } from "./values.js";

/** What the API asks of a pod's spec, in its order; `claims` are names of claim templates, whose volumes come first. */
export function podSpec(spec: Json, path: string, claims: readonly string[] = []): FieldError[] {
  const volumes = podVolumes(spec.volumes ?? [], `${path}.volumes`, claims);
  const rule = all(
    fields({
      containers: containers(spec, volumes.names),
      initContainers: initContainers(spec, volumes.names),
      restartPolicy: oneOf("Always", "OnFailure", "Never"),
      dnsPolicy: oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
      nodeSelector: labels,
      securityContext: podSecurity,
    }),
    sharedProcesses,
    fields({
      affinity,
      dnsConfig: spec.dnsPolicy === "None" ? neededDnsConfig : dnsConfig,
      readinessGates: items(fields({ conditionType: named(qualifiedName) })),
      topologySpreadConstraints: topologySpread,
      serviceAccountName: given(named(dnsSubdomain)),
      nodeName: given(named(dnsSubdomain)),
      activeDeadlineSeconds: defined(between(1, 2 ** 31 - 1)),
      hostname: given(named(dnsLabel)),
      subdomain: given(named(dnsLabel)),
      tolerations,
      hostAliases: items(fields({ ip: address, hostnames: items(named(dnsSubdomain)) })),
      priorityClassName: given(named(dnsSubdomain)),
      runtimeClassName: defined(named(dnsSubdomain)),
      preemptionPolicy: defined(oneOf("PreemptLowerPriority", "Never")),
      os: given(operatingSystem),
    }),
  );
  return [...volumes.errors, ...rule(spec, path)];
}

/** What a pod that shares its processes may not have too. */
const sharedProcesses = fieldMust(
  "shareProcessNamespace",
  ({ shareProcessNamespace, hostPID }) => !shareProcessNamespace || !hostPID,
  "ShareProcessNamespace and HostPID cannot both be enabled",
);

const operatingSystem = first(fields({ name: needed }), ({ name }: Json, path) =>
  oneOf("linux", "windows")(name, path),
);

function atMost(count: number, what: string): Rule {
  return must((list = []) => list.length <= count, `must not have more than ${count} ${what}`);
}

const search: Rule = (text: string, path) => named(dnsSubdomainWithUnderscore)(text.replace(/\.$/, ""), path);

const dnsConfig = fields({
  nameservers: all(atMost(3, "nameservers"), items(address)),
  searches: all(atMost(32, "search paths"), items(where((text) => text !== ".", search))),
  // The API means the name.
  options: items(({ name }: Json, path) => neededTo("must not be empty")(name, path)),
});

const neededDnsConfig = first(
  neededTo("must provide `dnsConfig` when `dnsPolicy` is None"),
  fields({ nameservers: neededTo("must provide at least one DNS nameserver when `dnsPolicy` is None") }),
  dnsConfig,
);
