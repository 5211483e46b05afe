import { type Kind, kinds } from "../core/kinds.js";
import type { KubeObject, Manifest } from "../core/model.js";
import type {
  Cluster,
  Columns,
  DeleteOptions,
  ListResult,
  LogOptions,
  Mirror,
  MirrorOptions,
  Patch,
  PatchOptions,
  Ref,
  Scope,
  WriteOptions,
} from "./cluster.js";
import type { GatewayDeps } from "./deps.js";
import { discover } from "./discovery.js";
import { type Call, withQuery } from "./http/call.js";
import { Client } from "./http/client.js";
import type { Connection } from "./kubeconfig/connection.js";
import { list } from "./list.js";
import { collectionOf, pathOf, selectorsOf } from "./paths.js";
import { type Source, startMirror } from "./watch/mirror.js";

/** The gateway with the two verbs that only a simulator needs. */
export interface Gateway extends Cluster {
  /** PUT: replaces an object; its `metadata.resourceVersion` is a precondition. */
  replace<T>(kind: Kind<T>, object: KubeObject, subresource?: string): Promise<T>;
  /** POST to a subresource: `pods/NAME/binding`, `pods/NAME/eviction`. */
  post(kind: Kind<unknown>, ref: Ref, subresource: string, body: object): Promise<unknown>;
}

const contentTypes: Record<Patch["type"], string> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  // JSON is YAML, and this is the type that every version takes.
  apply: "application/apply-patch+yaml",
};

/** Opens no connection yet: the first request does. */
export function openCluster(connection: Connection, deps: GatewayDeps): Gateway {
  return new HttpGateway(connection, deps);
}

class HttpGateway implements Gateway {
  readonly server: string;
  readonly namespace: string;
  readonly #client: Client;

  constructor(
    connection: Connection,
    private readonly deps: GatewayDeps,
  ) {
    this.server = connection.server;
    this.namespace = connection.namespace;
    this.#client = new Client(connection, deps);
  }

  get requests(): number {
    return this.#client.requests;
  }

  get onWarning(): Cluster["onWarning"] {
    return this.#client.onWarning;
  }

  set onWarning(handler: Cluster["onWarning"]) {
    this.#client.onWarning = handler;
  }

  version(): Promise<{ gitVersion: string; major: string; minor: string }> {
    return this.#client.json({ method: "GET", path: "/version" });
  }

  get<T>(kind: Kind<T>, ref: Ref): Promise<T> {
    return this.#client.json({ method: "GET", path: this.#pathOf(kind, ref) });
  }

  list<T>(kind: Kind<T>, scope?: Scope): Promise<ListResult<T>>;
  list<T, P>(
    kind: Kind<T>,
    scope: Scope,
    project: (object: T) => P,
    columns?: Columns<P>,
  ): Promise<ListResult<P>>;
  list<T, P>(
    kind: Kind<T>,
    scope: Scope = {},
    project?: (object: T) => P,
    columns?: Columns<P>,
  ): Promise<ListResult<T | P>> {
    const request = { ...this.#sourceOf(kind, scope), columns, project: project ?? ((object: T) => object) };
    return list<T, T | P>(this.#client, request);
  }

  mirror<T>(kind: Kind<T>, scope: Scope, options: MirrorOptions<T>): Mirror<T>;
  mirror<T, P>(kind: Kind<T>, scope: Scope, options: MirrorOptions<P>, project: (object: T) => P): Mirror<P>;
  mirror<T, P>(
    kind: Kind<T>,
    scope: Scope,
    options: MirrorOptions<T | P>,
    project?: (object: T) => P,
  ): Mirror<T | P> {
    const source = this.#sourceOf(kind, scope);
    return startMirror<T, T | P>(this.#client, source, options, project ?? ((object) => object), this.deps);
  }

  create<T>(kind: Kind<T>, object: Manifest, options: WriteOptions = {}): Promise<T> {
    const path = pathOf(kind, { namespace: object.metadata.namespace ?? this.namespace });
    return this.#send("POST", path, object, options);
  }

  patch<T>(kind: Kind<T>, ref: Ref, patch: Patch, options: PatchOptions = {}): Promise<T> {
    const path = this.#pathOf(kind, ref, options.subresource);
    const force = patch.type === "apply" ? patch.force : undefined;
    return this.#send("PATCH", path, patch.body, options, { contentType: contentTypes[patch.type], force });
  }

  replace<T>(kind: Kind<T>, object: KubeObject, subresource?: string): Promise<T> {
    return this.#send("PUT", this.#pathOf(kind, object.metadata, subresource), object);
  }

  post(kind: Kind<unknown>, ref: Ref, subresource: string, body: object): Promise<unknown> {
    return this.#send("POST", this.#pathOf(kind, ref, subresource), body);
  }

  async delete<T>(kind: Kind<T>, ref: Ref, options: DeleteOptions = {}): Promise<T | undefined> {
    const { uid, resourceVersion, propagation, gracePeriodSeconds, dryRun } = options;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    const body = {
      kind: "DeleteOptions",
      apiVersion: "v1",
      ...((uid || resourceVersion) && { preconditions }),
      ...(propagation && { propagationPolicy: propagation }),
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      ...(dryRun && { dryRun: ["All"] }),
    };
    const path = this.#pathOf(kind, ref);
    const answer = await this.#client.json<{ kind?: string }>({
      method: "DELETE",
      path,
      body: JSON.stringify(body),
    });
    return answer.kind === "Status" ? undefined : (answer as T);
  }

  async raw(path: string): Promise<unknown> {
    const text = await this.#client.text({ method: "GET", path });
    return /^\s*[{[]/.test(text) ? JSON.parse(text) : text;
  }

  logs(pod: Ref, { container, previous, tailLines }: LogOptions = {}): Promise<string> {
    const path = withQuery(this.#pathOf(kinds.pod, pod, "log"), { container, previous, tailLines });
    return this.#client.text({ method: "GET", path });
  }

  kindOf(manifest: { apiVersion: string; kind: string }): Promise<Kind<KubeObject>> {
    return discover(this.#client, manifest);
  }

  close(): void {
    this.#client.close();
  }

  #sourceOf<T>(kind: Kind<T>, scope: Scope): Source<T> {
    return { kind, collection: collectionOf(kind, scope, this.namespace), query: selectorsOf(scope) };
  }

  #pathOf(kind: Kind<unknown>, { name, namespace }: Ref, subresource?: string): string {
    return pathOf(kind, { namespace: namespace ?? this.namespace, name, subresource });
  }

  #send<T>(
    method: Call["method"],
    path: string,
    body: object,
    { dryRun, fieldManager = "sts", fieldValidation }: WriteOptions = {},
    { contentType, force }: { contentType?: string; force?: boolean | undefined } = {},
  ): Promise<T> {
    const query = { fieldManager, dryRun: dryRun ? "All" : undefined, fieldValidation, force };
    const call: Call = { method, path: withQuery(path, query), body: JSON.stringify(body) };
    return this.#client.json(contentType ? { ...call, contentType } : call);
  }
}
