import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { containerPorts, environment, lifecycle, probe, resources, volumeMounts } from "./container-parts.js";
import { duplicate, each, forbidden, invalid, oneOf, required } from "./errors.js";
import { labels } from "./metadata.js";
import { dnsLabel, dnsSubdomain } from "./names.js";
import * as parts from "./pod-parts.js";

/** What the API asks of a pod's spec; `claims` are volumes that come from claim templates. */
export function podSpec(field: string, spec: Json, claims: readonly string[] = []): FieldError[] {
  const own: Json[] = spec.volumes ?? [];
  const volumes = new Set<string>([...claims, ...own.map(({ name }) => name)]);
  return [
    ...parts.podVolumes(
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
    ...parts.tolerations(`${field}.tolerations`, spec.tolerations),
    ...["hostname", "subdomain"].flatMap((name) =>
      spec[name] ? each(`${field}.${name}`, spec[name], dnsLabel(spec[name])) : [],
    ),
    ...parts.imagePullSecrets(`${field}.imagePullSecrets`, spec.imagePullSecrets),
    ...parts.affinity(`${field}.affinity`, spec.affinity),
    ...parts.topologySpread(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...parts.securityContext(`${field}.securityContext`, spec.securityContext),
    ...(spec.os ? oneOf(`${field}.os`, spec.os.name, ["linux", "windows"]) : []),
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
    ...lifecycle(`${field}[${at}].lifecycle`, container.lifecycle),
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
    ...(name ? each(`${field}.name`, name, dnsLabel(name)) : [required(`${field}.name`)]),
    ...again,
    ...(image ? [] : [required(`${field}.image`)]),
    ...(blank && image.trim() === ""
      ? [invalid(`${field}.image`, image, "must not have leading or trailing whitespace")]
      : []),
    ...containerPorts(`${field}.ports`, value.ports),
    ...environment(`${field}.env`, value.env),
    ...parts.environmentSources(`${field}.envFrom`, value.envFrom),
    ...volumeMounts(`${field}.volumeMounts`, value.volumeMounts, volumes),
    ...oneOf(`${field}.imagePullPolicy`, value.imagePullPolicy, ["Always", "IfNotPresent", "Never"]),
    ...resources(`${field}.resources`, value.resources),
    ...parts.securityContext(`${field}.securityContext`, value.securityContext),
    ...oneOf(`${field}.terminationMessagePolicy`, value.terminationMessagePolicy, [
      "File",
      "FallbackToLogsOnError",
    ]),
  ];
}
