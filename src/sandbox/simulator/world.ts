import type { AnyObject, ClusterPort, PortEvent, Target } from "../port.js";
import type { Activity } from "./pace.js";

/** What the simulated machines look at. */
const watched = [
  "nodes",
  "storageclasses",
  "persistentvolumes",
  "persistentvolumeclaims",
  "configmaps",
  "secrets",
  "statefulsets",
  "pods",
] as const;

export type Watched = (typeof watched)[number];

export interface Change {
  resource: Watched;
  type: PortEvent["type"];
  object: AnyObject;
}

/** A copy of the cluster's state, kept by watches. Everything the simulator does follows from it, nothing from memory. */
export class World {
  private readonly objects = new Map<Watched, Map<string, AnyObject>>(
    watched.map((name) => [name, new Map()]),
  );
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly stops: (() => void)[] = [];

  constructor(readonly port: ClusterPort) {}

  /** Resolves when the first list of each resource is in. */
  async start(): Promise<void> {
    for (const resource of watched) {
      this.stops.push(
        await this.port.watch(resource, ({ type, object }) => this.take({ resource, type, object })),
      );
    }
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.listeners.clear();
  }

  get(resource: Watched, { namespace, name }: Target): AnyObject | undefined {
    return this.objects.get(resource)?.get(keyOf({ namespace, name }));
  }

  all(resource: Watched, namespace?: string): AnyObject[] {
    const all = [...(this.objects.get(resource)?.values() ?? [])];
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** Hands over an ADDED for all there is, and then each change. */
  follow(listener: (change: Change) => void): void {
    for (const resource of watched) {
      for (const object of this.all(resource)) listener({ resource, type: "ADDED", object });
    }
    this.listeners.add(listener);
  }

  /** Waits until `find` finds something, looking again after each change of one of the resources. Ends with `activity`. */
  until<T>(activity: Activity, resources: readonly Watched[], find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const found = find();
      if (found !== undefined) return resolve(found);
      const look = ({ resource }: Pick<Change, "resource">) => {
        const result = resources.includes(resource) ? find() : undefined;
        if (result === undefined) return;
        this.listeners.delete(look);
        forget();
        resolve(result);
      };
      this.listeners.add(look);
      const forget = activity.onEnd(() => this.listeners.delete(look));
    });
  }

  /** Takes an answer of the server at once, ahead of the watch. */
  learn(resource: Watched, object: AnyObject): void {
    this.take({ resource, type: "MODIFIED", object });
  }

  private take(change: Change): void {
    const store = this.objects.get(change.resource);
    const key = keyOf(change.object.metadata);
    const known = store?.get(key);
    if (known && isOlder(change.object, known)) return;
    if (change.type === "DELETED") store?.delete(key);
    else store?.set(key, change.object);
    for (const listener of [...this.listeners]) listener(change);
  }
}

/** A watch may tell what an answer has told already. Versions of one object count up (KEP-5504). */
function isOlder(object: AnyObject, known: AnyObject): boolean {
  return (
    object.metadata.uid === known.metadata.uid &&
    BigInt(object.metadata.resourceVersion) < BigInt(known.metadata.resourceVersion)
  );
}

export function keyOf({ namespace, name }: Target): string {
  return `${namespace ?? ""}/${name}`;
}

export function targetOf({ metadata }: AnyObject): Target {
  return { namespace: metadata.namespace, name: metadata.name };
}
