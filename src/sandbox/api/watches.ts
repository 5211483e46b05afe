import type { ServerResponse } from "node:http";
import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject } from "../port.js";
import { systemClock, type Clock } from "../simulator/clock.js";
import type { Change } from "../store/history.js";
import { prefixOf } from "../store/keys.js";
import type { Resources } from "../store/resources.js";
import { expired, qualifiedResource, StatusError } from "../store/status.js";
import { statusOf, type Answer } from "./answer.js";
import { atLeast, invalidMatch, wrongVersion } from "./lists.js";
import { integer, isTrue } from "./request.js";
import { selectionOf, type Selection } from "./selection.js";
import type { Transformer } from "./transformation.js";

/** The watches that are open, so that they can be cut and ended. */
export class Watches {
  readonly #open = new Set<ServerResponse>();

  /** @param bookmarkMilliseconds how often a quiet watch is told the newest resourceVersion */
  constructor(
    readonly bookmarkMilliseconds = 60_000,
    readonly clock: Clock = systemClock,
  ) {}

  add(response: ServerResponse): void {
    this.#open.add(response);
    response.once("close", () => this.#open.delete(response));
  }

  /** Cuts all connections of watches, as a failing network does. Returns how many there were. */
  drop(): number {
    return this.#endAll((response) => response.destroy());
  }

  /** Ends all watches as a server does whose history was compacted away under them. Returns how many there were. */
  expire(): number {
    // storage/etcd3 of apiserver, for etcd's ErrCompacted.
    const object = expired("The resourceVersion for the provided watch is too old.").status;
    return this.#endAll((response) => response.end(line("ERROR", object)));
  }

  #endAll(end: (response: ServerResponse) => void): number {
    const open = [...this.#open];
    this.#open.clear();
    for (const response of open) end(response);
    return open.length;
  }
}

// A client that reads nothing is cut off rather than remembered.
const slowestClient = 16 * 1024 * 1024;
// apiserver: at least --min-request-timeout, half an hour.
const defaultTimeoutSeconds = 1800;

interface WatchRequest {
  kind: SandboxKind;
  namespace: string;
  query: URLSearchParams;
  /** What each object is put through. */
  transformer?: Transformer | undefined;
}

/** GET with `watch`: what was there (or has changed since a version), then every change, a line each. */
export function watchAnswer(
  resources: Resources,
  watches: Watches,
  { kind, namespace, query, transformer }: WatchRequest,
): Answer {
  const selection = selectionOf(kind, query);
  const wrong = wrongVersion(query);
  // The watch cache's error becomes no refusal: what a list answers with 400 is a failure here.
  if (wrong) throw new StatusError(500, "", wrong);
  const revision = atLeast(resources, query);
  const initial = query.get("sendInitialEvents");
  if (initial !== null && query.get("resourceVersionMatch") !== "NotOlderThan") {
    throw invalidMatch("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  const seconds = integer(query, "timeoutSeconds") || defaultTimeoutSeconds;
  const scope = { kind, prefix: prefixOf(kind, namespace || undefined), selection, transformer };
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  const fromStart = initial === null ? revision === 0 : isTrue(initial);
  return {
    stream: (response) => {
      // Whoever has left meanwhile does not do so again: nothing would end this watch.
      if (response.destroyed) return;
      watches.add(response);
      response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-cache, private" });
      response.flushHeaders();
      const writer = new WatchWriter(response, scope);
      const from = fromStart ? undefined : revision || resources.store.revision;
      if (!writer.attempt(() => writer.begin(resources, from))) return;
      if (bookmarks && initial !== null && fromStart) writer.bookmark(resources.store.revision, true);
      const tell = () => writer.attempt(() => writer.bookmark(resources.store.revision));
      const bookmarking = bookmarks ? setInterval(tell, watches.bookmarkMilliseconds) : undefined;
      const callOffEnd = watches.clock.after(seconds * 1000, () => response.end());
      const unsubscribe = resources.store.subscribe(qualifiedResource(kind), (change) =>
        writer.attempt(() => writer.change(change)),
      );
      response.once("close", () => {
        unsubscribe();
        callOffEnd();
        clearInterval(bookmarking);
      });
    },
  };
}

interface Scope {
  kind: SandboxKind;
  prefix: string;
  selection: Selection;
  transformer: Transformer | undefined;
}

class WatchWriter {
  #first = true;
  /** How much may wait for a client that reads slowly. */
  #mostWaiting = slowestClient;

  constructor(
    private readonly response: ServerResponse,
    private readonly scope: Scope,
  ) {}

  /**
   * Does what writes to the watch. What cannot be told ends it, and nothing else: changes are told within the write, which
   * is not to fail by who watches. Returns whether it goes on.
   */
  attempt(tell: () => void): boolean {
    try {
      tell();
      return true;
    } catch (error) {
      this.response.end(line("ERROR", statusOf(error)));
      return false;
    }
  }

  /** Writes what is there, or what has happened after `revision`. Throws the API's 410 when that is forgotten. */
  begin(resources: Resources, revision: number | undefined): void {
    // However much it is: no client can have read any of it yet.
    this.#mostWaiting = Infinity;
    this.#catchUp(resources, revision);
    this.#mostWaiting = this.response.writableLength + slowestClient;
  }

  #catchUp({ store }: Resources, revision: number | undefined): void {
    const { kind, prefix, selection } = this.scope;
    const resource = qualifiedResource(kind);
    if (revision === undefined) {
      for (const [, object] of store.bucket(resource).entries(prefix)) {
        if (selection.includes(object)) this.#write("ADDED", object);
      }
    } else for (const change of store.changesAfter(resource, revision)) this.change(change);
  }

  /** A change as those see it who watch a selection: what leaves it is deleted, what enters it added. */
  change({ type, key, object, previous }: Change): void {
    const { prefix, selection } = this.scope;
    if (!key.startsWith(prefix)) return;
    const was = previous !== undefined && selection.includes(previous);
    const is = type !== "DELETED" && selection.includes(object);
    if (is) this.#write(was ? "MODIFIED" : "ADDED", object);
    else if (was) this.#write("DELETED", type === "DELETED" ? object : left(previous, object));
  }

  bookmark(revision: number, initialEventsEnd = false): void {
    const { group, version, kind } = this.scope.kind;
    const annotations = { "k8s.io/initial-events-end": "true" };
    this.#write("BOOKMARK", {
      kind,
      apiVersion: group ? `${group}/${version}` : version,
      metadata: {
        resourceVersion: String(revision),
        ...(initialEventsEnd && { annotations }),
      },
    });
  }

  #write(type: string, shown: object): void {
    // Ended, and about to be closed.
    if (this.response.writableEnded || this.response.destroyed) return;
    const object = this.scope.transformer?.event(shown, this.#first) ?? shown;
    this.#first = false;
    this.response.write(line(type, object));
    if (this.response.writableLength > this.#mostWaiting) this.response.destroy();
  }
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Shows an object as it last was in the selection, with the version in which it left. */
function left(previous: AnyObject, { metadata }: AnyObject): AnyObject {
  return { ...previous, metadata: { ...previous.metadata, resourceVersion: metadata.resourceVersion } };
}
