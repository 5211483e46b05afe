import { selects } from "../../kinds/label-selector.js";
import { compareQuantities } from "../../kinds/quantity.js";
import type { AnyObject } from "../../port.js";
import { isTerminating, keyOf } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import { claimRefKey, classOf, isMeantFor } from "./claim.js";

function mode({ spec }: AnyObject): string {
  return spec.volumeMode ?? "Filesystem";
}

export function modesDiffer(volume: AnyObject, claim: AnyObject): boolean {
  return mode(volume) !== mode(claim);
}

function offersModes(volume: AnyObject, claim: AnyObject): boolean {
  const offered: string[] = volume.spec.accessModes ?? [];
  return (claim.spec.accessModes ?? []).every((each: string) => offered.includes(each));
}

function isLargeEnough(volume: AnyObject, claim: AnyObject): boolean {
  return compareQuantities(volume.spec.capacity?.storage, claim.spec.resources?.requests?.storage) >= 0;
}

/** Why a volume that the claim names cannot be bound to it, in the API's words; undefined when it can. */
export function mismatch(volume: AnyObject, claim: AnyObject): string | undefined {
  if (isTerminating(volume)) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (!isLargeEnough(volume, claim)) return "requested PV is too small";
  if (classOf(volume) !== classOf(claim)) return "storageClassName does not match";
  if (modesDiffer(volume, claim)) return "incompatible volumeMode";
  return offersModes(volume, claim) ? undefined : "incompatible accessMode";
}

/** Finds volumes for claims; asks only those volumes that can come into question. */
export class VolumeFinder {
  readonly #reserved: (claimKey: string) => AnyObject[];
  readonly #free: (className: string) => AnyObject[];

  constructor(volumes: Resource) {
    this.#reserved = volumes.indexBy((volume) => [claimRefKey(volume) ?? []].flat());
    this.#free = volumes.indexBy((volume) => {
      return !volume.spec.claimRef && volume.status?.phase === "Available" ? [classOf(volume)] : [];
    });
  }

  reservedFor(claimKey: string): AnyObject[] {
    return this.#reserved(claimKey);
  }

  /**
   * The volume that is reserved for the claim, else the smallest free one that fits; volumes that offer fewer access
   * modes come first. A claim that waits for its consumer gets a reserved volume only: the scheduler chooses the others.
   */
  bestFor(claim: AnyObject, waits: boolean): AnyObject | undefined {
    const reserved = this.#reserved(keyOf(claim)).filter((volume) => isMeantFor(volume, claim));
    const free = waits ? [] : this.#free(classOf(claim)).filter((volume) => isSelected(volume, claim));
    return [...reserved, ...free].filter((volume) => fits(volume, claim)).sort(byPreference)[0];
  }
}

/** Whether a claim would take a volume that is not reserved for it. */
export function isFree(volume: AnyObject, claim: AnyObject): boolean {
  const { spec, status } = volume;
  const available = status?.phase === "Available" && !spec.claimRef && classOf(volume) === classOf(claim);
  return available && isSelected(volume, claim) && fits(volume, claim);
}

function fits(volume: AnyObject, claim: AnyObject): boolean {
  const suited = offersModes(volume, claim) && !modesDiffer(volume, claim);
  return suited && isLargeEnough(volume, claim) && !isTerminating(volume);
}

function isSelected({ metadata }: AnyObject, { spec }: AnyObject): boolean {
  return !spec.selector || selects(spec.selector, metadata.labels);
}

function byPreference(a: AnyObject, b: AnyObject): number {
  return (
    a.spec.accessModes.length - b.spec.accessModes.length ||
    Number(Boolean(b.spec.claimRef)) - Number(Boolean(a.spec.claimRef)) ||
    compareQuantities(a.spec.capacity?.storage, b.spec.capacity?.storage) ||
    a.metadata.name.localeCompare(b.metadata.name)
  );
}
