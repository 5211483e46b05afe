import type { AnyObject, ClusterPort } from "../port.js";
import { type Clock, timestamp } from "./clock.js";

/** Who speaks: a component, on a node or on none. */
export interface Source {
  component: string;
  host?: string;
}

export interface Words {
  type?: "Normal" | "Warning";
  reason: string;
  message: string;
}

/**
 * Writes events as client-go's recorder does: the same words about the same object count up one event. An event that
 * cannot be written (its namespace is going) is lost, as it is there.
 */
export class Recorder {
  private readonly written = new Map<string, Promise<AnyObject | undefined>>();
  private serial = 0;

  constructor(
    private readonly port: ClusterPort,
    private readonly clock: Clock,
  ) {}

  async record(object: AnyObject, source: Source, words: Words): Promise<void> {
    const key = JSON.stringify([object.metadata.uid, source.component, words]);
    const before = this.written.get(key) ?? Promise.resolve(undefined);
    const writing = before
      .then((event) => (event ? this.repeat(event) : this.create(object, source, words)))
      .catch(() => undefined);
    this.written.set(key, writing);
    await writing;
  }

  /** Forgets what was said about an object that is gone. */
  forget({ metadata }: AnyObject): void {
    const start = JSON.stringify([metadata.uid]).slice(0, -1);
    for (const key of this.written.keys()) if (key.startsWith(start)) this.written.delete(key);
  }

  private create(
    object: AnyObject,
    source: Source,
    { type = "Normal", reason, message }: Words,
  ): Promise<AnyObject> {
    const { kind, apiVersion, metadata } = object;
    const now = timestamp(this.clock);
    const { namespace = "default", name, uid, resourceVersion } = metadata;
    this.serial += 1;
    const suffix = (BigInt(this.clock.now()) * 1_000_000n + BigInt(this.serial)).toString(16);
    return this.port.create("events", {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace, name: `${name}.${suffix}` },
      involvedObject: { apiVersion, kind, namespace: metadata.namespace, name, uid, resourceVersion },
      type,
      reason,
      message,
      source,
      reportingComponent: source.component,
      reportingInstance: source.host ?? "",
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }

  private repeat({ metadata, count }: AnyObject): Promise<AnyObject> {
    const target = { namespace: metadata.namespace, name: metadata.name };
    return this.port.patch("events", target, { count: count + 1, lastTimestamp: timestamp(this.clock) });
  }
}
