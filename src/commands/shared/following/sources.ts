import type { Cluster, Mirror, MirrorOptions, Scope } from "../../../cluster/cluster.js";
import { ApiError, isApiError } from "../../../cluster/errors.js";
import { kinds, type Kind } from "../../../core/kinds.js";
import type { Claim, Event, KubeObject, Pod, StatefulSet } from "../../../core/model.js";
import { formatSelector, requirementsOf } from "../../../core/selector.js";

/** What the mirrors tell whoever follows. */
export interface SourceEvents {
  /** Something changed. A pod that was made while we watched tells the server's time. */
  changed(made?: Pod): void;
  contact(source: string, lost: { since: number; error: Error } | undefined): void;
  /** A list that is needed cannot be had. */
  failed(error: unknown): void;
  /** One that can be done without may not be read. */
  missing(what: string, error: ApiError): void;
}

interface Opened<T> {
  mirror: Mirror<T>;
  isReady: boolean;
}

/**
 * The mirrors of everything that is followed, each opened once: a set and its pods for every target, the events of
 * each namespace, and its claims only once a pod waits for one. So the requests do not grow with the waiting.
 */
export class Sources {
  private readonly opened = new Map<string, Opened<KubeObject>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly signal: AbortSignal,
    private readonly events: SourceEvents,
  ) {}

  openSet(namespace: string, set: StatefulSet): void {
    const { name } = set.metadata;
    const labelSelector = formatSelector(requirementsOf(set.spec.selector));
    this.open(setKey(namespace, name), kinds.statefulSet, {
      namespace,
      fieldSelector: `metadata.name=${name}`,
    });
    this.open(podsKey(namespace, name), kinds.pod, { namespace, labelSelector });
    this.open(
      eventsKey(namespace),
      kinds.event,
      { namespace },
      "events, which tell why a pod cannot be made",
    );
  }

  openClaims(namespace: string): void {
    this.open(claimsKey(namespace), kinds.claim, { namespace }, "persistentvolumeclaims");
  }

  /** Whether the set, its pods and the events were listed. */
  isReady(namespace: string, name: string): boolean {
    const keys = [setKey(namespace, name), podsKey(namespace, name), eventsKey(namespace)];
    return keys.every((key) => this.opened.get(key)?.isReady);
  }

  set(namespace: string, name: string): StatefulSet | undefined {
    return [...this.items<StatefulSet>(setKey(namespace, name))].find(
      ({ metadata }) => metadata.name === name,
    );
  }

  pods(namespace: string, name: string): Iterable<Pod> {
    return this.items<Pod>(podsKey(namespace, name));
  }

  eventsOf(namespace: string): Iterable<Event> {
    return this.items<Event>(eventsKey(namespace));
  }

  /** Undefined until they were opened. */
  claims(namespace: string): Iterable<Claim> | undefined {
    return this.opened.has(claimsKey(namespace)) ? this.items<Claim>(claimsKey(namespace)) : undefined;
  }

  close(): void {
    for (const { mirror } of this.opened.values()) mirror.stop();
  }

  private items<T extends KubeObject | Event>(key: string): Iterable<T> {
    return (this.opened.get(key)?.mirror.items.values() ?? []) as Iterable<T>;
  }

  /** `optional` says what is missing when it may not be read; without it, that is an error. */
  private open<T>(key: string, kind: Kind<T>, scope: Scope, optional?: string): void {
    if (this.opened.has(key)) return;
    const mirror = this.cluster.mirror(kind, scope, this.options(key));
    const opened: Opened<T> = { mirror, isReady: false };
    this.opened.set(key, opened as Opened<unknown> as Opened<KubeObject>);
    mirror.ready.then(
      () => this.settle(opened),
      (error: unknown) => {
        if (optional === undefined || !isApiError(error, "Forbidden")) return this.events.failed(error);
        this.events.missing(optional, error);
        return this.settle(opened);
      },
    );
  }

  private options<T>(key: string): MirrorOptions<T> {
    let synced = false;
    return {
      signal: this.signal,
      onChange: (change) => {
        if (change.type === "synced") synced = true;
        const isNewPod = synced && change.type === "added" && key.startsWith("pods/");
        this.events.changed(isNewPod ? (change.object as Pod) : undefined);
      },
      onContact: (lost) => this.events.contact(key, lost),
    };
  }

  private settle(opened: { isReady: boolean }): void {
    opened.isReady = true;
    this.events.changed();
  }
}

const setKey = (namespace: string, name: string): string => `set/${namespace}/${name}`;
const podsKey = (namespace: string, name: string): string => `pods/${namespace}/${name}`;
const eventsKey = (namespace: string): string => `events/${namespace}`;
const claimsKey = (namespace: string): string => `claims/${namespace}`;
