import type { Cluster, MirrorChange } from "../../../cluster/index.js";
import { kinds } from "../../../core/kinds.js";
import type { Claim } from "../../../core/model.js";
import { keyOf } from "./situation.js";

interface Waiter {
  check(): void;
  abort(): void;
}

/** Claims of some namespaces, followed by a watch each until `signal` aborts. */
export class ClaimWatch {
  readonly #claims = new Map<string, Claim>();
  readonly #seen = new Set<string>();
  readonly #waiters = new Map<string, Set<Waiter>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly signal: AbortSignal,
  ) {
    const abort = () => {
      for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.abort();
    };
    signal.addEventListener("abort", abort, { once: true });
  }

  /** Resolves once the claims of these keys, `namespace/name`, can be waited for. */
  async follow(keys: readonly string[]): Promise<void> {
    const names = new Map<string, string[]>();
    for (const key of keys) {
      const [namespace = "", name = ""] = key.split("/");
      names.set(namespace, [...(names.get(namespace) ?? []), name]);
    }
    await Promise.all([...names].map(([namespace, wanted]) => this.#mirror(namespace, wanted)));
  }

  /** Whether a claim was ever seen: one that was, and is not there, is gone. */
  hasSeen({ metadata: { uid } }: Claim): boolean {
    return this.#seen.has(uid);
  }

  /**
   * Resolves with what `look` makes of the claim, at once or after a change of it, when that is not undefined. Rejects
   * with what it throws, and with the signal's reason.
   */
  until<T>(key: string, look: (claim: Claim | undefined) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(key) ?? new Set();
      this.#waiters.set(key, waiters);
      const waiter = {
        check: () => {
          try {
            const found = look(this.#claims.get(key));
            if (found === undefined) return;
            resolve(found);
          } catch (error) {
            reject(error as Error);
          }
          waiters.delete(waiter);
        },
        abort: () => {
          waiters.delete(waiter);
          reject(this.signal.reason as Error);
        },
      };
      waiters.add(waiter);
      if (this.signal.aborted) waiter.abort();
      else waiter.check();
    });
  }

  async #mirror(namespace: string, names: readonly string[]): Promise<void> {
    const scope = { namespace, ...(names.length === 1 && { fieldSelector: `metadata.name=${names[0]}` }) };
    const onChange = (change: MirrorChange<Claim> | { type: "synced" }) => {
      if (change.type === "synced") {
        for (const claim of mirror.items.values()) this.#tell(claim, claim);
      } else {
        this.#tell(change.object, change.type === "deleted" ? undefined : change.object);
      }
    };
    const mirror = this.cluster.mirror(kinds.claim, scope, { signal: this.signal, onChange });
    await mirror.ready;
  }

  #tell(subject: Claim, now: Claim | undefined): void {
    const key = keyOf(subject);
    this.#seen.add(subject.metadata.uid);
    if (now) this.#claims.set(key, now);
    else if (this.#claims.get(key)?.metadata.uid === subject.metadata.uid) this.#claims.delete(key);
    for (const { check } of this.#waiters.get(key) ?? []) check();
  }
}
