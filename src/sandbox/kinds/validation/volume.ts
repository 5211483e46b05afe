import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import { shownEmpty } from "../normalize.js";
import { compareQuantities, parseQuantity } from "../quantity.js";
import { fieldsOf, isObject } from "../schema.js";
import type { Json } from "../schema.js";
import { accessModes, size, volumeMode } from "./claim.js";
import { specDiff } from "./diff.js";
import { forbidden, invalid, notSupported, required } from "./errors.js";
import { internalJson } from "./internal.js";
import { dnsSubdomain } from "./names.js";
import { noClimbing } from "./paths.js";
import { all, fields, first, given, onlyOne, where, type Rule } from "./rules.js";
import { nodeSelector } from "./scheduling.js";
import { mayNotBe, named, needed, neededTo, oneOf } from "./values.js";

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
  return [...volumeSpec(spec, "spec"), ...mountOptions(metadata["annotations"] ?? {}, spec)];
}

const hostPath = first(fields({ path: needed }), fields({ path: noClimbing }));

const volumeSpec: Rule = (spec: Json, path) =>
  all(
    fields({
      accessModes: all(needed, accessModes),
      capacity: all(
        where((value) => !value, needed),
        capacity(spec),
      ),
      nodeAffinity: given(
        fields({
          required: first(neededTo("must specify required node constraints"), nodeSelector),
        }),
      ),
    }),
    onlyOne(sourceFields(), { hostPath }, "may not specify more than 1 volume type"),
    fields({ ...(spec.local && { nodeAffinity: neededTo("Local volume requires node affinity") }) }),
    someSource,
    fields({
      persistentVolumeReclaimPolicy: all(
        spec.hostPath?.path === "/" ? notRecycled : all(),
        oneOf("Delete", "Recycle", "Retain"),
      ),
      storageClassName: given(named(dnsSubdomain)),
      volumeMode,
    }),
  )(spec, path);

const someSource: Rule = (spec: Json, path) =>
  sourceFields().some((field) => spec[field]) ? [] : [required(path, "must specify a volume type")];

const notRecycled: Rule = where(
  (policy) => policy === "Recycle",
  mayNotBe("may not be 'recycle' for a hostPath mount of '/'"),
);

// Volumes of these kinds take mount options from an annotation, as they did before there was a field.
const annotated =
  "gcePersistentDisk awsElasticBlockStore glusterfs nfs rbd quobyte iscsi cinder cephfs azureFile vsphereVolume azureDisk photonPersistentDisk";

function mountOptions(annotations: Json, spec: Json): FieldError[] {
  const name = "volume.beta.kubernetes.io/mount-options";
  if (!(name in annotations) || annotated.split(" ").some((source) => spec[source])) return [];
  return [forbidden(`metadata.annotations.${name}`, "may not specify mount options for this volume type")];
}

function capacity(spec: Json): Rule {
  return (value: Json | undefined, path) => {
    if (value?.storage === undefined || Object.keys(value).length > 1)
      return [notSupported(path, inKeyOrder(shownEmpty(spec, "capacity")), ["storage"])];
    const field = `${path}[storage]`;
    // Here alone the API shows the quantity as a number.
    const shown = Number((parseQuantity(value.storage)?.nanos ?? 0n) / 1_000_000_000n);
    return [
      ...(compareQuantities(value.storage, "0") < 0
        ? [invalid(field, shown, "must be a valid resource quantity")]
        : []),
      ...size(value.storage, field),
    ];
  };
}

function inKeyOrder(value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
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
