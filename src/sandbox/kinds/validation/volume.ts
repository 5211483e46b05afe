import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import { shownEmpty } from "../normalize.js";
import { compareQuantities, parseQuantity } from "../quantity.js";
import { fieldsOf, isObject } from "../schema.js";
import type { Json } from "../schema.js";
import { accessModes, positive } from "./claim.js";
import { specDiff } from "./diff.js";
import { each, forbidden, invalid, notSupported, oneOf, required } from "./errors.js";
import { internalJson } from "./internal.js";
import { dnsSubdomain } from "./names.js";
import { nodeSelector } from "./scheduling.js";

const otherFields = [
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
];

/** The fields of a volume's spec that say where its data is. */
function sourceFields(): string[] {
  return Object.keys(fieldsOf("PersistentVolumeSpec")).filter((field) => !otherFields.includes(field));
}

export function validateVolume({ metadata, spec }: AnyObject): FieldError[] {
  const policies = ["Delete", "Recycle", "Retain"];
  return [
    ...(spec.accessModes?.length ? [] : [required("spec.accessModes")]),
    ...accessModes("spec.accessModes", spec.accessModes),
    ...capacity(spec),
    ...nodeAffinity(spec.nodeAffinity),
    ...sources(spec),
    ...oneOf("spec.persistentVolumeReclaimPolicy", spec.persistentVolumeReclaimPolicy, policies),
    ...(spec.storageClassName
      ? each("spec.storageClassName", spec.storageClassName, dnsSubdomain(spec.storageClassName))
      : []),
    ...oneOf("spec.volumeMode", spec.volumeMode, ["Block", "Filesystem"]),
    ...mountOptions(metadata["annotations"] ?? {}, spec),
  ];
}

// Volumes of these kinds take mount options from an annotation, as they did before there was a field.
const annotated =
  "gcePersistentDisk awsElasticBlockStore glusterfs nfs rbd quobyte iscsi cinder cephfs azureFile vsphereVolume azureDisk photonPersistentDisk";

function mountOptions(annotations: Json, spec: Json): FieldError[] {
  const name = "volume.beta.kubernetes.io/mount-options";
  if (!(name in annotations) || annotated.split(" ").some((source) => spec[source])) return [];
  return [forbidden(`metadata.annotations.${name}`, "may not specify mount options for this volume type")];
}

function capacity(spec: Json): FieldError[] {
  const value: Json | undefined = spec.capacity;
  const missing = value ? [] : [required("spec.capacity")];
  if (value?.storage === undefined || Object.keys(value).length > 1)
    return [...missing, notSupported("spec.capacity", inKeyOrder(shownEmpty(spec, "capacity")), ["storage"])];
  const field = "spec.capacity[storage]";
  const negative = compareQuantities(value.storage, "0") < 0;
  return [
    // Here alone the API shows the quantity as a number.
    ...(negative
      ? [
          invalid(
            field,
            Number((parseQuantity(value.storage)?.nanos ?? 0n) / 1_000_000_000n),
            "must be a valid resource quantity",
          ),
        ]
      : []),
    ...positive(field, value.storage),
  ];
}

function inKeyOrder(value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
}

function nodeAffinity(value: Json | undefined): FieldError[] {
  if (!value) return [];
  const field = "spec.nodeAffinity.required";
  return value.required
    ? nodeSelector(field, value.required)
    : [required(field, "must specify required node constraints")];
}

function sources(spec: Json): FieldError[] {
  const given = sourceFields().filter((field) => spec[field]);
  const [first, ...more] = given;
  const path = spec.hostPath?.path;
  return [
    ...(first === "hostPath" && !path ? [required("spec.hostPath.path")] : []),
    ...(path?.split("/").includes("..")
      ? [invalid("spec.hostPath.path", path, "must not contain '..'")]
      : []),
    ...more.map((field) => forbidden(`spec.${field}`, "may not specify more than 1 volume type")),
    ...(spec.local && !spec.nodeAffinity
      ? [required("spec.nodeAffinity", "Local volume requires node affinity")]
      : []),
    ...(first ? [] : [required("spec", "must specify a volume type")]),
    ...(path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle"
      ? [forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
  ];
}

/** Where the data is may not change, nor how it is read. */
export function validateVolumeUpdate({ spec }: AnyObject, { spec: old }: AnyObject): FieldError[] {
  const [after, before] = [spec, old].map(sourceOf);
  const moved = !isDeepStrictEqual(after, before);
  const text = "spec.persistentvolumesource is immutable after creation";
  return [
    ...(moved ? [forbidden("spec.persistentvolumesource", `${text}\n${specDiff(before, after)}`)] : []),
    ...(spec.volumeMode === old.volumeMode
      ? []
      : [invalid("volumeMode", spec.volumeMode, "field is immutable")]),
    ...(old.nodeAffinity && !isDeepStrictEqual(spec.nodeAffinity, old.nodeAffinity)
      ? [
          invalid(
            "spec.nodeAffinity",
            spec.nodeAffinity,
            "field is immutable, except for updating from beta label to GA",
          ),
        ]
      : []),
  ];
}

function sourceOf(spec: Json): Json {
  const all = internalJson("PersistentVolumeSpec", spec);
  const other = otherFields.map((field) => field.charAt(0).toUpperCase() + field.slice(1));
  return Object.fromEntries(Object.entries(all).filter(([field]) => !other.includes(field)));
}
