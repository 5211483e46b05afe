import type { AnyObject } from "../../port.js";
import type { Json } from "../schema.js";
import {
  claimSpecWarnings,
  fractionWarning,
  nodeLabelWarnings,
  nodeSelectorTermWarnings,
  sourceWarnings,
} from "./storage.js";

const oldAnnotations: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod":
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};

const oldVolumes: Readonly<Record<string, string>> = {
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
};

/** What the API warns of in a pod, or in the template at `path` (registry, `GetWarningsForPodTemplate`). */
export function podWarnings(
  { metadata, spec }: Pick<AnyObject, "metadata"> & { spec?: Json },
  path = "",
): string[] {
  const at = (field: string): string => (path ? `${path}.${field}` : field);
  const pod: Json = spec ?? {};
  const annotations: Json = metadata?.annotations ?? {};
  const containers = containersOf(pod, at("spec"));
  return [
    ...nodeLabelWarnings(Object.keys(pod.nodeSelector ?? {}), (key) => `${at("spec.nodeSelector")}[${key}]`),
    ...affinityOfNodes(pod.affinity?.nodeAffinity ?? {}, at("spec.affinity.nodeAffinity")),
    ...spreadWarnings(pod.topologySpreadConstraints ?? [], at("spec.topologySpreadConstraints")),
    ...Object.entries(oldAnnotations)
      .filter(([key]) => key in annotations)
      .map(([key, why]) => `${at("metadata.annotations")}[${key}]: ${why}`),
    ...(pod.volumes ?? []).flatMap((volume: Json, index: number) =>
      volumeWarnings(volume, at(`spec.volumes[${index}]`)),
    ),
    ...repeated(pod.hostAliases ?? [], "ip", at("spec.hostAliases")),
    ...repeated(pod.imagePullSecrets ?? [], "name", at("spec.imagePullSecrets")),
    ...(pod.imagePullSecrets ?? []).flatMap(({ name }: Json, index: number) =>
      name ? [] : [`${at(`spec.imagePullSecrets[${index}].name`)}: invalid empty name ""`],
    ),
    ...containers.flatMap(([container, place]) => [
      ...fractions(container, place),
      ...hidden(container, place),
    ]),
    ...portWarnings(containers),
    ...portNameWarnings(containers),
    ...(pod.terminationGracePeriodSeconds < 0
      ? [
          `${at("spec.terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...["podAffinity", "podAntiAffinity"].flatMap((field) =>
      affinityOfPods(pod.affinity?.[field] ?? {}, at(`spec.affinity.${field}`)),
    ),
  ];
}

type Placed = [container: Json, path: string];

function containersOf(pod: Json, path: string): Placed[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((field) =>
    (pod[field] ?? []).map((one: Json, index: number): Placed => [one, `${path}.${field}[${index}]`]),
  );
}

function affinityOfNodes(affinity: Json, path: string): string[] {
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const terms: Json[] = affinity[required]?.nodeSelectorTerms ?? [];
  const wishes: Json[] = affinity[preferred] ?? [];
  return [
    ...terms.flatMap((term, index) =>
      nodeSelectorTermWarnings(term, `${path}.${required}.nodeSelectorTerms[${index}]`),
    ),
    ...wishes.flatMap((wish, index) =>
      nodeSelectorTermWarnings(wish.preference ?? {}, `${path}.${preferred}[${index}].preference`),
    ),
  ];
}

const nullSelector = "a null labelSelector results in matching no pod";

function spreadWarnings(constraints: Json[], path: string): string[] {
  return constraints.flatMap(({ topologyKey = "", labelSelector }, index) => [
    ...nodeLabelWarnings([topologyKey], () => `${path}[${index}].topologyKey: ${topologyKey} is`).map(
      (text) => text.replace(" is: ", " is "),
    ),
    ...(labelSelector ? [] : [`${path}[${index}].labelSelector: ${nullSelector}`]),
  ]);
}

function affinityOfPods(affinity: Json, path: string): string[] {
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const places = [
    ...(affinity[required] ?? []).map((term: Json, index: number) => [term, `${required}[${index}]`]),
    ...(affinity[preferred] ?? []).map(({ podAffinityTerm = {} }: Json, index: number) => [
      podAffinityTerm,
      `${preferred}[${index}].podAffinityTerm`,
    ]),
  ] as [Json, string][];
  return places.flatMap(([term, place]) =>
    term.labelSelector ? [] : [`${path}.${place}.labelSelector: ${nullSelector}`],
  );
}

function volumeWarnings(volume: Json, path: string): string[] {
  const claim: Json | undefined = volume.ephemeral?.volumeClaimTemplate?.spec;
  return [
    ...sourceWarnings(volume, path, oldVolumes),
    ...(claim ? claimSpecWarnings(claim, `${path}.ephemeral.volumeClaimTemplate.spec`) : []),
  ];
}

function repeated(list: Json[], field: string, path: string): string[] {
  return list.flatMap((item, index) =>
    list.findIndex((other) => other[field] === item[field]) < index
      ? [`${path}[${index}].${field}: duplicate ${field} ${JSON.stringify(item[field] ?? "")}`]
      : [],
  );
}

function fractions({ resources = {} }: Json, path: string): string[] {
  return ["memory", "ephemeral-storage"].flatMap((resource) =>
    ["limits", "requests"].flatMap((side) =>
      fractionWarning(resources[side]?.[resource], `${path}.resources.${side}[${resource}]`),
    ),
  );
}

/** Variables that hide one of the same name, unless they are made of it. */
function hidden({ env = [] }: Json, path: string): string[] {
  return (env as Json[]).flatMap(({ name, value = "", valueFrom }, index) => {
    const first = (env as Json[]).findIndex((other) => other["name"] === name);
    const own = `$(${name})`;
    const fine = !valueFrom && value !== own && String(value).includes(own);
    if (first === index || fine) return [];
    const why = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
    return [`${path}.env[${index}]: ${why}`];
  });
}

function portsOf(containers: readonly Placed[]): [port: Json, path: string][] {
  return containers.flatMap(([{ ports = [] }, path]) =>
    (ports as Json[]).map((port, index): [Json, string] => [port, `${path}.ports[${index}]`]),
  );
}

function portWarnings(containers: readonly Placed[]): string[] {
  const seen: [port: Json, path: string][] = [];
  const warnings: string[] = [];
  for (const [port, path] of portsOf(containers)) {
    for (const [other, place] of seen) {
      if (other.containerPort !== port.containerPort || other.protocol !== port.protocol) continue;
      const how = overlap(port, other);
      if (how) warnings.push(`${path}: ${how} port definition with ${place}`);
    }
    seen.push([port, path]);
  }
  return warnings;
}

function overlap(port: Json, other: Json): string | undefined {
  const [ip, otherIp] = [port.hostIP ?? "", other.hostIP ?? ""];
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && host === otherHost) return "duplicate";
  if (host === 0 || otherHost === 0) return "overlapping";
  return host === otherHost && (ip === "") !== (otherIp === "") ? "dangerously ambiguous" : undefined;
}

function portNameWarnings(containers: readonly Placed[]): string[] {
  const seen = new Map<string, string>();
  const warnings: string[] = [];
  for (const [{ name }, path] of portsOf(containers)) {
    const other = seen.get(name);
    const use = `services and probes that select ports by name will use ${other}`;
    if (name && other)
      warnings.push(`${path}: duplicate port name ${JSON.stringify(name)} with ${other}, ${use}`);
    else if (name) seen.set(name, path);
  }
  return warnings;
}
