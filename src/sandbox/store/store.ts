import type { AnyObject } from "../port.js";
import { Bucket } from "./bucket.js";
import { History, type Change } from "./history.js";
import { deepFreeze } from "./json.js";
import { expired } from "./status.js";

export interface StoreOptions {
  /** How many writes a watch can lie behind before it gets 410 (at least; at most twice as many). */
  history?: number | undefined;
  /** What there is from before, and the resourceVersion to go on from. Watches from before get 410. */
  from?:
    | {
        revision: number;
        objects: Iterable<readonly [resource: string, key: string, object: AnyObject]>;
      }
    | undefined;
}

/** Keeps what is written for those who come later. */
export interface Keeper {
  /** Called before anybody sees the change: what it throws refuses the write. */
  append(change: Change): void;
}

/**
 * All objects of the sandbox under one counter, the resourceVersion. Stored objects are frozen: a change is another
 * object. What may be written is decided elsewhere (resources.ts); the store only keeps, counts and tells.
 */
export class Store {
  #revision = 1;
  readonly #buckets = new Map<string, Bucket>();
  readonly #history: History;
  readonly #listeners = new Map<string, Set<(change: Change) => void>>();
  #keeper: Keeper | undefined;

  constructor({ history = 4096, from }: StoreOptions = {}) {
    this.#history = new History(history);
    if (!from) return;
    for (const [resource, key, object] of from.objects) this.bucket(resource).set(key, deepFreeze(object));
    this.#revision = from.revision;
    this.compact();
  }

  /** The resourceVersion of the newest write. */
  get revision(): number {
    return this.#revision;
  }

  get(resource: string, key: string): AnyObject | undefined {
    return this.#buckets.get(resource)?.get(key);
  }

  /** All objects there are, as they are now. */
  *entries(): Generator<readonly [resource: string, key: string, object: AnyObject]> {
    for (const [resource, bucket] of this.#buckets) {
      for (const [key, object] of bucket.entries()) yield [resource, key, object];
    }
  }

  /** From now on every write goes to `keeper` first. */
  keepIn(keeper: Keeper): void {
    this.#keeper = keeper;
  }

  /** The objects of a resource as they are now. Not to be kept: it changes with the next write. */
  bucket(resource: string): Bucket {
    let bucket = this.#buckets.get(resource);
    if (!bucket) this.#buckets.set(resource, (bucket = new Bucket()));
    return bucket;
  }

  /** The objects of a resource as they were at `revision`; undefined when that is forgotten. */
  bucketAt(resource: string, revision: number): Bucket | undefined {
    const changes = this.#history.after(revision)?.filter((change) => change.resource === resource);
    if (!changes || changes.length === 0) return changes && this.bucket(resource);
    const past = new Bucket(this.bucket(resource));
    for (const { key, previous } of changes.reverse()) {
      if (previous) past.set(key, previous);
      else past.delete(key);
    }
    return past;
  }

  /** Stores an object under a new resourceVersion, which it sets, and tells those who watch. */
  put(resource: string, key: string, object: AnyObject): AnyObject {
    const previous = this.get(resource, key);
    return this.#commit(previous ? "MODIFIED" : "ADDED", resource, key, object, previous);
  }

  /** Removes an object; `last` is what watches see of it. */
  remove(resource: string, key: string, last: AnyObject): AnyObject {
    return this.#commit("DELETED", resource, key, last, this.get(resource, key));
  }

  /** The changes of a resource after `revision`. Throws the API's 410 when some are forgotten. */
  changesAfter(resource: string, revision: number): Change[] {
    const changes = this.#history.after(revision);
    if (!changes) {
      throw expired(`too old resource version: ${revision} (${this.#history.compacted})`);
    }
    return changes.filter((change) => change.resource === resource);
  }

  /** Calls `listener` within each write of a resource. Returns how to stop. */
  subscribe(resource: string, listener: (change: Change) => void): () => void {
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Forgets all history, as etcd's compaction does: watches that resume from before now get 410. */
  compact(): void {
    this.#history.compact(this.#revision);
  }

  #commit(
    type: Change["type"],
    resource: string,
    key: string,
    object: AnyObject,
    previous: AnyObject | undefined,
  ): AnyObject {
    const revision = this.#revision + 1;
    const metadata = { ...object.metadata, resourceVersion: String(revision) };
    const stored = deepFreeze({ ...object, metadata });
    const change = { type, revision, resource, key, object: stored, previous };
    this.#keeper?.append(change);
    this.#revision = revision;
    if (type === "DELETED") this.bucket(resource).delete(key);
    else this.bucket(resource).set(key, stored);
    this.#history.push(change);
    for (const listener of this.#listeners.get(resource) ?? []) listener(change);
    return stored;
  }
}
