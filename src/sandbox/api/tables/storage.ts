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
  column("Status", phaseOf),
  column("Volume", ({ spec }) => spec?.volumeName ?? ""),
  column("Capacity", (claim) => (chosen(claim) ? (claim.status?.capacity?.storage ?? "0") : "")),
  column("Access Modes", (claim) => (chosen(claim) ? modesOf(claim.status?.accessModes) : "")),
  column("StorageClass", classOf),
  column("VolumeAttributesClass", attributesOf),
  ageColumn,
  column("VolumeMode", modeOf, wide),
];

export const volumeColumns: readonly Column[] = [
  nameColumn,
  column("Capacity", ({ spec }) => spec?.capacity?.storage ?? "0"),
  column("Access Modes", ({ spec }) => modesOf(spec?.accessModes)),
  column("Reclaim Policy", ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ""),
  column("Status", phaseOf),
  column("Claim", ({ spec }) =>
    spec?.claimRef ? `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}` : "",
  ),
  column("StorageClass", classOf),
  column("VolumeAttributesClass", attributesOf),
  column("Reason", ({ status }) => status?.reason ?? ""),
  ageColumn,
  column("VolumeMode", modeOf, wide),
];

export const storageClassColumns: readonly Column[] = [
  nameColumnWith(
    {},
    (one, printing) => `${one.metadata.name ?? ""}${isDefault(one, printing) ? " (default)" : ""}`,
  ),
  column("Provisioner", ({ provisioner }) => provisioner ?? ""),
  column("ReclaimPolicy", ({ reclaimPolicy }) => reclaimPolicy ?? "Delete"),
  column("VolumeBindingMode", ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate"),
  column("AllowVolumeExpansion", ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
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
