import type { AnyObject, ClusterPort } from "../../port.js";
import { type Clock, timestamp } from "../../simulator/clock.js";

/** The figures of client-go's `tools/record`. */
const cacheSize = 4_096;
const similarEvents = 10;
const similarWithin = 600_000;
const burst = 25;
const refillEvery = 300_000;

interface Similar {
  messages: Set<string>;
  last: number;
}

interface Sent {
  count: number;
  name: string;
}

interface Said {
  type: string;
  reason: string;
  message: string;
}

interface Budget {
  tokens: number;
  at: number;
}

/**
 * Writes events as client-go's recorder does: the same event again counts up the first one, from the tenth message of
 * one reason on they are combined, and one object gets 25 events and then one every five minutes.
 */
export class EventRecorder {
  readonly #similar = new Map<string, Similar>();
  readonly #sent = new Map<string, Sent>();
  readonly #budgets = new Map<string, Budget>();
  #last: Promise<unknown> = Promise.resolve();
  #serial = 0n;

  constructor(
    private readonly port: ClusterPort,
    private readonly clock: Clock,
    private readonly component: string,
    /** The node it runs on, for a kubelet's. */
    private readonly host?: string | undefined,
  ) {}

  /** Never waits and never fails: an event that cannot be written is dropped. */
  event(about: AnyObject, type: "Normal" | "Warning", reason: string, message: string): void {
    const key = [about.kind, about.metadata.namespace, about.metadata.name, about.metadata.uid, type].join(
      " ",
    );
    const combined = this.#isCombined(`${key} ${reason}`, message);
    const text = combined ? `(combined from similar events): ${message}` : message;
    const eventKey = combined ? `${key} ${reason}` : `${key} ${reason} ${message}`;
    const before = this.#sent.get(eventKey);
    const sent = { count: (before?.count ?? 0) + 1, name: before?.name ?? this.#newName(about) };
    remember(this.#sent, eventKey, sent);
    if (!this.#mayPass(key)) return;
    const event = eventOf(
      about,
      { type, reason, message: text },
      { ...sent, component: this.component, host: this.host, at: timestamp(this.clock) },
    );
    this.#last = this.#last.then(() => this.#send(event)).catch(() => undefined);
  }

  #isCombined(key: string, message: string): boolean {
    const now = this.clock.now();
    const known = this.#similar.get(key);
    const similar =
      known && now - known.last <= similarWithin ? known : { messages: new Set<string>(), last: now };
    similar.messages.add(message);
    similar.last = now;
    remember(this.#similar, key, similar);
    if (similar.messages.size < similarEvents) return false;
    const [any = ""] = similar.messages;
    similar.messages.delete(any);
    return true;
  }

  #mayPass(key: string): boolean {
    const now = this.clock.now();
    const budget = this.#budgets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, budget.tokens + (now - budget.at) / refillEvery);
    remember(this.#budgets, key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  #newName(about: AnyObject): string {
    this.#serial += 1n;
    return eventName(about, this.clock, this.#serial);
  }

  async #send(event: EventObject): Promise<void> {
    const { metadata, count, message, lastTimestamp } = event;
    if (count > 1) {
      const patch = { count, message, lastTimestamp };
      const patched = await this.port.patch("events", metadata, patch).catch(() => undefined);
      if (patched) return;
    }
    await this.port.create("events", event);
  }
}

type EventObject = ReturnType<typeof eventOf>;

function eventOf(
  about: AnyObject,
  said: Said,
  { name, count, component, host, at }: Sent & { component: string; host?: string | undefined; at: string },
) {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: about.metadata.namespace ?? "default" },
    involvedObject: referenceTo(about),
    ...said,
    source: { component, ...(host && { host }) },
    firstTimestamp: at,
    lastTimestamp: at,
    count,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: host ?? "",
  };
}

/** The name of a new event: the object's, and nanoseconds that `serial` keeps apart. */
export function eventName(about: AnyObject, clock: Clock, serial: bigint): string {
  const nanoseconds = BigInt(clock.now()) * 1_000_000n + (serial % 1_000_000n);
  return `${about.metadata.name}.${nanoseconds.toString(16)}`;
}

/** An event's `involvedObject`. */
export function referenceTo({ apiVersion, kind, metadata }: AnyObject) {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, ...(namespace && { namespace }), name, uid, resourceVersion };
}

/** Sets a key of a map that must not grow for ever: the oldest goes. */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > cacheSize && oldest !== undefined) map.delete(oldest);
}
