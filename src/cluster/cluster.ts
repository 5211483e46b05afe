import type { Kind } from "../core/kinds.js";
import type { KubeObject, Manifest } from "../core/model.js";

/** Names one object. `namespace` is left out for kinds that have none, and means the cluster's default otherwise. */
export interface Ref {
  namespace?: string | undefined;
  name: string;
}

/** Which objects of a kind: those of one namespace, or of all (`allNamespaces`), narrowed by selectors. */
export interface Scope {
  namespace?: string | undefined;
  allNamespaces?: boolean | undefined;
  /** As in a URL: `app=web,tier!=test`. */
  labelSelector?: string | undefined;
  /** As in a URL: `metadata.name=web`. */
  fieldSelector?: string | undefined;
}

export interface WriteOptions {
  /** Server-side dry run: admission and validation, nothing stored. */
  dryRun?: boolean | undefined;
  fieldManager?: string | undefined;
  /** Unknown and duplicate fields are refused with `Strict`. */
  fieldValidation?: "Strict" | "Warn" | "Ignore" | undefined;
}

/** A change to one object, in one of the four forms the API takes. */
export type Patch =
  | { type: "merge" | "strategic"; body: object }
  | { type: "json"; body: readonly object[] }
  | { type: "apply"; body: object; force?: boolean };

export interface PatchOptions extends WriteOptions {
  subresource?: "scale" | "status" | undefined;
}

export interface DeleteOptions {
  /** Preconditions: a 409 answers when the object is another one, or has changed. */
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  propagation?: "Background" | "Foreground" | "Orphan" | undefined;
  gracePeriodSeconds?: number | undefined;
  dryRun?: boolean | undefined;
}

export interface ListResult<T> {
  items: T[];
  resourceVersion: string;
}

/**
 * What is kept of an object as the server's own table shows it (`kubectl get`), in a tenth of the object's bytes.
 * Where the server does not show these columns the objects are read and projected.
 */
export interface Columns<P> {
  /** As the server has them: `Reclaim Policy`. */
  titles: readonly string[];
  /** Of the cells under those titles. */
  project(cells: readonly string[]): P;
}

export interface LogOptions {
  container?: string | undefined;
  /** Of the container's run before its last restart. */
  previous?: boolean | undefined;
  tailLines?: number | undefined;
}

/** What changed in a mirror. A relist that finds another UID under a name gives `deleted`, then `added`. */
export type MirrorChange<T> =
  | { type: "added"; object: T }
  | { type: "modified"; object: T; previous: T }
  | { type: "deleted"; object: T };

export interface MirrorOptions<T> {
  signal: AbortSignal;
  /** After every change, and once after the first list. The mirror already shows it. */
  onChange?: (change: MirrorChange<T> | { type: "synced" }) => void;
  /** The API server went out of reach (`since`: milliseconds of the clock), or is back (`undefined`). */
  onContact?: (lost: { since: number; error: Error } | undefined) => void;
}

/** A local copy of a selection, kept equal to the server's by one list and one watch. */
export interface Mirror<T> {
  /** By UID. */
  readonly items: ReadonlyMap<string, T>;
  /** What has this name now. `namespace` is left out for kinds that have none. */
  named(ref: Ref): T | undefined;
  /** Settles after the first list. Rejects with the cluster's error (403, 404 …) when it cannot be listed at all. */
  readonly ready: Promise<void>;
  stop(): void;
}

/**
 * The Kubernetes gateway, in the verbs that `sts` uses. Every method throws an `ApiError` for an answer that is not
 * a success and a `ConnectionError` when there was no answer (errors.ts). Objects are raw JSON, with every field the
 * server sent.
 */
export interface Cluster {
  /** The API server's URL, for messages. */
  readonly server: string;
  /** The namespace of the flag or of the current context; `default` otherwise. */
  readonly namespace: string;

  version(): Promise<{ gitVersion: string; major: string; minor: string }>;

  get<T>(kind: Kind<T>, ref: Ref): Promise<T>;

  /** All of a selection, read in pages of 500; `project` makes of each object what is kept of it. */
  list<T>(kind: Kind<T>, scope?: Scope): Promise<ListResult<T>>;
  list<T, P>(
    kind: Kind<T>,
    scope: Scope,
    project: (object: T) => P,
    columns?: Columns<P>,
  ): Promise<ListResult<P>>;

  /**
   * Lists and then watches a selection until `signal` aborts or `stop` is called; survives 410, cut lines and outages.
   * With `project`, what it makes of an object is all that is kept of it, and what changes are told of.
   */
  mirror<T>(kind: Kind<T>, scope: Scope, options: MirrorOptions<T>): Mirror<T>;
  mirror<T, P>(kind: Kind<T>, scope: Scope, options: MirrorOptions<P>, project: (object: T) => P): Mirror<P>;

  create<T>(kind: Kind<T>, object: Manifest, options?: WriteOptions): Promise<T>;
  patch<T>(kind: Kind<T>, ref: Ref, patch: Patch, options?: PatchOptions): Promise<T>;

  /** Returns the object that is on its way out, or undefined when it went at once. */
  delete<T>(kind: Kind<T>, ref: Ref, options?: DeleteOptions): Promise<T | undefined>;

  /** Any path of the API, for what has no kind here: discovery, `/readyz`. */
  raw(path: string): Promise<unknown>;

  logs(pod: Ref, options?: LogOptions): Promise<string>;

  /** Finds the kind a manifest names, by discovery where it is none of ours. Throws an `ApiError` for a kind that is not served. */
  kindOf(manifest: { apiVersion: string; kind: string }): Promise<Kind<KubeObject>>;

  /** Called with each distinct `Warning:` header of the server, once. */
  onWarning: ((message: string) => void) | undefined;

  /** How many requests were sent, watches included; for `-v` and for the tests that count. */
  readonly requests: number;

  close(): void;
}
