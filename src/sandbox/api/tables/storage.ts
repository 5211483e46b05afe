import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, nameColumnWith, wide, type Column, type Printing } from "./column.js";

const modes: readonly [mode: string, short: string][] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

function modesOf(given: readonly string[] = []): string {
  return modes.flatMap(([mode, short]) => (given.includes(mode) ? [short] : [])).join(",");
}

function phaseOf({ metadata, status }: AnyObject): string {
  return metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "");
}

function classOf({ metadata, spec }: AnyObject): string {
  // The field's forerunner comes first, even when it is empty.
  return metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec?.storageClassName ?? "";
}

const attributesOf = ({ spec }: AnyObject): string => spec?.volumeAttributesClassName ?? "<unset>";
const modeOf = ({ spec }: AnyObject): string => spec?.volumeMode ?? "<unset>";
/** What a claim has of a volume is shown once it has chosen one. */
const chosen = ({ spec }: AnyObject): boolean => Boolean(spec?.volumeName);

export const claimColumns: readonly Column[] = [
  nameColumn,
  column("Status", "phase represents the current phase of PersistentVolumeClaim.", phaseOf),
  column(
    "Volume",
    "volumeName is the binding reference to the PersistentVolume backing this claim.",
    ({ spec }) => spec?.volumeName ?? "",
  ),
  column("Capacity", "capacity represents the actual resources of the underlying volume.", (claim) =>
    chosen(claim) ? (claim.status?.capacity?.storage ?? "0") : "",
  ),
  column(
    "Access Modes",
    "accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1",
    (claim) => (chosen(claim) ? modesOf(claim.status?.accessModes) : ""),
  ),
  column("StorageClass", "StorageClass of the pvc", classOf),
  column("VolumeAttributesClass", "VolumeAttributesClass of the pvc", attributesOf),
  ageColumn,
  column(
    "VolumeMode",
    "volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.",
    modeOf,
    wide,
  ),
];

export const volumeColumns: readonly Column[] = [
  nameColumn,
  column(
    "Capacity",
    "capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity",
    ({ spec }) => spec?.capacity?.storage ?? "0",
  ),
  column(
    "Access Modes",
    "accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes",
    ({ spec }) => modesOf(spec?.accessModes),
  ),
  column(
    "Reclaim Policy",
    "persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the volume plugin underlying this PersistentVolume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming",
    ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? "",
  ),
  column(
    "Status",
    "phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase",
    phaseOf,
  ),
  column(
    "Claim",
    "claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding",
    ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}` : ""),
  ),
  column("StorageClass", "StorageClass of the pv", classOf),
  column("VolumeAttributesClass", "VolumeAttributesClass of the pv", attributesOf),
  column(
    "Reason",
    "reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI.",
    ({ status }) => status?.reason ?? "",
  ),
  ageColumn,
  column(
    "VolumeMode",
    "volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.",
    modeOf,
    wide,
  ),
];

export const storageClassColumns: readonly Column[] = [
  nameColumnWith(
    {},
    (one, printing) => `${one.metadata.name ?? ""}${isDefault(one, printing) ? " (default)" : ""}`,
  ),
  column(
    "Provisioner",
    "provisioner indicates the type of the provisioner.",
    ({ provisioner }) => provisioner ?? "",
  ),
  column(
    "ReclaimPolicy",
    "reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.",
    ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
  ),
  column(
    "VolumeBindingMode",
    "volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.",
    ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate",
  ),
  column(
    "AllowVolumeExpansion",
    "allowVolumeExpansion shows whether the storage class allow volume expand.",
    ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  ),
  ageColumn,
];

/**
 * Marked as the default; from 1.37 on the newest of those that are, as admission chooses it, and so only in a list
 * (printStorageClassList).
 */
function isDefault(one: AnyObject, { kubernetesVersion, listed }: Printing): boolean {
  if (!isMarked(one)) return false;
  if (kubernetesVersion === "1.36") return true;
  return listed?.filter(isMarked).sort(byAgeAndName)[0] === one;
}

function isMarked({ metadata: { annotations } }: AnyObject): boolean {
  const names = ["storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"];
  return names.some((name) => annotations?.[`${name}/is-default-class`] === "true");
}

function byAgeAndName({ metadata: a }: AnyObject, { metadata: b }: AnyObject): number {
  const [older, younger] = [a.creationTimestamp, b.creationTimestamp];
  return older === younger ? (a.name < b.name ? -1 : 1) : older > younger ? -1 : 1;
}
