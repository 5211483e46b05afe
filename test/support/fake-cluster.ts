import type {
  Cluster,
  ListResult,
  LogOptions,
  Mirror,
  MirrorOptions,
  Ref,
  Scope,
} from "../../src/cluster/cluster.js";
import { ApiError } from "../../src/cluster/errors.js";
import type { Kind } from "../../src/core/kinds.js";
import type { StoredMeta } from "../../src/core/model.js";
import { matches, parseSelector } from "../../src/core/selector.js";

interface Stored {
  metadata: StoredMeta;
}

interface OpenMirror {
  resource: string;
  scope: Scope;
  items: Map<string, unknown>;
  options: MirrorOptions<unknown>;
}

/** A cluster whose state a test feeds by hand. It reads and watches; to write to it is an error. */
export class FakeCluster implements Cluster {
  readonly server = "https://fake.test";
  readonly namespace = "default";
  onWarning: ((message: string) => void) | undefined;
  requests = 0;
  /** Resources that may not be listed. */
  readonly forbidden = new Set<string>();
  /** What `logs` answers; an Error is thrown. */
  log: string | Error = "";
  readonly logRequests: { pod: Ref; options: LogOptions | undefined }[] = [];
  /** Answers of `get`, ahead of the state. */
  readonly getAnswers: unknown[] = [];
  private readonly objects = new Map<string, Map<string, Stored>>();
  private readonly mirrors: OpenMirror[] = [];

  /** Puts an object in place, and tells the mirrors. */
  put<T extends Stored>(kind: Kind<T>, ...objects: T[]): void {
    for (const object of objects) {
      const stored = this.of(kind.resource);
      const previous = [...stored.values()].find(({ metadata }) => sameName(metadata, object.metadata));
      if (previous && previous.metadata.uid !== object.metadata.uid) this.remove(kind, previous as T);
      stored.set(object.metadata.uid, object);
      for (const mirror of this.watching(kind.resource, object)) {
        const known = mirror.items.get(object.metadata.uid);
        mirror.items.set(object.metadata.uid, object);
        mirror.options.onChange?.(
          known ? { type: "modified", object, previous: known } : { type: "added", object },
        );
      }
    }
  }

  remove<T extends Stored>(kind: Kind<T>, object: T): void {
    this.of(kind.resource).delete(object.metadata.uid);
    for (const mirror of this.watching(kind.resource, object)) {
      mirror.items.delete(object.metadata.uid);
      mirror.options.onChange?.({ type: "deleted", object });
    }
  }

  /** Tells every mirror that the API server is out of reach, or back. */
  lose(lost: { since: number; error: Error } | undefined): void {
    for (const { options } of this.mirrors) options.onContact?.(lost);
  }

  /** Resources that are watched, in the order in which they were opened. */
  get watched(): string[] {
    return this.mirrors.map(({ resource }) => resource);
  }

  async get<T>(kind: Kind<T>, { namespace = this.namespace, name }: Ref): Promise<T> {
    this.requests += 1;
    const answer = this.getAnswers.shift();
    if (answer instanceof Error) throw answer;
    if (answer !== undefined) return answer as T;
    const found = [...this.of(kind.resource).values()].find(({ metadata }) =>
      sameName(metadata, { name, namespace }),
    );
    if (!found) throw notFound(kind, name);
    return found as T;
  }

  async list<T>(kind: Kind<T>, scope: Scope = {}): Promise<ListResult<T>> {
    this.requests += 1;
    const items = [...this.of(kind.resource).values()].filter((object) => isIn(scope, object));
    return { items: items as T[], resourceVersion: "1" };
  }

  /** Nothing that is tested with it projects. */
  mirror<T>(kind: Kind<T>, scope: Scope, options: MirrorOptions<T>): Mirror<T>;
  mirror<T, P>(kind: Kind<T>, scope: Scope, options: MirrorOptions<P>): Mirror<P>;
  mirror<P>(kind: Kind<unknown>, scope: Scope, options: MirrorOptions<P>): Mirror<P> {
    this.requests += 2;
    const { resource } = kind;
    if (this.forbidden.has(resource)) {
      const ready = Promise.reject(forbidden(resource));
      return { items: new Map(), named: () => undefined, ready, stop: () => undefined };
    }
    const own = [...this.of(resource)].filter(([, object]) => isIn(scope, object));
    const mirror: OpenMirror = {
      resource,
      scope,
      items: new Map(own),
      options: options as MirrorOptions<unknown>,
    };
    this.mirrors.push(mirror);
    const ready = Promise.resolve().then(() => options.onChange?.({ type: "synced" }));
    const stop = (): void => {
      const at = this.mirrors.indexOf(mirror);
      if (at >= 0) this.mirrors.splice(at, 1);
    };
    const named = (ref: Ref) =>
      [...mirror.items.values()].find((object) => sameName(ref, (object as Stored).metadata)) as P;
    return { items: mirror.items as Map<string, P>, named, ready, stop };
  }

  async logs(pod: Ref, options?: LogOptions): Promise<string> {
    this.logRequests.push({ pod, options });
    if (this.log instanceof Error) throw this.log;
    return this.log;
  }

  close(): void {}

  readonly version = unused;
  readonly create = unused;
  readonly patch = unused;
  readonly delete = unused;
  readonly raw = unused;
  readonly kindOf = unused;

  private of(resource: string): Map<string, Stored> {
    const found = this.objects.get(resource) ?? new Map<string, Stored>();
    this.objects.set(resource, found);
    return found;
  }

  private watching(resource: string, object: Stored): OpenMirror[] {
    return this.mirrors.filter((mirror) => mirror.resource === resource && isIn(mirror.scope, object));
  }
}

async function unused(): Promise<never> {
  throw new Error("the fake cluster has no such verb");
}

function sameName(left: Ref, right: { name: string; namespace?: string }): boolean {
  return left.name === right.name && left.namespace === right.namespace;
}

function isIn({ namespace, labelSelector, fieldSelector }: Scope, { metadata }: Stored): boolean {
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  const [, name] = /^metadata\.name=(.*)$/.exec(fieldSelector ?? "") ?? [];
  if (name !== undefined && metadata.name !== name) return false;
  return labelSelector === undefined || matches(parseSelector(labelSelector), metadata.labels);
}

function notFound(kind: Kind<unknown>, name: string): ApiError {
  const message = `${kind.resource}.${kind.group} "${name}" not found`;
  return new ApiError({ code: 404, reason: "NotFound", message });
}

function forbidden(resource: string): ApiError {
  const message = `${resource} is forbidden: User "dev" cannot list resource "${resource}"`;
  return new ApiError({ code: 403, reason: "Forbidden", message });
}
