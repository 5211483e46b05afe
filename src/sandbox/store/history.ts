import type { AnyObject } from "../port.js";

/** One write, as watches see it. */
export interface Change {
  type: "ADDED" | "MODIFIED" | "DELETED";
  /** The store's counter after the write; also the object's resourceVersion. */
  revision: number;
  /** `statefulsets.apps` */
  resource: string;
  key: string;
  /** After the write; of a deletion the last state, with the deletion's resourceVersion. */
  object: AnyObject;
  previous: AnyObject | undefined;
}

/** The last writes of the store, oldest first; older ones are forgotten (compacted). */
export class History {
  #changes: Change[] = [];
  #compacted = 0;

  /** @param limit how many changes are kept at least; twice as many at most. */
  constructor(private readonly limit: number) {}

  /** The oldest revision that a watch can still resume from. */
  get compacted(): number {
    return this.#compacted;
  }

  push(change: Change): void {
    this.#changes.push(change);
    // Cutting a whole batch at once keeps a push cheap.
    if (this.#changes.length >= this.limit * 2) this.#cut(this.limit);
  }

  /** Forgets all changes: watches from before now get 410. */
  compact(revision: number): void {
    this.#changes = [];
    this.#compacted = revision;
  }

  /** All changes after `revision`, oldest first; undefined when some of them are forgotten. */
  after(revision: number): Change[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#changes.slice(this.#rank(revision));
  }

  #cut(count: number): void {
    this.#compacted = this.#changes[count - 1]?.revision ?? this.#compacted;
    this.#changes = this.#changes.slice(count);
  }

  /** The index of the first change after `revision`. */
  #rank(revision: number): number {
    let [low, high] = [0, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
