import type { AnyObject } from "../port.js";

/** The objects of one resource, by key (`namespace/name`, or the name alone), always in the order of keys as etcd has them. */
export class Bucket {
  readonly #keys: string[];
  readonly #objects: Map<string, AnyObject>;

  constructor(from?: Bucket) {
    this.#keys = from ? [...from.#keys] : [];
    this.#objects = new Map(from ? from.#objects : undefined);
  }

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): AnyObject | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: AnyObject): void {
    if (!this.#objects.has(key)) this.#keys.splice(this.#rank(key), 0, key);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(this.#rank(key), 1);
  }

  /** The entries whose key begins with `prefix`, from the first key that is greater than `after`. */
  *entries(prefix = "", after = ""): Generator<[key: string, object: AnyObject]> {
    const start = after > prefix ? this.#rank(`${after}\0`) : this.#rank(prefix);
    for (let index = start; index < this.#keys.length; index++) {
      const key = this.#keys[index] ?? "";
      const object = this.#objects.get(key);
      if (!key.startsWith(prefix) || !object) return;
      yield [key, object];
    }
  }

  /** How many keys that begin with `prefix` come after `after`. */
  countAfter(prefix: string, after: string): number {
    // U+FFFF sorts after whatever a name may have.
    return this.#rank(`${prefix}\uffff`) - this.#rank(`${after}\0`);
  }

  /** Where `key` is, or would be. */
  #rank(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
