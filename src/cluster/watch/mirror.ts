import type { Kind } from "../../core/kinds.js";
import type { Mirror, MirrorChange, MirrorOptions } from "../cluster.js";
import type { GatewayDeps } from "../deps.js";
import { ApiError, isApiError } from "../errors.js";
import type { Client } from "../http/client.js";
import { list } from "../list.js";
import { backoff } from "./backoff.js";
import { type Selection, type WatchEvent, watchEvents } from "./events.js";
import { type Entry, Store, type Versioned, entryOf, isNewer } from "./store.js";

export interface Source<T> extends Selection {
  kind: Kind<T>;
}

/** How often the first list is tried while the server is in trouble; a refusal (4xx) is final at once. */
const FIRST_LIST_ATTEMPTS = 3;

/** A watch that lived for so long shows a sound server: the next failure is the first again. */
const SOUND_MS = 1000;

/**
 * Starts a mirror: one list, then one watch at a time, for as long as it is wanted. What `project` makes of an object
 * is all that is kept of it.
 */
export function startMirror<T, P>(
  client: Client,
  source: Source<T>,
  options: MirrorOptions<P>,
  project: (object: T) => P,
  deps: GatewayDeps,
): Mirror<P> {
  // Every object of the API has the metadata that a mirror compares by; `Kind<T>` just does not say so.
  const replica = new Replica(client, source as unknown as Source<T & Versioned>, options, project, deps);
  const ready = replica.start();
  // Whoever does not wait for it learns from `onContact`.
  ready.catch(() => undefined);
  return {
    items: replica.store.items,
    named: (ref) => replica.store.named(ref),
    ready,
    stop: () => replica.stop(),
  };
}

class Replica<T extends Versioned, P> {
  readonly store = new Store<P>();
  readonly #stopping = new AbortController();
  readonly #signal = this.#stopping.signal;
  /** From where to watch on; undefined when everything has to be listed anew. */
  #version: string | undefined;
  #failures = 0;
  #lost = false;
  /** When the server was last heard. */
  #heard: number;

  constructor(
    private readonly client: Client,
    private readonly source: Source<T>,
    private readonly options: MirrorOptions<P>,
    private readonly project: (object: T) => P,
    private readonly deps: GatewayDeps,
  ) {
    this.#heard = deps.now();
    if (options.signal.aborted) this.stop();
    options.signal.addEventListener("abort", () => this.stop(), { once: true, signal: this.#signal });
  }

  stop(): void {
    this.#stopping.abort(new Error("the mirror was stopped"));
  }

  /** Settles after the first list; then goes on by itself. */
  async start(): Promise<void> {
    await this.#firstList();
    this.#emit({ type: "synced" });
    void this.#follow();
  }

  async #firstList(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      this.#signal.throwIfAborted();
      try {
        for (const _ of await this.#relist()) continue;
        return;
      } catch (error) {
        if (attempt >= FIRST_LIST_ATTEMPTS || isFinal(error)) throw error;
        await this.deps.sleep(backoff(attempt, this.deps.random), this.#signal);
      }
    }
  }

  /** Never throws: what goes wrong is told to `onContact` and tried again. */
  async #follow(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        if (this.#version === undefined) for (const change of await this.#relist()) this.#emit(change);
        else await this.#watch(this.#version);
      } catch (error) {
        if (this.#signal.aborted) return;
        await this.#recover(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  async #relist(): Promise<Iterable<MirrorChange<P>>> {
    const { items, resourceVersion } = await list(this.client, {
      ...this.source,
      project: (object: T) => this.#entryOf(object),
      signal: this.#signal,
    });
    this.#version = resourceVersion;
    this.#inContact();
    return this.store.replace(items);
  }

  async #watch(from: string): Promise<void> {
    let events = 0;
    let openedAt = this.deps.now();
    const onOpen = (): void => {
      openedAt = this.deps.now();
      this.#inContact();
    };
    for await (const event of watchEvents<T>(this.client, this.source, from, {
      deps: this.deps,
      signal: this.#signal,
      onOpen,
    })) {
      events += 1;
      this.#heard = this.deps.now();
      this.#apply(event);
      if (this.#heard - openedAt >= SOUND_MS) this.#failures = 0;
      if (this.#signal.aborted) return;
    }
    // A server that hangs up at once is in trouble; asking again without a pause would not help it.
    if (events === 0 && this.deps.now() - openedAt < SOUND_MS) await this.#pause();
    else this.#failures = 0;
  }

  #entryOf(object: T): Entry<P> {
    return entryOf(object, this.project);
  }

  #apply({ type, object }: WatchEvent<T>): void {
    const version = object.metadata.resourceVersion;
    if (this.#version === undefined || isNewer(version, this.#version)) this.#version = version;
    if (type === "BOOKMARK") return;
    const entry = this.#entryOf(object);
    for (const change of type === "DELETED" ? this.store.remove(entry) : this.store.put(entry))
      this.#emit(change);
  }

  async #recover(error: Error): Promise<void> {
    if (isRefusedVersion(error)) this.#version = undefined;
    // What is expired is just listed again; that is no outage, unless it goes on.
    if (!(isApiError(error, "Expired", "Gone") && this.#failures === 0)) {
      // Connections that lie idle may be as dead as the one that broke.
      this.client.dropIdle();
      if (!this.#lost) this.#tell(() => this.options.onContact?.({ since: this.#heard, error }));
      this.#lost = true;
      await this.#pause();
    } else this.#failures += 1;
  }

  async #pause(): Promise<void> {
    this.#failures += 1;
    await this.deps.sleep(backoff(this.#failures, this.deps.random), this.#signal).catch(() => undefined);
  }

  #inContact(): void {
    this.#heard = this.deps.now();
    if (!this.#lost) return;
    this.#lost = false;
    this.#tell(() => this.options.onContact?.(undefined));
  }

  #emit(change: MirrorChange<P> | { type: "synced" }): void {
    this.#tell(() => this.options.onChange?.(change));
  }

  /** A bug of the listener's is not of the network: it must not be taken for an outage and tried again. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.stop();
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** The server refuses, and will refuse again. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.code >= 400 && error.code < 500 && error.code !== 429;
}

/** The watch cannot go on from where it was: compacted, or a version that the server does not know. */
function isRefusedVersion(error: unknown): boolean {
  return isFinal(error) && !isApiError(error, "Unauthorized", "Forbidden");
}
