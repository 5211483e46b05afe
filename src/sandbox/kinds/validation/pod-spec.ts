import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { containerPorts, environment, probe, resources, volumeMounts } from "./container-parts.js";
import { duplicate, each, forbidden, invalid, oneOf, required } from "./errors.js";
import { labels } from "./metadata.js";
import { dnsSubdomain, plainDnsLabel, qualifiedName } from "./names.js";

/** What the API asks of a pod's spec; `claims` are volumes that come from claim templates. */
export function podSpec(field: string, spec: Json, claims: readonly string[] = []): FieldError[] {
  const own: Json[] = spec.volumes ?? [];
  const volumes = new Set<string>([...claims, ...own.map(({ name }) => name)]);
  return [
    ...podVolumes(
      `${field}.volumes`,
      own.filter(({ name }) => !claims.includes(name)),
    ),
    ...containers(`${field}.containers`, spec.containers, volumes),
    ...initContainers(`${field}.initContainers`, spec, volumes),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, ["Always", "OnFailure", "Never"]),
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, [
      "ClusterFirstWithHostNet",
      "ClusterFirst",
      "Default",
      "None",
    ]),
    ...labels(`${field}.nodeSelector`, spec.nodeSelector),
    ...(spec.serviceAccountName
      ? each(`${field}.serviceAccountName`, spec.serviceAccountName, dnsSubdomain(spec.serviceAccountName))
      : []),
    ...tolerations(`${field}.tolerations`, spec.tolerations),
    ...["hostname", "subdomain"].flatMap((name) =>
      spec[name] ? each(`${field}.${name}`, spec[name], plainDnsLabel(spec[name])) : [],
    ),
    ...(spec.nodeName ? each(`${field}.nodeName`, spec.nodeName, dnsSubdomain(spec.nodeName)) : []),
  ];
}

function containers(
  field: string,
  list: Json[] | null | undefined,
  volumes: ReadonlySet<string>,
): FieldError[] {
  if (!list?.length) return [required(field)];
  const names = new Set<string>();
  return list.flatMap((container, at) => [
    ...containerErrors(`${field}[${at}]`, container, volumes, names),
    ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((name) =>
      probe(`${field}[${at}].${name}`, container[name], name !== "readinessProbe"),
    ),
  ]);
}

function initContainers(field: string, spec: Json, volumes: ReadonlySet<string>): FieldError[] {
  const list: Json[] = spec.initContainers ?? [];
  const names = new Set<string>((spec.containers ?? []).map(({ name }: Json) => name));
  return list.flatMap((container, at) => [
    ...containerErrors(`${field}[${at}]`, container, volumes, names),
    ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((name) =>
      container[name] && container.restartPolicy !== "Always"
        ? [
            forbidden(
              `${field}[${at}].${name}`,
              "may not be set for init containers without restartPolicy=Always",
            ),
          ]
        : [],
    ),
  ]);
}

function containerErrors(
  field: string,
  value: Json,
  volumes: ReadonlySet<string>,
  names: Set<string>,
): FieldError[] {
  const { name, image } = value;
  const again = name && names.has(name) ? [duplicate(`${field}.name`, name)] : [];
  names.add(name);
  const blank = typeof image === "string" && image !== image.trim();
  return [
    ...(name ? each(`${field}.name`, name, plainDnsLabel(name)) : [required(`${field}.name`)]),
    ...again,
    ...(image ? [] : [required(`${field}.image`)]),
    ...(blank && image.trim() === ""
      ? [invalid(`${field}.image`, image, "must not have leading or trailing whitespace")]
      : []),
    ...containerPorts(`${field}.ports`, value.ports),
    ...environment(`${field}.env`, value.env),
    ...volumeMounts(`${field}.volumeMounts`, value.volumeMounts, volumes),
    ...oneOf(`${field}.imagePullPolicy`, value.imagePullPolicy, ["Always", "IfNotPresent", "Never"]),
    ...resources(`${field}.resources`, value.resources),
  ];
}

/** Names that a volume's source must give, by the kind of source. */
const neededBySource: Record<string, string> = {
  secret: "secretName",
  persistentVolumeClaim: "claimName",
  configMap: "name",
  hostPath: "path",
};

function podVolumes(field: string, list: Json[]): FieldError[] {
  const names = new Set<string>();
  return list.flatMap((volume, at) => {
    const place = `${field}[${at}]`;
    const { name, ...rest } = volume;
    const kinds = Object.keys(rest);
    const again = name && names.has(name) ? [duplicate(`${place}.name`, name)] : [];
    names.add(name);
    return [
      ...kinds.flatMap((kind, nth) => {
        if (nth > 0) return [forbidden(`${place}.${kind}`, "may not specify more than 1 volume type")];
        const needed = neededBySource[kind];
        return needed && !rest[kind][needed] ? [required(`${place}.${kind}.${needed}`)] : [];
      }),
      ...(name ? each(`${place}.name`, name, plainDnsLabel(name)) : [required(`${place}.name`)]),
      ...again,
    ];
  });
}

function tolerations(field: string, list: Json[] = []): FieldError[] {
  return list.flatMap(({ key, operator, value, effect, tolerationSeconds }, at) => {
    const place = `${field}[${at}]`;
    return [
      ...(key ? each(`${place}.key`, key, qualifiedName(key)) : []),
      ...(!key && operator !== "Exists"
        ? [
            invalid(
              `${place}.operator`,
              operator ?? "",
              'operator must be Exists when `key` is empty, which means "match all values and all keys"',
            ),
          ]
        : []),
      ...(tolerationSeconds !== undefined && effect !== "NoExecute"
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
