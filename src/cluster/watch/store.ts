import type { MirrorChange } from "../cluster.js";

/** What a mirror needs to see of an object. */
export interface Versioned {
  metadata: { uid: string; name: string; namespace?: string; resourceVersion: string };
}

/** How many deleted objects are remembered, so that an event that comes late does not bring one back. */
const REMEMBERED = 1000;

/** The objects of a mirror. Each method applies what the server said and returns the changes that it made. */
export class Store<T extends Versioned> {
  readonly items = new Map<string, T>();
  readonly #uids = new Map<string, string>();
  readonly #deleted = new Map<string, string>();

  /** An object was added or modified. Nothing changes when what is known is as new, or newer. */
  put(object: T): MirrorChange<T>[] {
    const { uid, resourceVersion } = object.metadata;
    const previous = this.items.get(uid);
    const known = previous?.metadata.resourceVersion ?? this.#deleted.get(uid);
    if (known !== undefined && !isNewer(resourceVersion, known)) return [];
    if (previous) {
      this.items.set(uid, object);
      return [{ type: "modified", object, previous }];
    }
    return [...this.#dropNamesake(object), this.#add(object)];
  }

  remove(object: T): MirrorChange<T>[] {
    const { uid, resourceVersion } = object.metadata;
    const known = this.items.get(uid);
    if (
      !known ||
      (known.metadata.resourceVersion !== resourceVersion &&
        !isNewer(resourceVersion, known.metadata.resourceVersion))
    ) {
      return [];
    }
    return [this.#drop(object)];
  }

  /**
   * The server was asked for everything anew. Objects are told apart by UID: one that was made again under its old name
   * is deleted first, then added.
   */
  *replace(objects: readonly T[]): Generator<MirrorChange<T>> {
    const listed = new Set(objects.map(({ metadata }) => metadata.uid));
    for (const [uid, object] of this.items) if (!listed.has(uid)) yield this.#drop(object);
    for (const object of objects) {
      const { uid, resourceVersion } = object.metadata;
      const previous = this.items.get(uid);
      if (previous?.metadata.resourceVersion === resourceVersion) continue;
      // A list is the truth, whatever was known.
      this.#deleted.delete(uid);
      if (previous) this.items.set(uid, object);
      yield previous ? { type: "modified", object, previous } : this.#add(object);
    }
  }

  #add(object: T): MirrorChange<T> {
    this.items.set(object.metadata.uid, object);
    this.#uids.set(keyOf(object), object.metadata.uid);
    this.#deleted.delete(object.metadata.uid);
    return { type: "added", object };
  }

  #drop(object: T): MirrorChange<T> {
    const { uid, resourceVersion } = object.metadata;
    this.items.delete(uid);
    if (this.#uids.get(keyOf(object)) === uid) this.#uids.delete(keyOf(object));
    this.#deleted.set(uid, resourceVersion);
    for (const oldest of this.#deleted.keys()) {
      if (this.#deleted.size <= REMEMBERED) break;
      this.#deleted.delete(oldest);
    }
    return { type: "deleted", object };
  }

  /** Two objects never have one name at a time: whoever had it is gone, though nobody said so. */
  #dropNamesake(object: T): MirrorChange<T>[] {
    const uid = this.#uids.get(keyOf(object));
    const namesake = uid === undefined ? undefined : this.items.get(uid);
    return namesake ? [this.#drop(namesake)] : [];
  }
}

const keyOf = ({ metadata }: Versioned): string => `${metadata.namespace ?? ""}/${metadata.name}`;

/**
 * Whether a resourceVersion comes after another. Numbers are compared (KEP-5504 makes that official); versions that are
 * no numbers tell only that something changed.
 */
export function isNewer(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return version !== than;
  return BigInt(version) > BigInt(than);
}
