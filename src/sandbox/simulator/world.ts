import { isRefusal, key } from "../controllers/framework/objects.js";
import { type Change, type Resource, Resources } from "../controllers/framework/resource.js";
import { hasEnded } from "../kinds/pod-phase.js";
import type { AnyObject, ClusterPort, Target } from "../port.js";
import { claimNames } from "./mounts.js";
import type { Activity } from "./pace.js";

/** What the simulated machines look at. */
const watched = [
  "namespaces",
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

/** Which changes matter to whoever waits: those of some resources, those of some objects, or those that a function names. */
export type Matters =
  | readonly Watched[]
  | { objects: readonly (readonly [resource: Watched, target: Target])[] }
  | ((resource: Watched, change: Change) => boolean);

type Listener = (resource: Watched, change: Change) => void;

/** A copy of the cluster's state. Everything the simulator does follows from it, nothing from memory. */
export class World {
  private readonly resources: Resources;
  private readonly listeners = new Set<Listener>();
  /** Of those who wait for certain objects: a thousand pods must not be told of each other. */
  private readonly ofObjects = new Map<string, Set<Listener>>();
  private readonly podsByClaim: (key: string) => AnyObject[];
  readonly storageClasses: Resource;
  /** The pods that are bound to a node and have not ended. */
  readonly podsOn: (nodeName: string) => AnyObject[];

  constructor(readonly port: ClusterPort) {
    this.resources = new Resources(port);
    this.storageClasses = this.resources.of("storageclasses");
    this.podsByClaim = this.resources
      .of("pods")
      .indexBy((pod) => claimNames(pod).map((name) => key(pod.metadata.namespace, name)));
    this.podsOn = this.resources
      .of("pods")
      .indexBy((pod) => (hasEnded(pod) || !pod["spec"].nodeName ? [] : [pod["spec"].nodeName]));
    for (const name of watched) {
      this.resources.of(name).onChange((change) => {
        for (const listener of this.listeners) listener(name, change);
        for (const listener of this.ofObjects.get(idOf(name, change.object.metadata)) ?? []) {
          listener(name, change);
        }
      });
    }
  }

  /** Resolves when the first list of each resource is in. */
  start(): Promise<void> {
    return this.resources.start();
  }

  stop(): void {
    this.resources.stop();
    this.listeners.clear();
    this.ofObjects.clear();
  }

  get(resource: Watched, { namespace, name }: Target): AnyObject | undefined {
    return this.resources.of(resource).get(key(namespace, name));
  }

  all(resource: Watched, namespace?: string): AnyObject[] {
    const cache = this.resources.of(resource);
    return namespace === undefined ? cache.all() : cache.inNamespace(namespace);
  }

  podsWithClaim({ namespace, name }: Target): AnyObject[] {
    return this.podsByClaim(key(namespace, name));
  }

  /** Hands over all there is as new, and then each change. */
  follow(listener: (resource: Watched, change: Change) => void): void {
    for (const resource of watched) {
      for (const object of this.all(resource)) listener(resource, { object, old: undefined, deleted: false });
    }
    this.listeners.add(listener);
  }

  /** Waits until `find` finds something, looking again after each change that matters. Ends with `activity`. */
  until<T>(activity: Activity, matters: Matters, find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      if (activity.ended) return;
      const found = find();
      if (found !== undefined) return resolve(found);
      const look = (resource: Watched, change: Change) => {
        const result = concerns(matters, resource, change) ? find() : undefined;
        if (result === undefined) return;
        unsubscribe();
        forget();
        resolve(result);
      };
      const unsubscribe = this.subscribe(matters, look);
      const forget = activity.onEnd(unsubscribe);
    });
  }

  private subscribe(matters: Matters, look: Listener): () => void {
    if (!("objects" in matters)) {
      this.listeners.add(look);
      return () => void this.listeners.delete(look);
    }
    const ids = matters.objects.map(([resource, target]) => idOf(resource, target));
    for (const id of ids) this.ofObjects.set(id, (this.ofObjects.get(id) ?? new Set()).add(look));
    return () => {
      for (const id of ids) {
        const listeners = this.ofObjects.get(id);
        listeners?.delete(look);
        if (listeners?.size === 0) this.ofObjects.delete(id);
      }
    };
  }

  /** Creates an object, and has it in the copy at once. */
  create(resource: Watched, object: object): Promise<AnyObject> {
    return this.resources.of(resource).create(object);
  }

  /** Patches this very version of an object, and has the answer in the copy at once. Fails with Conflict when it changed. */
  patch(
    resource: Watched,
    object: AnyObject,
    { metadata, ...rest }: { metadata?: object; spec?: object; status?: object },
    subresource?: string,
  ): Promise<AnyObject> {
    const { uid, resourceVersion } = object.metadata;
    const patch = { metadata: { ...metadata, uid, resourceVersion }, ...rest };
    return this.resources.of(resource).patch(object, patch, subresource);
  }
}

function concerns(matters: Matters, resource: Watched, change: Change): boolean {
  if (typeof matters === "function") return matters(resource, change);
  return "objects" in matters || matters.includes(resource);
}

function idOf(resource: Watched, { namespace, name }: Target): string {
  return `${resource} ${key(namespace, name)}`;
}

export function targetOf({ metadata }: AnyObject): Target {
  return { namespace: metadata.namespace, name: metadata.name };
}

/** Whether an error is one of these refusals of the API: `NotFound`, `Conflict` … */
export function isRefused(error: unknown, ...reasons: string[]): boolean {
  return reasons.some((reason) => isRefusal(error, reason));
}
