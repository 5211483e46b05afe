import { isApiError } from "../../cluster/errors.js";
import { apiVersionOf, type Kind, kinds } from "../../core/kinds.js";
import type { AnyObject, ClusterPort, PortDeleteOptions, PortEvent, Target } from "../port.js";
import { type Clock, systemClock } from "./clock.js";
import { type HttpClient, httpClient, type ServerAccess } from "./http-client.js";

interface List {
  metadata: { resourceVersion: string };
  items: AnyObject[];
}

const served = new Map<string, Kind<unknown>>(Object.values(kinds).map((kind) => [kind.resource, kind]));

/** Milliseconds before a lost watch is tried again. */
const retryDelay = 200;

/** Any cluster, reached over HTTP with a bearer token. `close` ends its connections and its watches. */
export function overHttp(access: ServerAccess, clock: Clock = systemClock): ClusterPort & { close(): void } {
  const client = httpClient(access);
  const closed = new AbortController();

  const call = (method: string, path: string, body?: object, type?: string) =>
    client.json(method, path, body, type) as Promise<AnyObject>;

  return {
    async get(resource, target) {
      try {
        return await call("GET", pathOf(resource, target));
      } catch (error) {
        if (isApiError(error, "NotFound")) return undefined;
        throw error;
      }
    },
    list: async (resource, namespace) => (await listOf(client, resource, namespace)).items,
    watch: (resource, handler) => watch(client, resource, { handler, clock, closed: closed.signal }),
    create: (resource, object) =>
      call("POST", pathOf(resource, { namespace: object.metadata.namespace }), object),
    update: (resource, object, subresource) =>
      call("PUT", pathOf(resource, object.metadata, subresource), object),
    patch: (resource, target, patch, subresource) =>
      call("PATCH", pathOf(resource, target, subresource), patch, "application/merge-patch+json"),
    delete: async (resource, target, options) => {
      await call("DELETE", pathOf(resource, target), deleteOptions(options));
    },
    post: async (resource, target, subresource, body) => {
      await call("POST", pathOf(resource, target, subresource), body);
    },
    close() {
      closed.abort();
      client.close();
    },
  };
}

function kindOf(resource: string): Kind<unknown> {
  const kind = served.get(resource);
  if (!kind) throw new Error(`no kind is known by the resource ${resource}`);
  return kind;
}

function pathOf(resource: string, target: Partial<Target> = {}, subresource?: string): string {
  const kind = kindOf(resource);
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
  const scope = kind.namespaced && target.namespace ? `/namespaces/${target.namespace}` : "";
  return [root + scope, resource, target.name, subresource].filter((part) => part !== undefined).join("/");
}

function deleteOptions({
  uid,
  resourceVersion,
  gracePeriodSeconds,
  propagation,
}: PortDeleteOptions = {}): object {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    gracePeriodSeconds,
    propagationPolicy: propagation,
    ...((uid ?? resourceVersion) && { preconditions: { uid, resourceVersion } }),
  };
}

/** The items of a list come without the kind that the list has for them all. */
async function listOf(client: HttpClient, resource: string, namespace?: string): Promise<List> {
  const list = (await client.json("GET", pathOf(resource, { namespace }))) as List;
  const kind = kindOf(resource);
  const own = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  return { ...list, items: list.items.map((item) => ({ ...item, ...own })) };
}

interface Watcher {
  handler(event: PortEvent): void;
  clock: Clock;
  /** Aborts when the connection to the cluster is closed. */
  closed: AbortSignal;
}

async function watch(client: HttpClient, resource: string, watcher: Watcher): Promise<() => void> {
  const { clock, closed } = watcher;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, closed]);
  const known = new Map<string, AnyObject>();

  const hand = (event: PortEvent) => {
    if (signal.aborted) return;
    const { uid } = event.object.metadata;
    if (event.type === "DELETED") known.delete(uid);
    else known.set(uid, event.object);
    watcher.handler(event);
  };
  let version: string | undefined = await relist(client, resource, known, hand);

  const follow = async () => {
    while (!signal.aborted) {
      try {
        version ??= await relist(client, resource, known, hand);
        version = await stream(client, { resource, version, hand, signal });
      } catch (error) {
        if (isApiError(error, "Expired", "Gone")) version = undefined;
      }
      await pause(clock, signal);
    }
  };
  void follow();
  return () => stop.abort();
}

/** Lists everything and hands over what is different from what is known, by UID. Returns the list's version. */
async function relist(
  client: HttpClient,
  resource: string,
  known: ReadonlyMap<string, AnyObject>,
  hand: (event: PortEvent) => void,
): Promise<string> {
  const { items, metadata } = await listOf(client, resource);
  const present = new Set(items.map((item) => item.metadata.uid));
  for (const [uid, object] of known) if (!present.has(uid)) hand({ type: "DELETED", object });
  for (const object of items) {
    const before = known.get(object.metadata.uid);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) continue;
    hand({ type: before ? "MODIFIED" : "ADDED", object });
  }
  return metadata.resourceVersion;
}

interface Stream {
  resource: string;
  version: string;
  hand(event: PortEvent): void;
  signal: AbortSignal;
}

/** One watch request, until it ends; returns the version to go on from, or undefined when that version is too old. */
async function stream(
  client: HttpClient,
  { resource, version, hand, signal }: Stream,
): Promise<string | undefined> {
  let last: string | undefined = version;
  const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
  await client.lines(
    `${pathOf(resource)}?${query}`,
    (line) => {
      if (line === "") return;
      const { type, object } = JSON.parse(line) as {
        type: PortEvent["type"] | "BOOKMARK" | "ERROR";
        object: AnyObject;
      };
      last = type === "ERROR" ? undefined : object.metadata.resourceVersion;
      if (type !== "ERROR" && type !== "BOOKMARK") hand({ type, object });
    },
    signal,
  );
  return last;
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    clock.after(retryDelay, resolve);
  });
}
