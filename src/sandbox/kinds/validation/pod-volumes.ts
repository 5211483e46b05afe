import { compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { claimSpec } from "./claim.js";
import { duplicate, forbidden, invalid, required } from "./errors.js";
import { fieldReference, resourceReferenceOfVolume } from "./environment.js";
import { annotations, labels } from "./metadata.js";
import { dnsLabel } from "./names.js";
import { fileWithin, noClimbing } from "./paths.js";
import { all, defined, fields, first, given, items, onlyOne, type Rule } from "./rules.js";
import { must, named, needed, oneOf } from "./values.js";

/** In the order in which the API looks at them: all but the first are refused. */
const kinds =
  `emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs persistentVolumeClaim rbd
  cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile flocker vsphereVolume photonPersistentDisk
  portworxVolume azureDisk storageos projected scaleIO csi ephemeral image`.split(/\s+/);

export interface PodVolumes {
  errors: FieldError[];
  /** The names of those that are valid: only these can be mounted. */
  names: Set<string>;
}

/** @param claims names of claim templates: their volumes come before the pod's own, and stand in for those of the same name */
export function podVolumes(own: Json[], path: string, claims: readonly string[]): PodVolumes {
  const names = new Set<string>();
  const rule = all(
    onlyOne(kinds, sources, "may not specify more than 1 volume type"),
    fields({
      name: all(first(needed, named(dnsLabel)), (name, place) =>
        names.has(name) ? [duplicate(place, name)] : [],
      ),
    }),
  );
  const templates = [...new Set(claims)].map((name) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  const volumes = [...templates, ...own.filter(({ name }) => !claims.includes(name))];
  const errors = items((volume: Json, place) => {
    const found = rule(volume, place);
    if (found.length === 0) names.add(volume.name);
    return found;
  })(volumes, path);
  return { errors, names };
}

const mode = defined(
  must(
    (value) => value >= 0 && value <= 0o777,
    "must be a number between 0 and 0777 (octal), both inclusive",
  ),
);

const keyItem = fields({ key: needed, path: all(needed, fileWithin), mode });
const keyItems = fields({ defaultMode: mode, items: items(keyItem) });

/** One of a field of the pod and a resource of a container. */
const downwardReference: Rule = (file: Json, path) => {
  const { fieldRef, resourceFieldRef } = file;
  if (!fieldRef && !resourceFieldRef)
    return [required(path, "one of fieldRef and resourceFieldRef is required")];
  if (!fieldRef) return fields({ resourceFieldRef: resourceReferenceOfVolume })(file, path);
  const both = "fieldRef and resourceFieldRef can not be specified simultaneously";
  return [
    ...fields({ fieldRef: fieldReference("volume") })(file, path),
    ...(resourceFieldRef ? [invalid(path, "resource", both)] : []),
  ];
};

const downwardFile = all(fields({ path: all(needed, fileWithin) }), downwardReference, fields({ mode }));

/** The API names no index of these, nor that they are the `items`. */
const downwardFiles: Rule = (volume: Json, path) =>
  (volume.items ?? []).flatMap((file: Json) => downwardFile(file, path));

const sources: Readonly<Record<string, Rule>> = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && compareQuantities(sizeLimit, "0") < 0
      ? [forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
      : [],
  hostPath: first(
    fields({ path: needed }),
    fields({
      path: noClimbing,
      type: given(
        oneOf(
          ...["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate"],
          ...["File", "FileOrCreate", "Socket"],
        ),
      ),
    }),
  ),
  secret: all(fields({ secretName: needed }), keyItems),
  configMap: all(fields({ name: needed }), keyItems),
  persistentVolumeClaim: fields({ claimName: needed }),
  nfs: fields({
    server: needed,
    path: all(
      needed,
      must((path) => path.startsWith("/"), "must be an absolute path"),
    ),
  }),
  downwardAPI: all(fields({ defaultMode: mode }), downwardFiles),
  projected: (volume: Json, path) => [
    ...fields({ defaultMode: mode })(volume, path),
    ...projections(volume.sources ?? [], path),
  ],
  ephemeral: fields({
    volumeClaimTemplate: first(
      needed,
      fields({ metadata: fields({ annotations, labels }), spec: claimSpec }),
    ),
  }),
};

/** The parts of a projected volume, no two of which may be at one path. */
function projections(list: Json[], path: string): FieldError[] {
  const paths = new Set<string>();
  const again = (file: string | undefined, shown: unknown): FieldError[] => {
    if (!file) return [];
    if (paths.has(file)) return [invalid(path, shown, "conflicting duplicate paths")];
    paths.add(file);
    return [];
  };
  const keys = all(fields({ name: needed }), ({ name, items: files }: Json, place) =>
    items((file: Json, at) => [...keyItem(file, at), ...again(file.path, name ?? "")])(
      files,
      `${place}.items`,
    ),
  );
  const rules: Readonly<Record<string, Rule>> = {
    secret: keys,
    configMap: keys,
    downwardAPI: ({ items: files = [] }: Json, place) =>
      files.flatMap((file: Json) => [...downwardFile(file, place), ...again(file.path, file.path)]),
    // The API means a path of the volume.
    serviceAccountToken: all(fields({ expirationSeconds }), ({ path: file }: Json) =>
      first(needed, fileWithin)(file, `${path}.path`),
    ),
  };
  return items((source: Json, place) => [
    ...fields(Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, given(rule)])))(
      source,
      place,
    ),
    ...(Object.keys(rules).filter((name) => source[name]).length > 1
      ? [forbidden(place, "may not specify more than 1 volume type per source")]
      : []),
  ])(list, `${path}.sources`);
}

const expirationSeconds = defined(
  must((seconds) => seconds >= 600, "may not specify a duration less than 10 minutes"),
  must((seconds) => seconds <= 2 ** 32, "may not specify a duration larger than 2^32 seconds"),
);
