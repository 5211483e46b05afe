import { compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { claimSpec } from "./claim.js";
import { duplicate, each, forbidden, invalid, notSupported, required } from "./errors.js";
import { fieldReference, resourceReference } from "./environment.js";
import { annotations, labels } from "./metadata.js";
import { dnsLabel } from "./names.js";
import { noClimbing, pathWithin } from "./paths.js";

/** In the order in which the API looks at them: all but the first are refused. */
const kinds = [
  ...[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
  ],
  ...[
    "glusterfs",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
  ],
  ...[
    "configMap",
    "azureFile",
    "flocker",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
  ],
  ...["storageos", "projected", "scaleIO", "csi", "ephemeral", "image"],
];

export interface PodVolumes {
  errors: FieldError[];
  /** The names of those that are valid: only these can be mounted. */
  names: Set<string>;
}

/** @param claims names of claim templates: their volumes come before the pod's own, and stand in for those of the same name */
export function podVolumes(field: string, given: Json[], claims: readonly string[]): PodVolumes {
  const templates = [...new Set(claims)];
  const own = given.filter(({ name }) => !templates.includes(name));
  const names = new Set<string>();
  const all = [...templates.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...own];
  const errors = all.flatMap((volume, at) => {
    const found = volumeErrors(`${field}[${at}]`, volume, names);
    if (found.length === 0) names.add(volume.name);
    return found;
  });
  return { errors, names };
}

function volumeErrors(place: string, volume: Json, names: ReadonlySet<string>): FieldError[] {
  const { name } = volume;
  const sources = kinds.filter((kind) => volume[kind]);
  return [
    ...sources.flatMap((kind, nth) =>
      nth > 0
        ? [forbidden(`${place}.${kind}`, "may not specify more than 1 volume type")]
        : (bySource[kind]?.(`${place}.${kind}`, volume[kind]) ?? []),
    ),
    ...(name ? each(`${place}.name`, name, dnsLabel(name)) : [required(`${place}.name`)]),
    ...(names.has(name) ? [duplicate(`${place}.name`, name)] : []),
  ];
}

const hostPathTypes = [
  ...["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"],
];

const bySource: Record<string, (field: string, source: Json) => FieldError[]> = {
  emptyDir: (field, { sizeLimit }) =>
    sizeLimit !== undefined && compareQuantities(sizeLimit, "0") < 0
      ? [forbidden(`${field}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
      : [],
  hostPath: (field, { path, type }) =>
    path
      ? [
          ...noClimbing(`${field}.path`, path),
          ...(type && !hostPathTypes.includes(type)
            ? [notSupported(`${field}.type`, type, hostPathTypes)]
            : []),
        ]
      : [required(`${field}.path`)],
  secret: (field, source) => [
    ...(source.secretName ? [] : [required(`${field}.secretName`)]),
    ...fileMode(`${field}.defaultMode`, source.defaultMode),
    ...keyItems(field, source.items),
  ],
  configMap: (field, source) => [
    ...(source.name ? [] : [required(`${field}.name`)]),
    ...fileMode(`${field}.defaultMode`, source.defaultMode),
    ...keyItems(field, source.items),
  ],
  persistentVolumeClaim: (field, { claimName }) => (claimName ? [] : [required(`${field}.claimName`)]),
  nfs: (field, { server, path }) => [
    ...(server ? [] : [required(`${field}.server`)]),
    ...(path ? [] : [required(`${field}.path`)]),
    ...(!path?.startsWith("/") ? [invalid(`${field}.path`, path ?? "", "must be an absolute path")] : []),
  ],
  downwardAPI: (field, { defaultMode, items = [] }) => [
    ...fileMode(`${field}.defaultMode`, defaultMode),
    ...items.flatMap((item: Json) => downwardFile(field, item)),
  ],
  projected: (field, source) => [
    ...fileMode(`${field}.defaultMode`, source.defaultMode),
    ...projections(field, source.sources ?? []),
  ],
  ephemeral: (field, { volumeClaimTemplate: template }) =>
    template
      ? [
          ...annotations(`${field}.volumeClaimTemplate.metadata.annotations`, template.metadata?.annotations),
          ...labels(`${field}.volumeClaimTemplate.metadata.labels`, template.metadata?.labels),
          ...claimSpec(`${field}.volumeClaimTemplate.spec`, template.spec),
        ]
      : [required(`${field}.volumeClaimTemplate`)],
};

function fileMode(field: string, mode: unknown): FieldError[] {
  if (typeof mode !== "number" || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

function keyItems(field: string, items: Json[] = []): FieldError[] {
  return items.flatMap((item, at) => keyItem(`${field}.items[${at}]`, item));
}

function keyItem(place: string, { key, path, mode }: Json): FieldError[] {
  return [
    ...(key ? [] : [required(`${place}.key`)]),
    ...(path ? [] : [required(`${place}.path`)]),
    ...pathWithin(`${place}.path`, path ?? "", true),
    ...fileMode(`${place}.mode`, mode),
  ];
}

/** The API names no index here. */
function downwardFile(field: string, { path, fieldRef, resourceFieldRef, mode }: Json): FieldError[] {
  const both = "fieldRef and resourceFieldRef can not be specified simultaneously";
  const reference = fieldRef
    ? [
        ...fieldReference(`${field}.fieldRef`, fieldRef, "volume"),
        ...(resourceFieldRef ? [invalid(field, "resource", both)] : []),
      ]
    : resourceFieldRef
      ? resourceReference(`${field}.resourceFieldRef`, resourceFieldRef, true)
      : [required(field, "one of fieldRef and resourceFieldRef is required")];
  return [
    ...(path ? [] : [required(`${field}.path`)]),
    ...pathWithin(`${field}.path`, path ?? "", true),
    ...reference,
    ...fileMode(`${field}.mode`, mode),
  ];
}

const projected = ["secret", "configMap", "downwardAPI", "serviceAccountToken"] as const;

/** The parts of a projected volume, no two of which may be at one path. */
function projections(field: string, sources: Json[]): FieldError[] {
  const paths = new Set<string>();
  const again = (path: unknown, shown: unknown): FieldError[] => {
    if (typeof path !== "string" || path === "") return [];
    if (paths.has(path)) return [invalid(field, shown, "conflicting duplicate paths")];
    paths.add(path);
    return [];
  };
  return sources.flatMap((source, at) => {
    const place = `${field}.sources[${at}]`;
    const given = projected.filter((kind) => source[kind]);
    return [
      ...given.flatMap((kind) => projection(field, `${place}.${kind}`, kind, source[kind], again)),
      ...(given.length > 1 ? [forbidden(place, "may not specify more than 1 volume type per source")] : []),
    ];
  });
}

const tenMinutes = 600;

function projection(
  volume: string,
  place: string,
  kind: (typeof projected)[number],
  source: Json,
  again: (path: unknown, shown: unknown) => FieldError[],
): FieldError[] {
  const items: Json[] = source.items ?? [];
  if (kind === "downwardAPI")
    return items.flatMap((item) => [...downwardFile(place, item), ...again(item.path, item.path)]);
  if (kind !== "serviceAccountToken")
    return [
      ...(source.name ? [] : [required(`${place}.name`)]),
      ...items.flatMap((item, at) => [
        ...keyItem(`${place}.items[${at}]`, item),
        ...again(item.path, source.name ?? ""),
      ]),
    ];
  const seconds: number = source.expirationSeconds;
  const time = `${place}.expirationSeconds`;
  return [
    ...(seconds < tenMinutes
      ? [invalid(time, seconds, "may not specify a duration less than 10 minutes")]
      : []),
    ...(seconds > 2 ** 32
      ? [invalid(time, seconds, "may not specify a duration larger than 2^32 seconds")]
      : []),
    ...(source.path ? pathWithin(`${volume}.path`, source.path, true) : [required(`${volume}.path`)]),
  ];
}
