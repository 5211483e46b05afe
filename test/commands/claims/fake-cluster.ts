import { ApiError } from "../../../src/cluster/index.js";
import type {
  Cluster,
  DeleteOptions,
  MirrorChange,
  MirrorOptions,
  Patch,
  Ref,
} from "../../../src/cluster/index.js";
import type { PatchOptions } from "../../../src/cluster/cluster.js";
import { kinds, type Kind } from "../../../src/core/kinds.js";
import type { KubeObject } from "../../../src/core/model.js";

type Change = MirrorChange<KubeObject>;
type Project = (object: KubeObject) => unknown;

/** A cluster in memory with mirrors, preconditions and no controllers: tests play those through the hooks. */
export class FakeCluster {
  readonly objects = new Map<string, KubeObject>();
  readonly deleted: string[] = [];
  /** Watches of these resources are behind: they do not tell what changes. */
  silent: string[] = [];
  /** Resources that may not be read. */
  forbidden: string[] = [];
  beforeDelete: (name: string) => void = () => undefined;
  afterDelete: (name: string) => void = () => undefined;
  /** Before and after a patch of a volume. */
  beforePatch: (name: string) => void = () => undefined;
  afterPatch: (name: string) => void = () => undefined;
  /** Names of claims that a finalizer keeps. */
  readonly held = new Set<string>();
  /** Resources that may not be written. */
  readOnly: string[] = [];
  /** Names of volumes, in the order in which they were patched. */
  readonly patched: string[] = [];
  readonly #mirrors: { resource: string; tell: (change: Change) => void; items: Map<string, KubeObject> }[] =
    [];
  #version = 100;

  put(
    resource: string,
    object: { metadata: { name: string; [field: string]: unknown }; [field: string]: unknown },
  ): KubeObject {
    const namespace = resource === "persistentvolumes" ? "" : "default";
    const key = `${resource}/${object.metadata.name}`;
    const previous = this.objects.get(key);
    this.#version += 1;
    const metadata = {
      namespace,
      uid: `uid-${object.metadata.name}`,
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...object.metadata,
      resourceVersion: String(this.#version),
    };
    const stored = { ...object, metadata } as KubeObject;
    this.objects.set(key, stored);
    for (const mirror of this.#mirrors.filter((one) => one.resource === resource)) {
      if (this.silent.includes(resource)) continue;
      mirror.items.set(stored.metadata.uid, stored);
      mirror.tell(
        previous ? { type: "modified", object: stored, previous } : { type: "added", object: stored },
      );
    }
    return stored;
  }

  remove(resource: string, name: string): void {
    const object = this.objects.get(`${resource}/${name}`);
    this.objects.delete(`${resource}/${name}`);
    for (const mirror of this.#mirrors.filter((one) => object && one.resource === resource)) {
      if (this.silent.includes(resource)) continue;
      mirror.items.delete(object?.metadata.uid ?? "");
      if (object) mirror.tell({ type: "deleted", object });
    }
  }

  /** The watches of a resource list anew, and tell what they find. */
  relist(resource: string): void {
    this.silent = this.silent.filter((one) => one !== resource);
    const found = new Map(
      [...this.objects]
        .filter(([key]) => key.startsWith(`${resource}/`))
        .map(([, one]) => [one.metadata.uid, one]),
    );
    for (const { items, tell } of this.#mirrors.filter((one) => one.resource === resource)) {
      for (const [uid, object] of items) {
        if (found.has(uid)) continue;
        items.delete(uid);
        tell({ type: "deleted", object });
      }
      for (const [uid, object] of found) {
        const previous = items.get(uid);
        if (previous === object) continue;
        items.set(uid, object);
        tell(previous ? { type: "modified", object, previous } : { type: "added", object });
      }
    }
  }

  /** As commands see it. */
  asCluster(): Cluster {
    const fake = {
      server: "https://fake",
      namespace: "default",
      requests: 0,
      onWarning: undefined,
      close: () => undefined,
      list: async (
        kind: Kind,
        _scope: unknown,
        project: (object: KubeObject) => unknown = (object) => object,
      ) => {
        this.#check(kind);
        return { items: this.#all(kind).map(project), resourceVersion: "1" };
      },
      get: async (kind: Kind, ref: Ref) => this.#find(kind, ref),
      mirror: (kind: Kind, _scope: unknown, options: MirrorOptions<unknown>, project?: Project) =>
        this.#mirror(kind, options, project ?? ((object) => object)),
      delete: async (kind: Kind, ref: Ref, options: DeleteOptions) => this.#delete(kind, ref, options),
      patch: async (kind: Kind, ref: Ref, patch: Patch, options: PatchOptions = {}) =>
        this.#patch(kind, ref, patch, options),
    };
    return fake as unknown as Cluster;
  }

  #check({ resource }: Kind): void {
    if (!this.forbidden.includes(resource)) return;
    throw new ApiError({ code: 403, reason: "Forbidden", message: `${resource} is forbidden` });
  }

  #all({ resource }: Kind): KubeObject[] {
    return [...this.objects].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object);
  }

  #find({ resource }: Kind, { name }: Ref): KubeObject {
    const object = this.objects.get(`${resource}/${name}`);
    if (object) return object;
    throw new ApiError({ code: 404, reason: "NotFound", message: `${resource} "${name}" not found` });
  }

  #mirror(kind: Kind, { onChange }: MirrorOptions<unknown>, project: Project) {
    const items = new Map(this.#all(kind).map((object) => [object.metadata.uid, object]));
    const tell = (change: Change) =>
      onChange?.(
        change.type === "modified"
          ? { ...change, object: project(change.object), previous: project(change.previous) }
          : { ...change, object: project(change.object) },
      );
    const start = async () => {
      await Promise.resolve();
      this.#check(kind);
      this.#mirrors.push({ resource: kind.resource, items, tell });
      onChange?.({ type: "synced" });
    };
    const ready = start();
    ready.catch(() => undefined);
    const named = ({ name }: Ref) => {
      const found = [...items.values()].find(({ metadata }) => metadata.name === name);
      return found && project(found);
    };
    return {
      get items() {
        return new Map([...items].map(([uid, object]) => [uid, project(object)]));
      },
      named,
      ready,
      stop: () => undefined,
    };
  }

  #terminate(kind: Kind, ref: Ref): void {
    const { metadata, ...fields } = this.#find(kind, ref);
    const deletionTimestamp = metadata.deletionTimestamp ?? "2026-01-31T00:00:00Z";
    this.put(kind.resource, { ...fields, metadata: { ...metadata, deletionTimestamp } });
  }

  #patch(kind: Kind, ref: Ref, patch: Patch, { dryRun }: PatchOptions): KubeObject {
    this.beforePatch(ref.name);
    const found = this.#find(kind, ref);
    if (this.readOnly.includes(kind.resource)) {
      throw new ApiError({ code: 403, reason: "Forbidden", message: `${kind.resource} may not be patched` });
    }
    const object = patched(found, patch);
    if (dryRun) return object;
    if (kind.resource === kinds.volume.resource) this.patched.push(ref.name);
    const stored = this.put(kind.resource, object as typeof object & { [field: string]: unknown });
    this.afterPatch(ref.name);
    return stored;
  }

  #delete(kind: Kind, ref: Ref, { uid, resourceVersion, dryRun }: DeleteOptions): undefined {
    if (kind.resource === kinds.claim.resource) this.beforeDelete(ref.name);
    const { metadata } = this.#find(kind, ref);
    if ((uid && uid !== metadata.uid) || (resourceVersion && resourceVersion !== metadata.resourceVersion)) {
      throw new ApiError({ code: 409, reason: "Conflict", message: "the precondition failed" });
    }
    if (dryRun) return undefined;
    this.deleted.push(ref.name);
    if (this.held.has(ref.name)) this.#terminate(kind, ref);
    else this.remove(kind.resource, ref.name);
    this.afterDelete(ref.name);
    return undefined;
  }
}

function at(object: unknown, path: string): unknown {
  const keys = path.split("/").slice(1);
  return keys.reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

/** A JSON patch tests, and replaces fields of spec; a merge patch is merged two levels deep. Enough for what is tested here. */
function patched(found: KubeObject, { type, body }: Patch): KubeObject {
  const object = structuredClone(found) as KubeObject & { spec: Record<string, unknown> };
  if (type === "json") {
    for (const { op, path, value } of body as { op: string; path: string; value: unknown }[]) {
      if (op === "replace") object.spec[path.split("/").at(-1) ?? ""] = value;
      if (op === "test" && at(object, path) !== value) {
        throw new ApiError({ code: 422, reason: "Invalid", message: "the server rejected our request" });
      }
    }
    return object;
  }
  const { metadata = {}, spec = {} } = body as { metadata?: object; spec?: object };
  return { ...object, metadata: { ...object.metadata, ...metadata }, spec: { ...object.spec, ...spec } };
}
