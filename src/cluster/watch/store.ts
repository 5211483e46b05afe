import type { MirrorChange } from "../cluster.js";

/** What a mirror needs to see of an object. */
export interface Versioned {
  metadata: { uid: string; name: string; namespace?: string; resourceVersion: string };
}

/** What is kept of an object: what it is told apart by, and a projection of it. */
export interface Entry<P> {
  uid: string;
  resourceVersion: string;
  /** `namespace/name`: no two objects have it at a time. */
  key: string;
  kept: P;
}

export function entryOf<T extends Versioned, P>(object: T, project: (object: T) => P): Entry<P> {
  const { uid, resourceVersion } = object.metadata;
  return { uid, resourceVersion, key: keyOf(object.metadata), kept: project(object) };
}

/** How many deleted objects are remembered, so that an event that comes late does not bring one back. */
const REMEMBERED = 1000;

/** The objects of a mirror. Each method applies what the server said and returns the changes that it made. */
export class Store<P> {
  /** By UID. */
  readonly items = new Map<string, P>();
  readonly #entries = new Map<string, Entry<P>>();
  readonly #byKey = new Map<string, Entry<P>>();
  readonly #deleted = new Map<string, string>();

  named(ref: { namespace?: string | undefined; name: string }): P | undefined {
    return this.#byKey.get(keyOf(ref))?.kept;
  }

  /** An object was added or modified. Nothing changes when what is known is as new, or newer. */
  put(entry: Entry<P>): MirrorChange<P>[] {
    const previous = this.#entries.get(entry.uid);
    const known = previous?.resourceVersion ?? this.#deleted.get(entry.uid);
    if (known !== undefined && !isNewer(entry.resourceVersion, known)) return [];
    if (previous) return [this.#modify(entry, previous)];
    return [...this.#dropNamesake(entry), this.#add(entry)];
  }

  remove(entry: Entry<P>): MirrorChange<P>[] {
    const known = this.#entries.get(entry.uid)?.resourceVersion;
    const isLate = known !== entry.resourceVersion && !isNewer(entry.resourceVersion, known ?? "");
    return known === undefined || isLate ? [] : [this.#drop(entry)];
  }

  /**
   * The server was asked for everything anew. Objects are told apart by UID: one that was made again under its old name
   * is deleted first, then added.
   */
  *replace(listed: readonly Entry<P>[]): Generator<MirrorChange<P>> {
    const uids = new Set(listed.map(({ uid }) => uid));
    for (const entry of this.#entries.values()) if (!uids.has(entry.uid)) yield this.#drop(entry);
    for (const entry of listed) {
      const previous = this.#entries.get(entry.uid);
      if (previous?.resourceVersion === entry.resourceVersion) continue;
      // A list is the truth, whatever was known.
      yield previous ? this.#modify(entry, previous) : this.#add(entry);
    }
  }

  #add(entry: Entry<P>): MirrorChange<P> {
    this.#set(entry);
    this.#deleted.delete(entry.uid);
    return { type: "added", object: entry.kept };
  }

  #modify(entry: Entry<P>, previous: Entry<P>): MirrorChange<P> {
    this.#set(entry);
    return { type: "modified", object: entry.kept, previous: previous.kept };
  }

  #set(entry: Entry<P>): void {
    this.items.set(entry.uid, entry.kept);
    this.#entries.set(entry.uid, entry);
    this.#byKey.set(entry.key, entry);
  }

  #drop({ uid, key, resourceVersion, kept }: Entry<P>): MirrorChange<P> {
    this.items.delete(uid);
    this.#entries.delete(uid);
    if (this.#byKey.get(key)?.uid === uid) this.#byKey.delete(key);
    this.#deleted.set(uid, resourceVersion);
    for (const oldest of this.#deleted.keys()) {
      if (this.#deleted.size <= REMEMBERED) break;
      this.#deleted.delete(oldest);
    }
    return { type: "deleted", object: kept };
  }

  /** Two objects never have one name at a time: whoever had it is gone, though nobody said so. */
  #dropNamesake({ key }: Entry<P>): MirrorChange<P>[] {
    const namesake = this.#byKey.get(key);
    return namesake ? [this.#drop(namesake)] : [];
  }
}

function keyOf({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return `${namespace ?? ""}/${name}`;
}

/**
 * Whether a resourceVersion comes after another. Numbers are compared (KEP-5504 makes that official); versions that are
 * no numbers tell only that something changed.
 */
export function isNewer(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return version !== than;
  return BigInt(version) > BigInt(than);
}
