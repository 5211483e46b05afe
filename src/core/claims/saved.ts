import { UsageError } from "../errors.js";
import type { Claim, Volume } from "../model.js";
import { sameJson } from "../equal.js";

/**
 * A claim and the volume it was bound to, as the server had them: raw, with every field known to us or not. `pvc cleanup
 * --backup` writes them, `pvc restore` reads them. They are objects only: the data stays in the volume.
 */
export interface SavedClaim {
  claim: Claim;
  /** Missing where the claim had none. */
  volume?: Volume;
}

/** A `v1` List, which kubectl can read, too. */
interface SavedList {
  apiVersion: "v1";
  kind: "List";
  items: readonly [Claim] | readonly [Claim, Volume];
}

/**
 * Where a claim is kept, below the folder of the backup: `default/www-web-3.1a2b3c4d.json`. With the start of its UID,
 * so that a claim made anew under the same name never takes the place of an older one.
 */
export function savedPath(claim: { namespace?: string; name: string; uid: string }): string {
  const { namespace = "", name, uid } = claim;
  if (![namespace, name, uid].every((part) => plain.test(part))) {
    throw new UsageError(`the server names a claim "${namespace}/${name}" (${uid}), which can be no file`);
  }
  return `${namespace}/${name}.${uid.slice(0, 8)}.json`;
}

/** Names and UIDs as Kubernetes gives them (RFC 1123): in a path they lead nowhere else. */
const plain = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/i;

/**
 * Whether one that was saved earlier still says all that a restore needs of the same claim: what is read of it now adds
 * nothing. Status and versions do not count; nor does a reclaim policy that became Retain, as `--keep-data` makes it
 * before each deletion: the earlier one has the policy of before.
 */
export function saysAsMuch(earlier: SavedClaim, now: SavedClaim): boolean {
  if (earlier.claim.metadata.namespace !== now.claim.metadata.namespace) return false;
  if (!sameJson(essenceOf(earlier.claim), essenceOf(now.claim))) return false;
  if (!now.volume || !earlier.volume) return !now.volume;
  const { persistentVolumeReclaimPolicy: policy } = now.volume.spec;
  const spec = {
    ...earlier.volume.spec,
    ...(policy === "Retain" && { persistentVolumeReclaimPolicy: policy }),
  };
  return sameJson(volumeEssenceOf({ ...earlier.volume, spec }), volumeEssenceOf(now.volume));
}

function essenceOf({ metadata: { name, uid, labels, annotations }, spec }: Claim | Volume): object {
  return { name, uid, labels, annotations, spec };
}

function volumeEssenceOf(volume: Volume): object {
  const { claimRef, ...spec } = volume.spec;
  const { uid, namespace, name } = claimRef ?? {};
  return { ...essenceOf(volume), spec: { ...spec, claimRef: { uid, namespace, name } } };
}

export function toList({ claim, volume }: SavedClaim): SavedList {
  return { apiVersion: "v1", kind: "List", items: volume ? [claim, volume] : [claim] };
}

/** Reads what `toList` gave. Throws a UsageError that names `file` for anything else: files are hostile input. */
export function fromList(value: unknown, file: string): SavedClaim {
  const { kind, items } = (value ?? {}) as Partial<SavedList>;
  if (kind !== "List" || !Array.isArray(items)) {
    throw new UsageError(`${file}: not a List of a claim and its volume, as pvc cleanup --backup writes it`);
  }
  const found = items as readonly Partial<Claim | Volume>[];
  const claim = found.find((item) => item?.kind === "PersistentVolumeClaim") as Claim | undefined;
  const volume = found.find((item) => item?.kind === "PersistentVolume") as Volume | undefined;
  if (!isNamed(claim) || typeof claim.metadata.namespace !== "string" || typeof claim.spec !== "object") {
    throw new UsageError(
      `${file}: holds no PersistentVolumeClaim with a name, a namespace, a uid and a spec`,
    );
  }
  if (volume && (!isNamed(volume) || typeof volume.spec !== "object")) {
    throw new UsageError(`${file}: its PersistentVolume has no name, uid or spec`);
  }
  return volume ? { claim, volume } : { claim };
}

function isNamed<T extends Claim | Volume>(object: T | undefined): object is T {
  const { name, uid } = (object?.metadata ?? {}) as Partial<Claim["metadata"]>;
  return typeof name === "string" && typeof uid === "string";
}
