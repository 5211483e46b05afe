import type { AnyObject, ClusterPort, PortDeleteOptions, PortEvent, Target } from "../../port.js";
import { isRefusal, key, keyOf } from "./objects.js";

/** What happened to an object: `old` is missing when it is new. */
export interface Change {
  object: AnyObject;
  old: AnyObject | undefined;
  deleted: boolean;
}

type Lookup = (value: string) => AnyObject[];

interface Index {
  valuesOf(object: AnyObject): string[];
  entries: Map<string, Map<string, AnyObject>>;
}

/** How many deleted objects are remembered, so that a late answer to a write does not bring one back. */
const rememberedGone = 1_000;

/**
 * One resource of the cluster, as controllers see it: a cache that a watch feeds, and writes that show in the cache at
 * once, so that a sync never decides on what its own last sync has already changed. What is read is shared: copy it
 * before changing it.
 */
export class Resource {
  readonly #objects = new Map<string, AnyObject>();
  readonly #indexes: Index[] = [];
  readonly #handlers: ((change: Change) => void)[] = [];
  readonly #gone = new Set<string>();
  readonly inNamespace: Lookup;

  constructor(
    readonly name: string,
    readonly port: ClusterPort,
  ) {
    this.inNamespace = this.indexBy((object) => [object.metadata.namespace ?? ""]);
  }

  /** A lookup by any value that objects have, kept up to date. Ask for it before the watch starts. */
  indexBy(valuesOf: (object: AnyObject) => string[]): Lookup {
    const index: Index = { valuesOf, entries: new Map() };
    this.#indexes.push(index);
    return (value) => [...(index.entries.get(value)?.values() ?? [])];
  }

  /** Calls `handler` with each change, the first list included. */
  onChange(handler: (change: Change) => void): void {
    this.#handlers.push(handler);
  }

  watch(): Promise<() => void> {
    return this.port.watch(this.name, (event) => this.#observe(event));
  }

  get(objectKey: string): AnyObject | undefined {
    return this.#objects.get(objectKey);
  }

  all(): AnyObject[] {
    return [...this.#objects.values()];
  }

  /** Asks the server, past the cache. */
  fetch(target: Target): Promise<AnyObject | undefined> {
    return this.port.get(this.name, target);
  }

  // oxlint-disable-next-line no-explicit-any -- an object without what the server adds
  async create(object: Record<string, any>): Promise<AnyObject> {
    return this.#written(await this.port.create(this.name, object));
  }

  async update(object: AnyObject, subresource?: string): Promise<AnyObject> {
    return this.#written(await this.port.update(this.name, object, subresource));
  }

  async patch({ metadata }: AnyObject, patch: object, subresource?: string): Promise<AnyObject> {
    return this.#written(await this.port.patch(this.name, metadata, patch, subresource));
  }

  /** Deletes this very object, not another of the same name; that it is gone already is as good. */
  async delete({ metadata }: AnyObject, options: PortDeleteOptions = {}): Promise<void> {
    try {
      await this.port.delete(this.name, metadata, { uid: metadata.uid, ...options });
    } catch (error) {
      if (!isRefusal(error, "NotFound")) throw error;
    }
    const left = await this.fetch(metadata);
    if (left) this.#written(left);
    else this.#forget(key(metadata.namespace, metadata.name), metadata.uid);
  }

  #observe({ type, object }: PortEvent): void {
    if (type !== "DELETED") this.#written(object);
    else this.#forget(keyOf(object), object.metadata.uid, object);
  }

  #written(object: AnyObject): AnyObject {
    const objectKey = keyOf(object);
    const before = this.#objects.get(objectKey);
    // Made again under the same name, and the watch had a gap where the first one went.
    if (before && before.metadata.uid !== object.metadata.uid && isNewer(object, before)) {
      this.#forget(objectKey, before.metadata.uid);
    }
    const old = this.#objects.get(objectKey);
    if (this.#gone.has(object.metadata.uid) || (old && !isNewer(object, old))) return object;
    if (old) this.#reindex(objectKey, old, undefined);
    this.#objects.set(objectKey, object);
    this.#reindex(objectKey, undefined, object);
    this.#tell({ object, old, deleted: false });
    return object;
  }

  #forget(objectKey: string, uid: string, last?: AnyObject): void {
    this.#gone.add(uid);
    const [oldest] = this.#gone;
    if (this.#gone.size > rememberedGone && oldest) this.#gone.delete(oldest);
    const old = this.#objects.get(objectKey);
    if (old?.metadata.uid !== uid) return;
    this.#objects.delete(objectKey);
    this.#reindex(objectKey, old, undefined);
    this.#tell({ object: last ?? old, old, deleted: true });
  }

  #reindex(objectKey: string, old: AnyObject | undefined, object: AnyObject | undefined): void {
    for (const { valuesOf, entries } of this.#indexes) {
      for (const value of old ? valuesOf(old) : []) {
        const entry = entries.get(value);
        entry?.delete(objectKey);
        if (entry?.size === 0) entries.delete(value);
      }
      for (const value of object ? valuesOf(object) : []) {
        const entry = entries.get(value) ?? new Map<string, AnyObject>();
        entries.set(value, entry.set(objectKey, object as AnyObject));
      }
    }
  }

  #tell(change: Change): void {
    for (const handler of this.#handlers) handler(change);
  }
}

function isNewer(object: AnyObject, old: AnyObject): boolean {
  return Number(object.metadata.resourceVersion) > Number(old.metadata.resourceVersion);
}

/** The resources that a group of controllers shares, each watched once. */
export class Resources {
  readonly #resources = new Map<string, Resource>();
  readonly #stops: (() => void)[] = [];

  constructor(readonly port: ClusterPort) {}

  of(name: string): Resource {
    const resource = this.#resources.get(name) ?? new Resource(name, this.port);
    this.#resources.set(name, resource);
    return resource;
  }

  /** Resolves once every resource that was asked for has its first list. */
  async start(): Promise<void> {
    await Promise.all(
      [...this.#resources.values()].map(async (each) => this.#stops.push(await each.watch())),
    );
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
