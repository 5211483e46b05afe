import type { Claim, Volume } from "../../model.js";
import { sameJson } from "../../equal.js";
import { compareQuantities } from "../../quantity.js";
import type { SavedClaim } from "../saved.js";

/** The annotations that the binder leaves on a claim that it has bound. */
export const bindCompleted = "pv.kubernetes.io/bind-completed";
export const boundByController = "pv.kubernetes.io/bound-by-controller";

const betaClass = "volume.beta.kubernetes.io/storage-class";

/** A volume that is there, looked at for a saved claim. `living` is the claim that has the name now. */
interface Match {
  saved: SavedClaim;
  volume: Volume;
  living: Claim | undefined;
}

/** Each answers with why the volume cannot be given back; a text that goes on after `its volume NAME`. */
const obstacles: readonly ((match: Match) => string | undefined)[] = [
  isAnother,
  ({ volume }) => volume.metadata.deletionTimestamp && "is being deleted, and the data with it",
  ({ volume }) =>
    volume.status?.phase === "Failed"
      ? `is Failed (${volume.status.message ?? "no reason given"}): look what is left of its data first`
      : undefined,
  isTaken,
  ({ volume, saved }) =>
    volume.spec.persistentVolumeReclaimPolicy === "Recycle" && !volume.spec.claimRef && saved.volume
      ? "was recycled: the data in it is wiped"
      : undefined,
  isTooSmall,
  ({ volume, saved: { claim } }) => differs("storage class", classOf(volume), classOf(claim)),
  ({ volume, saved: { claim } }) => differs("volumeMode", modeOf(volume), modeOf(claim)),
  lacksAccessModes,
];

/**
 * Why a claim that is made again would not be bound to its old volume, or not find its data there; undefined when it
 * would. The binder takes a volume whose claimRef names the claim without looking at anything else
 * (`syncUnboundClaim`); size, class and modes are what it looks at otherwise (`checkVolumeSatisfyClaim`), and no volume
 * loses them by itself. It never looks at the selector of a claim that names its volume.
 */
export function whyNotBack(
  saved: SavedClaim,
  volume: Volume | undefined,
  living: Claim | undefined,
): string | undefined {
  const its = `its volume ${saved.claim.spec.volumeName}`;
  if (!volume) return `${its} is gone, and the data with it unless the storage behind it was kept`;
  for (const obstacle of obstacles) {
    const found = obstacle({ saved, volume, living });
    if (found) return `${its} ${found}`;
  }
  return undefined;
}

/** A volume made anew under the name is the same as long as what it stands for is: a disk of the provider, a path. */
function isAnother({ saved, volume }: Match): string | undefined {
  if (!saved.volume) {
    return volume.spec.claimRef?.uid === saved.claim.metadata.uid || isReserved(volume)
      ? undefined
      : "may be another one by now: the backup does not hold it, and it does not name this claim";
  }
  if (saved.volume.metadata.uid === volume.metadata.uid) return undefined;
  return sameJson(sourceOf(saved.volume), sourceOf(volume))
    ? undefined
    : "is another one by now, made anew under the same name";
}

/** What is in every volume whatever it stands for; the one other field of its spec says where the data is. */
const common = [
  ...["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"],
  ...["storageClassName", "volumeAttributesClassName", "volumeMode"],
];

function sourceOf({ spec }: Volume): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !common.includes(field)));
}

function isReserved({ spec }: Volume): boolean {
  return spec.claimRef !== undefined && !spec.claimRef.uid;
}

function isTaken({ saved: { claim }, volume, living }: Match): string | undefined {
  const { claimRef } = volume.spec;
  if (!claimRef) return undefined;
  const { namespace, name } = claim.metadata;
  if (claimRef.namespace !== namespace || claimRef.name !== name) {
    return `belongs to ${claimRef.namespace}/${claimRef.name} now`;
  }
  const isAnothers = living !== undefined && living.metadata.uid === claimRef.uid;
  return isAnothers && living.spec.volumeName !== volume.metadata.name
    ? "is being bound to another claim of that name"
    : undefined;
}

/** A resize that was under way when the claim was saved asks for more than the volume has, and goes on afterwards. */
function isTooSmall({ saved, volume }: Match): string | undefined {
  const has = sizeOf(volume.spec.capacity);
  const wanted = sizeOf(saved.claim.spec.resources?.requests);
  if (compareQuantities(has, wanted) >= 0) return undefined;
  const had = saved.volume && sizeOf(saved.volume.spec.capacity);
  if (had !== undefined && compareQuantities(has, had) >= 0) return undefined;
  return `has ${has}, and the claim asks for ${wanted}`;
}

function sizeOf(amounts: Readonly<Record<string, string>> | undefined): string {
  return amounts?.["storage"] ?? "0";
}

function classOf({ metadata, spec }: Claim | Volume): string {
  return metadata.annotations?.[betaClass] ?? spec.storageClassName ?? "";
}

function modeOf({ spec }: Claim | Volume): string {
  return spec.volumeMode ?? "Filesystem";
}

function differs(what: string, has: string, wanted: string): string | undefined {
  return has === wanted ? undefined : `has ${what} "${has}", and the claim "${wanted}"`;
}

function lacksAccessModes({ saved: { claim }, volume }: Match): string | undefined {
  const offered: readonly string[] = volume.spec.accessModes ?? [];
  const missing = (claim.spec.accessModes ?? []).filter((mode) => !offered.includes(mode));
  return missing.length === 0 ? undefined : `does not offer ${missing.join(", ")}, which the claim asks for`;
}

/** What a merge patch makes of the claimRef so that only a claim of this name is bound, whatever its UID. */
export function reservation({ metadata: { namespace, name } }: Claim): object {
  const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name };
  return { claimRef: { ...claimRef, uid: null, resourceVersion: null } };
}

/** Whether the volume waits for a claim of this name already, or has the claim that is meant. */
export function isReservedFor(volume: Volume, uid: string | undefined): boolean {
  const { claimRef } = volume.spec;
  return claimRef !== undefined && (!claimRef.uid || claimRef.uid === uid);
}
