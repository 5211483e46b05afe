import type { Cluster, Mirror, MirrorOptions, Scope } from "../../../cluster/cluster.js";
import { ApiError, isApiError } from "../../../cluster/errors.js";
import { kinds, type Kind } from "../../../core/kinds.js";
import type { Claim, Event, Pod, StatefulSet } from "../../../core/model.js";
import { formatSelector, requirementsOf } from "../../../core/selector.js";
import { anySetOf, breadthFor, setKey, setKeys, type Breadth, type Place, type SetKey } from "./breadth.js";

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

interface Opened {
  mirror: Mirror<unknown>;
  isReady: boolean;
  /** What is there, by the set it belongs to; made when it is asked for, and anew after a change. */
  bySet: Map<SetKey, unknown[]> | undefined;
}

/**
 * The mirrors of everything that is followed, each opened once: sets, their pods, the events, and claims only once a
 * pod waits for one. So the requests do not grow with the waiting; and where many sets are followed, a namespace or
 * the cluster is watched as a whole, so they do not grow with the sets either.
 */
export class Sources {
  private readonly opened = new Map<string, Opened>();
  private readonly breadth: (namespace: string) => Breadth;

  /** @param targets all that will be followed. */
  constructor(
    private readonly cluster: Cluster,
    private readonly signal: AbortSignal,
    private readonly events: SourceEvents,
    targets: readonly Place[],
  ) {
    this.breadth = breadthFor(targets);
  }

  openSet(namespace: string, set: StatefulSet): void {
    const { name } = set.metadata;
    const place = { namespace, name };
    const whole = this.scopeOf(namespace);
    const labelSelector = formatSelector(requirementsOf(set.spec.selector));
    const one = { namespace, fieldSelector: `metadata.name=${name}` };
    this.open(this.key("set", place), kinds.statefulSet, whole ?? one);
    this.open(this.key("pods", place), kinds.pod, whole ?? { namespace, labelSelector });
    const optional = "events, which tell why a pod cannot be made";
    this.open(this.key("events", place), kinds.event, whole ?? { namespace }, optional);
  }

  /** What is watched as a whole where the sets of a namespace are not watched one by one. */
  scopeOf(namespace: string): Scope | undefined {
    const breadth = this.breadth(namespace);
    if (breadth === "set") return undefined;
    return breadth === "cluster" ? { allNamespaces: true } : { namespace };
  }

  openClaims(namespace: string): void {
    this.open(claimsKey(namespace), kinds.claim, { namespace }, "persistentvolumeclaims");
  }

  /** Whether the set, its pods and the events were listed. */
  isReady(namespace: string, name: string): boolean {
    return (["set", "pods", "events"] as const).every(
      (what) => this.opened.get(this.key(what, { namespace, name }))?.isReady,
    );
  }

  set(namespace: string, name: string): StatefulSet | undefined {
    return this.found<StatefulSet>("set", { namespace, name }, setKeys.set)[0];
  }

  /** Pods with such names as the set gives; whose they are is decided where they are looked at. */
  pods(namespace: string, name: string): readonly Pod[] {
    return this.found<Pod>("pods", { namespace, name }, setKeys.pods);
  }

  /** Events about the set and its pods, and all about claims. */
  eventsOf(namespace: string, name: string): readonly Event[] {
    const place = { namespace, name };
    const others = this.found("events", place, setKeys.events, anySetOf(namespace));
    return [...this.found("events", place, setKeys.events), ...others];
  }

  /** Undefined until they were opened. */
  claims(namespace: string): Iterable<Claim> | undefined {
    const opened = this.opened.get(claimsKey(namespace));
    return opened && (opened.mirror.items.values() as Iterable<Claim>);
  }

  close(): void {
    for (const { mirror } of this.opened.values()) mirror.stop();
  }

  private found<T>(what: What, place: Place, keyOf: KeyOf<T>, key = setKey(place)): readonly T[] {
    const opened = this.opened.get(this.key(what, place));
    if (!opened) return [];
    opened.bySet ??= grouped([...opened.mirror.items.values()] as T[], keyOf);
    return (opened.bySet.get(key) ?? []) as T[];
  }

  private key(what: What, { namespace, name }: Place): string {
    const breadth = this.breadth(namespace);
    if (breadth === "cluster") return what;
    return breadth === "namespace" || what === "events"
      ? `${what}/${namespace}`
      : `${what}/${namespace}/${name}`;
  }

  /** `optional` says what is missing when it may not be read; without it, that is an error. */
  private open<T>(key: string, kind: Kind<T>, scope: Scope, optional?: string): void {
    if (this.opened.has(key)) return;
    const mirror = this.cluster.mirror(kind, scope, this.options(key));
    const opened: Opened = { mirror, isReady: false, bySet: undefined };
    this.opened.set(key, opened);
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
        const opened = this.opened.get(key);
        if (opened) opened.bySet = undefined;
        if (change.type === "synced") synced = true;
        const isNewPod = synced && change.type === "added" && /^pods\b/.test(key);
        this.events.changed(isNewPod ? (change.object as Pod) : undefined);
      },
      onContact: (lost) => this.events.contact(key, lost),
    };
  }

  private settle(opened: Opened): void {
    opened.isReady = true;
    this.events.changed();
  }
}

type What = keyof typeof setKeys;
type KeyOf<T> = (object: T) => SetKey;

const claimsKey = (namespace: string): string => `claims/${namespace}`;

function grouped<T>(objects: readonly T[], keyOf: KeyOf<T>): Map<SetKey, T[]> {
  const groups = new Map<SetKey, T[]>();
  for (const object of objects) {
    const key = keyOf(object);
    const group = groups.get(key);
    if (group) group.push(object);
    else groups.set(key, [object]);
  }
  return groups;
}
