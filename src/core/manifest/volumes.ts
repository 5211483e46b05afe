import { claimName } from "../identity.js";
import type { Manifest, StorageClass, Volume } from "../model.js";
import { compareQuantities } from "../quantity.js";
import { setSpec } from "./service.js";

/** A claim that a set will make, and what it asks of a volume. */
export interface WantedClaim {
  name: string;
  size: string;
  accessModes: readonly string[];
  /** Empty: only volumes without a class. Undefined: the class that is the default when the claim is made. */
  storageClass: string | undefined;
}

/** The part of a PersistentVolume that decides whether a claim can have it. */
export type VolumeFacts = Pick<Volume, "spec" | "status"> & { metadata: { name: string } };

/** What a cluster has to give; undefined: it could not be read. */
export interface StorageFacts {
  classes: readonly Pick<StorageClass, "metadata" | "provisioner">[];
  volumes: readonly VolumeFacts[];
}

/** The claims of a set, lowest ordinal first, without those named in `existing`: they will be attached again. */
export function wantedClaims(set: Manifest, existing: ReadonlySet<string>): WantedClaim[] {
  const { replicas = 1, ordinals, volumeClaimTemplates = [] } = setSpec(set);
  const start = ordinals?.start ?? 0;
  const claims = Array.from({ length: replicas }, (_unused, index) =>
    volumeClaimTemplates.map(({ metadata, spec }) => ({
      name: claimName(metadata?.name ?? "", set.metadata.name, start + index),
      size: spec?.resources?.requests?.["storage"] ?? "0",
      accessModes: spec?.accessModes ?? [],
      storageClass: spec?.storageClassName,
    })),
  );
  return claims.flat().filter(({ name }) => !existing.has(name));
}

/** Why claims of a set will stay Pending, a sentence for each StorageClass that cannot serve them. */
export function storageProblems(claims: readonly WantedClaim[], facts: StorageFacts): string[] {
  const names = [...new Set(claims.map(({ storageClass }) => storageClass))];
  return names.flatMap((name) => {
    const wanted = claims.filter(({ storageClass }) => storageClass === name);
    return classProblem(name, wanted, facts) ?? [];
  });
}

const isDefault = "storageclass.kubernetes.io/is-default-class";

function classProblem(
  name: string | undefined,
  wanted: readonly WantedClaim[],
  { classes, volumes }: StorageFacts,
): string | undefined {
  const found =
    name === undefined
      ? classes.find(({ metadata }) => metadata.annotations?.[isDefault] === "true")
      : classes.find(({ metadata }) => metadata.name === name);
  if (found && found.provisioner !== "kubernetes.io/no-provisioner") return undefined;
  const className = found?.metadata.name ?? name ?? "";
  const without = unserved(
    wanted,
    volumes.filter(({ spec }) => (spec.storageClassName ?? "") === className),
  );
  if (without.length === 0) return undefined;
  return `${describeClass(name, className, found !== undefined)}, and ${describeLack(wanted.length, without)}`;
}

function describeClass(name: string | undefined, className: string, exists: boolean): string {
  if (exists) return `StorageClass ${className} has no provisioner`;
  if (name === undefined) return "there is no default StorageClass";
  return name === "" ? "the claims want no StorageClass" : `StorageClass ${name} does not exist`;
}

function describeLack(wanted: number, without: readonly WantedClaim[]): string {
  const served = wanted - without.length;
  const names = without.map(({ name }) => name);
  const shown =
    names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
  const available =
    served === 0
      ? "no Available PersistentVolume fits"
      : `only ${served} Available PersistentVolume${served === 1 ? " fits" : "s fit"}`;
  return `${available}: ${shown} will stay Pending until there is one`;
}

/** The claims that get no volume when each takes the smallest that fits, as the binder does. */
function unserved(claims: readonly WantedClaim[], volumes: readonly VolumeFacts[]): WantedClaim[] {
  const free = volumes
    .filter((volume) => (volume.status?.phase ?? "Available") === "Available")
    .toSorted((a, b) => compareQuantities(capacity(a), capacity(b)));
  return claims.filter((claim) => {
    const index = free.findIndex((volume) => fits(volume, claim));
    if (index >= 0) free.splice(index, 1);
    return index < 0;
  });
}

function capacity({ spec }: VolumeFacts): string {
  return spec.capacity?.["storage"] ?? "0";
}

function fits(volume: VolumeFacts, { name, size, accessModes }: WantedClaim): boolean {
  const { claimRef, accessModes: offered = [] } = volume.spec;
  if (claimRef && claimRef.name !== name) return false;
  return (
    accessModes.every((mode) => offered.includes(mode)) && compareQuantities(capacity(volume), size) >= 0
  );
}
