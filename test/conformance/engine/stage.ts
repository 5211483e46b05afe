import { setTimeout as sleep } from "node:timers/promises";
import type { AnyObject, PortEvent } from "../../../src/sandbox/port.js";
import type { Side } from "../support/side.js";
import { groupOf, Journal } from "./journal.js";
import { namespaceOf, type Observer } from "./observer.js";
import type { Scenario } from "./scenario.js";

/** Milliseconds that a state may let itself be waited for. */
const patience = 30_000;

/** A state that did not come: part of the trace, since it may come on the other side. */
export class NeverSeen extends Error {}

/** One namespace of one cluster: what a scenario sees of it, and what happened there. */
export class Stage {
  readonly journal: Journal;
  readonly #objects = new Map<string, AnyObject>();
  readonly #waiting = new Set<() => void>();
  /** Sets that were deleted: their pods go in no order. */
  readonly #deleted = new Set<string>();
  /** Sets whose pods come in batches: known before the watch of sets, which may be late, shows them. */
  readonly #parallel = new Set<string>();
  readonly #stop: () => void;

  constructor(
    readonly side: Side,
    observer: Observer,
    readonly namespace: string,
    readonly scenario: Scenario,
  ) {
    this.journal = new Journal(scenario.order);
    this.#stop = observer.follow(namespace, (resource, event) => this.#see(resource, event));
  }

  #see(resource: string, { type, object }: PortEvent): void {
    const key = `${resource}/${object.metadata.name}`;
    const known = this.#objects.get(key);
    // Made anew, and the watch had a gap where the first one went.
    const old = known?.metadata.uid === object.metadata.uid ? known : undefined;
    if (known && !old && type !== "DELETED") this.#note(resource, known, known, true);
    if (type !== "DELETED") this.#objects.set(key, object);
    else if (old || !known) this.#objects.delete(key);
    this.#note(resource, object, old, type === "DELETED");
    for (const wake of this.#waiting) wake();
  }

  #note(resource: string, object: AnyObject, old: AnyObject | undefined, deleted: boolean): void {
    const { name } = object.metadata;
    if (resource === "controllerrevisions") this.journal.noteRevision(name);
    if (resource !== "pods" && resource !== "persistentvolumeclaims") return;
    const isClaim = resource === "persistentvolumeclaims";
    const going = deleted || object.metadata.deletionTimestamp !== undefined;
    this.journal.note(object, old, deleted, this.#isLoose(name) || (isClaim && going));
  }

  /** Whether the order of a set's pods is left to chance. */
  #isLoose(name: string): boolean {
    const group = groupOf(name);
    const isOwn = (set: string) => group === set || group.endsWith(`-${set}`);
    const parallel = this.all("statefulsets").some(
      ({ metadata, spec }) => isOwn(metadata.name) && spec.podManagementPolicy === "Parallel",
    );
    return parallel || [...this.#deleted, ...this.#parallel].some(isOwn);
  }

  /** To be called before a set is deleted with its pods, and before it is made anew. */
  expectDeletion(set: string, going: boolean): void {
    if (going) this.#deleted.add(set);
    else this.#deleted.delete(set);
  }

  /** To be called before a Parallel set is made. */
  expectBatches(set: string): void {
    this.#parallel.add(set);
  }

  find(resource: string, name: string): AnyObject | undefined {
    return this.#objects.get(`${resource}/${name}`);
  }

  all(resource: string): AnyObject[] {
    return [...this.#objects].flatMap(([key, object]) => (key.startsWith(`${resource}/`) ? object : []));
  }

  /** What the server has, by name, past the watch. */
  async list(resource: string): Promise<AnyObject[]> {
    const objects = await this.side.port.list(
      resource,
      resource === "persistentvolumes" ? undefined : this.namespace,
    );
    return objects
      .filter((object) => namespaceOf(resource, object) === this.namespace)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Waits until `holds` does, which is asked again with each change, and now and then without. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const started = Date.now();
    while (!(await holds())) {
      if (Date.now() - started > patience) throw new NeverSeen(`never seen: ${what}`);
      const ended = new AbortController();
      const woken = new Promise<void>((resolve) => void this.#waiting.add(resolve));
      await Promise.race([woken, sleep(250, undefined, { signal: ended.signal }).catch(() => undefined)]);
      ended.abort();
      this.#waiting.clear();
    }
  }

  /** Removes all of it; what takes its time goes on by itself. */
  async clear(): Promise<void> {
    const { port } = this.side;
    this.#stop();
    const kept = await this.list("persistentvolumes");
    const attempt = (write: Promise<unknown>) => write.catch(() => undefined);
    for (const resource of ["statefulsets", "pods"]) {
      for (const { metadata } of await this.list(resource)) {
        if (metadata.finalizers)
          await attempt(port.patch(resource, metadata, { metadata: { finalizers: null } }));
        const immediately = resource === "pods" ? { gracePeriodSeconds: 0 } : {};
        await attempt(port.delete(resource, metadata, immediately));
      }
    }
    await attempt(port.delete("namespaces", { name: this.namespace }));
    for (const { metadata } of kept) await attempt(port.delete("persistentvolumes", metadata));
  }
}
