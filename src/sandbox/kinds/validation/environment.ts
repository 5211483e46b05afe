import { canonicalQuantity, compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { each, invalid, notSupported, required } from "./errors.js";
import { configKey, dnsSubdomain, envName, prefixOf, qualifiedName } from "./names.js";

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

export function environment(field: string, variables: Json[] = []): FieldError[] {
  return variables.flatMap(({ name, value, valueFrom }, at) => {
    const place = `${field}[${at}]`;
    return [
      ...(name ? each(`${place}.name`, name, envName(name)) : [required(`${place}.name`)]),
      ...(valueFrom ? valueSource(`${place}.valueFrom`, valueFrom, value) : []),
    ];
  });
}

function valueSource(field: string, source: Json, value: unknown): FieldError[] {
  const given = sources.filter((name) => source[name]);
  const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
  const why =
    given.length === 0
      ? `must specify one of: ${list}`
      : value
        ? "may not be specified when `value` is not empty"
        : given.length > 1
          ? "may not have more than one field specified at a time"
          : undefined;
  return [
    ...(source.fieldRef ? fieldReference(`${field}.fieldRef`, source.fieldRef, "env") : []),
    ...(source.resourceFieldRef
      ? resourceReference(`${field}.resourceFieldRef`, source.resourceFieldRef, false)
      : []),
    ...["configMapKeyRef", "secretKeyRef"].flatMap((name) =>
      source[name] ? keyReference(`${field}.${name}`, source[name]) : [],
    ),
    ...(why ? [invalid(field, "", why)] : []),
  ];
}

const both = ["metadata.name", "metadata.namespace", "metadata.uid"];
const hosts = ["spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP"];

/** Fields of a pod that it may be told of, in the order in which the API lists them. */
const readable = {
  env: [...both, ...hosts, "status.podIPs"],
  volume: ["metadata.annotations", "metadata.labels", ...both],
};

/** What the API can convert at all; it says of the others that it does not know them. */
const convertible = [
  ...readable.env,
  ...readable.volume,
  ...["spec.restartPolicy", "spec.schedulerName", "status.phase"],
];

/** A field of the pod for an environment variable or a file of a volume. */
export function fieldReference(
  field: string,
  { apiVersion, fieldPath: path }: Json,
  use: keyof typeof readable,
): FieldError[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (!path) return [required(`${field}.fieldPath`)];
  const [, before = "", key = ""] = /^(.*)\['(.*)'\]$/.exec(path) ?? [];
  const refuse = (why: string) => [invalid(`${field}.fieldPath`, path, `error converting fieldPath: ${why}`)];
  if (apiVersion !== "v1") return refuse(`unsupported pod version: ${apiVersion}`);
  if (before === "metadata.annotations")
    return each(field, key.toLowerCase(), qualifiedName(key.toLowerCase()));
  if (before === "metadata.labels") return each(field, key, qualifiedName(key));
  if (before) return refuse(`field label does not support subscript: ${path}`);
  if (!convertible.includes(path)) return refuse(`field label not supported: ${path}`);
  return readable[use].includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, readable[use])];
}

const countable = ["cpu", "ephemeral-storage", "memory"];
const containerResources = ["limits", "requests"].flatMap((list) =>
  countable.map((name) => `${list}.${name}`),
);
const sizes = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
const divisors: Record<string, { of: string; values: string; text: string }> = {
  cpu: { of: "cpu", values: "1, 1m", text: "1m and 1" },
  memory: { of: "memory", values: sizes, text: sizes },
  "ephemeral-storage": { of: "local ephemeral storage", values: sizes, text: sizes },
};

/** A resource of a container; a volume must say of which. */
export function resourceReference(
  field: string,
  { containerName, resource, divisor }: Json,
  ofVolume: boolean,
): FieldError[] {
  const known = containerResources.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource);
  const wrong =
    ofVolume && !containerName
      ? [required(`${field}.containerName`)]
      : !resource
        ? [required(`${field}.resource`)]
        : known
          ? []
          : [notSupported(`${field}.resource`, resource, containerResources)];
  const rule = divisors[String(resource).replace(/^(limits|requests)\./, "")];
  const set = divisor !== undefined && compareQuantities(divisor, "0") !== 0;
  const fits = !set || !rule || rule.values.split(", ").includes(canonicalQuantity(divisor));
  const text = `only divisor's values ${rule?.text} are supported with the ${rule?.of} resource`;
  return [...wrong, ...(fits ? [] : [invalid(`${field}.divisor`, resource, text)])];
}

function keyReference(field: string, { name, key }: Json): FieldError[] {
  return [
    ...each(`${field}.name`, name ?? "", dnsSubdomain(name ?? "")),
    ...(key ? each(`${field}.key`, key, configKey(key)) : [required(`${field}.key`)]),
  ];
}

export function environmentSources(field: string, list: Json[] = []): FieldError[] {
  return list.flatMap((source, at) => {
    const place = `${field}[${at}]`;
    const given = ["configMapRef", "secretRef"].filter((name) => source[name]);
    const { prefix } = source;
    return [
      ...(prefix ? each(`${place}.prefix`, prefix, envName(prefix)) : []),
      ...given.flatMap((kind) => {
        const { name } = source[kind];
        return name
          ? each(`${place}.${kind}.name`, name, prefixOf(dnsSubdomain)(name))
          : [required(`${place}.${kind}.name`)];
      }),
      ...(given.length === 0
        ? [invalid(field, "", "must specify one of: `configMapRef` or `secretRef`")]
        : []),
      ...(given.length > 1
        ? [invalid(field, "", "may not have more than one field specified at a time")]
        : []),
    ];
  });
}
