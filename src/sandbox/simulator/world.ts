import { isRefusal, key } from "../controllers/framework/objects.js";
import { type Change, Resources } from "../controllers/framework/resource.js";
import type { AnyObject, ClusterPort, Target } from "../port.js";
import { claimNames } from "./mounts.js";
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

/** Which changes matter to whoever waits: those of some resources, or those that a function names. */
export type Matters = readonly Watched[] | ((resource: Watched, change: Change) => boolean);

/** A copy of the cluster's state. Everything the simulator does follows from it, nothing from memory. */
export class World {
  private readonly resources: Resources;
  private readonly listeners = new Set<(resource: Watched, change: Change) => void>();
  private readonly podsByClaim: (key: string) => AnyObject[];

  constructor(readonly port: ClusterPort) {
    this.resources = new Resources(port);
    this.podsByClaim = this.resources
      .of("pods")
      .indexBy((pod) => claimNames(pod).map((name) => key(pod.metadata.namespace, name)));
    for (const name of watched) {
      this.resources.of(name).onChange((change) => {
        for (const listener of this.listeners) listener(name, change);
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
      const found = find();
      if (found !== undefined) return resolve(found);
      const look = (resource: Watched, change: Change) => {
        const concerned =
          typeof matters === "function" ? matters(resource, change) : matters.includes(resource);
        const result = concerned ? find() : undefined;
        if (result === undefined) return;
        this.listeners.delete(look);
        forget();
        resolve(result);
      };
      this.listeners.add(look);
      const forget = activity.onEnd(() => this.listeners.delete(look));
    });
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

export function targetOf({ metadata }: AnyObject): Target {
  return { namespace: metadata.namespace, name: metadata.name };
}

/** Whether an error is one of these refusals of the API: `NotFound`, `Conflict` … */
export function isRefused(error: unknown, ...reasons: string[]): boolean {
  return reasons.some((reason) => isRefusal(error, reason));
}
