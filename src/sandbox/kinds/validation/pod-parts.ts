import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, each, forbidden, invalid, oneOf, required } from "./errors.js";
import { internalJson } from "./internal.js";
import { dnsLabel, dnsSubdomain, qualifiedName } from "./names.js";
import { labelSelector } from "./selector.js";

/** Names that a volume's source must give, by the kind of source. */
const neededBySource: Record<string, string> = {
  secret: "secretName",
  persistentVolumeClaim: "claimName",
  configMap: "name",
  hostPath: "path",
};

export function podVolumes(field: string, list: Json[]): FieldError[] {
  const names = new Set<string>();
  return list.flatMap((volume, at) => {
    const place = `${field}[${at}]`;
    const { name, ...sources } = volume;
    const again = name && names.has(name) ? [duplicate(`${place}.name`, name)] : [];
    names.add(name);
    return [
      ...Object.keys(sources).flatMap((kind, nth) =>
        nth > 0
          ? [forbidden(`${place}.${kind}`, "may not specify more than 1 volume type")]
          : volumeSource(`${place}.${kind}`, kind, sources[kind]),
      ),
      ...(name ? each(`${place}.name`, name, dnsLabel(name)) : [required(`${place}.name`)]),
      ...again,
    ];
  });
}

function volumeSource(field: string, kind: string, source: Json): FieldError[] {
  const needed = neededBySource[kind];
  const items: Json[] = source.items ?? [];
  return [
    ...(needed && !source[needed] ? [required(`${field}.${needed}`)] : []),
    ...fileMode(`${field}.defaultMode`, source.defaultMode),
    ...items.flatMap((item, at) => [
      ...(kind !== "downwardAPI" && !item.key ? [required(`${field}.items[${at}].key`)] : []),
      ...(item.path ? [] : [required(`${field}.items[${at}].path`)]),
      ...fileMode(`${field}.items[${at}].mode`, item.mode),
    ]),
  ];
}

function fileMode(field: string, mode: unknown): FieldError[] {
  if (typeof mode !== "number" || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

export function tolerations(field: string, list: Json[] = []): FieldError[] {
  const keyless = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
  return list.flatMap(({ key, operator, value, effect, tolerationSeconds }, at) => {
    const place = `${field}[${at}]`;
    const timed = tolerationSeconds !== undefined && effect !== "NoExecute";
    return [
      ...(key ? each(`${place}.key`, key, qualifiedName(key)) : []),
      ...(!key && operator !== "Exists" ? [invalid(`${place}.operator`, operator ?? "", keyless)] : []),
      ...(timed
        ? [
            invalid(
              `${place}.effect`,
              effect ?? "",
              "effect must be 'NoExecute' when `tolerationSeconds` is set",
            ),
          ]
        : []),
      ...(operator === "Exists" && value
        ? [invalid(`${place}.operator`, value, "value must be empty when `operator` is 'Exists'")]
        : []),
      ...(operator ? oneOf(`${place}.operator`, operator, ["Equal", "Exists"]) : []),
      ...(effect ? oneOf(`${place}.effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]) : []),
    ];
  });
}

export function affinity(field: string, value: Json = {}): FieldError[] {
  return ["podAffinity", "podAntiAffinity"].flatMap((kind) => {
    const must = "requiredDuringSchedulingIgnoredDuringExecution";
    const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    const terms: Json[] = value[kind]?.[must] ?? [];
    const weighted: Json[] = value[kind]?.[preferred] ?? [];
    return [
      ...terms.flatMap((term, at) => affinityTerm(`${field}.${kind}.${must}[${at}]`, term)),
      ...weighted.flatMap(({ weight, podAffinityTerm }, at) => {
        const place = `${field}.${kind}.${preferred}[${at}]`;
        const heavy = weight < 1 || weight > 100;
        return [
          ...(heavy ? [invalid(`${place}.weight`, weight, "must be in the range 1-100")] : []),
          ...affinityTerm(`${place}.podAffinityTerm`, podAffinityTerm),
        ];
      }),
    ];
  });
}

function affinityTerm(field: string, { labelSelector: selector, topologyKey }: Json): FieldError[] {
  return [
    ...(selector ? labelSelector(`${field}.labelSelector`, selector) : []),
    ...(topologyKey ? [] : [required(`${field}.topologyKey`, "can not be empty")]),
    ...each(`${field}.topologyKey`, topologyKey ?? "", qualifiedName(topologyKey ?? "")),
  ];
}

export function topologySpread(field: string, list: Json[] = []): FieldError[] {
  return list.flatMap(({ maxSkew, topologyKey, whenUnsatisfiable }, at) => [
    ...(maxSkew > 0 ? [] : [invalid(`${field}[${at}].maxSkew`, maxSkew, "must be greater than zero")]),
    ...(topologyKey ? [] : [required(`${field}[${at}].topologyKey`, "can not be empty")]),
    ...oneOf(`${field}[${at}].whenUnsatisfiable`, whenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"]),
  ]);
}

const largestId = 2 ** 31 - 1;

/** Of a pod or of a container. */
export function securityContext(field: string, value: Json = {}): FieldError[] {
  const { privileged, allowPrivilegeEscalation } = value;
  const contradiction = privileged === true && allowPrivilegeEscalation === false;
  const text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
  return [
    ...["runAsUser", "runAsGroup", "fsGroup"].flatMap((name) =>
      value[name] < 0 || value[name] > largestId
        ? [invalid(`${field}.${name}`, value[name], `must be between 0 and ${largestId}, inclusive`)]
        : [],
    ),
    ...(contradiction ? [invalid(field, internalJson("SecurityContext", value), text)] : []),
  ];
}

export function environmentSources(field: string, list: Json[] = []): FieldError[] {
  return list.flatMap((source, at) => {
    const given = ["configMapRef", "secretRef"].filter((name) => source[name]);
    const named = given.filter((name) => !source[name].name);
    return [
      ...named.map((name) => required(`${field}[${at}].${name}.name`)),
      ...(given.length === 0
        ? [invalid(field, "", "must specify one of: `configMapRef` or `secretRef`")]
        : []),
      ...(given.length > 1
        ? [invalid(field, "", "may not have more than one field specified at a time")]
        : []),
    ];
  });
}

export function imagePullSecrets(field: string, references: Json[] = []): FieldError[] {
  return references.flatMap(({ name }, at) =>
    name ? each(`${field}[${at}].name`, name, dnsSubdomain(name)) : [],
  );
}
