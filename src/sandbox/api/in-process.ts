import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject, ClusterPort, PortEvent } from "../port.js";
import { mergePatch } from "../patch/merge-patch.js";
import { copyJson } from "../store/json.js";
import type { Resources } from "../store/resources.js";
import { qualifiedResource } from "../store/status.js";
import { postTo, replaceAt, updateAt } from "./subresources.js";

/**
 * The sandbox's own server without HTTP in between. Objects it hands out are frozen: who wants to change one copies it
 * (`structuredClone`). What it is given is copied.
 *
 * @param manager whose fields the written ones become
 */
export function inProcessPort(resources: Resources, manager: string): ClusterPort {
  const deliveries = new Deliveries();
  // Async throughout, so that a refusal is a rejection and never a throw.
  return {
    get: async (resource, target) => resources.find(resources.kind(resource), target),
    list: async (resource, namespace) => resources.list(resources.kind(resource), namespace),
    watch: async (resource, handler) => watch(resources, resources.kind(resource), handler, deliveries),
    create: async (resource, object) => {
      const kind = resources.kind(resource);
      const { namespace = "default", ...metadata } = object["metadata"] ?? {};
      const { group, version } = kind;
      const draft = {
        kind: kind.kind,
        apiVersion: group ? `${group}/${version}` : version,
        ...copyJson({ ...object, metadata: kind.namespaced ? { ...metadata, namespace } : metadata }),
      } as AnyObject;
      return resources.create(kind, namespace, draft, { manager });
    },
    update: async (resource, object, subresource) => {
      const draft = copyJson(object);
      const kind = resources.kind(resource);
      return replaceAt(resources, kind, object.metadata, draft, { manager, subresource });
    },
    patch: async (resource, target, patch, subresource) => {
      const change = (old: AnyObject) => mergePatch(copyJson(old), patch) as AnyObject;
      return updateAt(resources, resources.kind(resource), target, change, { manager, subresource });
    },
    delete: async (resource, target, options = {}) => {
      const { uid, resourceVersion, gracePeriodSeconds, propagation } = options;
      resources.delete(resources.kind(resource), target, {
        gracePeriodSeconds,
        propagationPolicy: propagation,
        preconditions: { uid, resourceVersion },
      });
    },
    post: async (resource, target, subresource, body) => {
      const object = { metadata: { name: target.name }, ...copyJson(body) } as AnyObject;
      postTo(resources, resources.kind(resource), target, object, { manager, subresource });
    },
  };
}

/**
 * What is still to be told to the watches of a port: outside of the write, and in the order of writes, whatever they are
 * of. Who sees a pod has seen the claim that was made before it.
 */
class Deliveries {
  #queue: (() => void)[] = [];

  add(deliver: () => void): void {
    // A turn of the event loop, so that HTTP is served however busy the controllers are.
    if (this.#queue.length === 0) setImmediate(() => this.#drain());
    this.#queue.push(deliver);
  }

  #drain(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const deliver of queue) deliver();
  }
}

async function watch(
  resources: Resources,
  kind: SandboxKind,
  handler: (event: PortEvent) => void,
  deliveries: Deliveries,
): Promise<() => void> {
  let open = true;
  const unsubscribe = resources.store.subscribe(qualifiedResource(kind), ({ type, object }) =>
    deliveries.add(() => {
      if (open) handler({ type, object });
    }),
  );
  for (const object of resources.list(kind)) handler({ type: "ADDED", object });
  return () => {
    open = false;
    unsubscribe();
  };
}
