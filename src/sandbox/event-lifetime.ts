import type { Clock } from "./simulator/clock.js";
import type { Store } from "./store/store.js";

/** What `--event-ttl` of kube-apiserver is when nobody sets it, in milliseconds. */
const lifetime = 3_600_000;

export interface LifetimeOptions {
  clock: Clock;
  /** How many times faster than life the hour passes. */
  speed: number;
  /** Told of what could not be removed; it is tried again. */
  onError?: ((error: unknown, key: string) => void) | undefined;
}

/**
 * Removes Events an hour of the simulated world after their last write, whatever finalizers they have, as etcd's leases do: those
 * that are there from before count from now. Looks only while there are Events, and not oftener than once a simulated
 * minute, as the API server shares its leases. Returns what ends it.
 */
export function expireEvents(store: Store, { clock, speed, onError }: LifetimeOptions): () => void {
  const [lasts, between] = [lifetime / speed, lifetime / speed / 60];
  /** When each was written last: the oldest comes first. */
  const written = new Map<string, number>();
  let callOff: (() => void) | undefined;
  const note = (key: string) => {
    written.delete(key);
    written.set(key, clock.now());
  };
  const wait = () => {
    const [oldest] = written.values();
    if (oldest === undefined) return;
    const left = Math.max(oldest + lasts - clock.now(), between);
    callOff = clock.after(left, sweep);
  };
  const sweep = () => {
    for (const [key, at] of written) {
      if (at + lasts > clock.now()) break;
      const event = store.get("events", key);
      try {
        if (event) store.remove("events", key, event);
        written.delete(key);
      } catch (error) {
        onError?.(error, `events ${key}`);
        break;
      }
    }
    callOff = undefined;
    wait();
  };
  const unsubscribe = store.subscribe("events", ({ type, key }) => {
    if (type === "DELETED") written.delete(key);
    else note(key);
    if (!callOff && written.size > 0) wait();
  });
  for (const [key] of store.bucket("events").entries()) note(key);
  wait();
  return () => {
    unsubscribe();
    callOff?.();
  };
}
