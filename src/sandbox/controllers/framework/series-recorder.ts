import type { AnyObject, ClusterPort } from "../../port.js";
import type { Clock } from "../../simulator/clock.js";
import { eventName, referenceTo, remember } from "./event-recorder.js";

/** What it was about, and what is done about it: the words of the message do not count. */
interface Said {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  /** `Binding`: what the reporter was doing. */
  action: string;
}

interface Series {
  name: string;
  count: number;
  at: number;
}

/** client-go's `tools/events`: a series is over when nothing was added to it for so long. */
const seriesEndsAfter = 360_000;

/**
 * Writes events as components do that use `events.k8s.io/v1`, the scheduler above all: the second of a kind turns the
 * first into a series, and those after it are only counted.
 */
export class SeriesRecorder {
  readonly #series = new Map<string, Series>();
  #last: Promise<unknown> = Promise.resolve();
  #serial = 0n;

  /** @param controller `default-scheduler` */
  constructor(
    private readonly port: ClusterPort,
    private readonly clock: Clock,
    private readonly controller: string,
  ) {}

  /** Never waits and never fails: an event that cannot be written is dropped. */
  event(about: AnyObject, said: Said): void {
    const now = this.clock.now();
    const { namespace = "default", name: object, uid, resourceVersion } = about.metadata;
    const key = [said.type, said.action, said.reason, namespace, object, uid, resourceVersion].join(" ");
    const known = this.#series.get(key);
    if (!known || now - known.at > seriesEndsAfter) {
      this.#serial += 1n;
      const name = eventName(about, this.clock, this.#serial);
      remember(this.#series, key, { name, count: 1, at: now });
      this.#write(() => this.port.create("events", this.#eventOf(about, said, name)));
      return;
    }
    const { name } = known;
    const count = known.count + 1;
    remember(this.#series, key, { name, count, at: now });
    if (count > 2) return;
    const series = { count, lastObservedTime: microTime(this.clock) };
    this.#write(() => this.port.patch("events", { namespace, name }, { series }));
  }

  #write(send: () => Promise<unknown>): void {
    this.#last = this.#last.then(send).catch(() => undefined);
  }

  #eventOf(about: AnyObject, said: Said, name: string) {
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: about.metadata.namespace ?? "default" },
      involvedObject: referenceTo(about),
      ...said,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: microTime(this.clock),
      reportingComponent: this.controller,
      reportingInstance: `${this.controller}-sandbox`,
    };
  }
}

/** `metav1.MicroTime`. */
function microTime(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace("Z", "000Z");
}
