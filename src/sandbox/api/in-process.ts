import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject, ClusterPort, PortEvent, Target } from "../port.js";
import { mergePatch } from "../store/json.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { methodNotAllowed, qualifiedResource } from "../store/status.js";
import { bind, evict } from "./pods.js";
import { updateScale } from "./scale.js";

/**
 * The sandbox's own server without HTTP in between. Objects it hands out are frozen: who wants to change one copies it
 * (`structuredClone`). What it is given is copied.
 *
 * @param manager whose fields the written ones become
 */
export function inProcessPort(resources: Resources, manager: string): ClusterPort {
  const change = (kind: SandboxKind, target: Target, subresource: string | undefined, make: Change) => {
    const options: WriteOptions = { manager, subresource };
    if (subresource === "scale") return updateScale(resources, kind, target, make, options);
    return resources.update(kind, target, make, options);
  };
  // Async throughout, so that a refusal is a rejection and never a throw.
  return {
    get: async (resource, target) => resources.find(resources.kind(resource), target),
    list: async (resource, namespace) => resources.list(resources.kind(resource), namespace),
    watch: async (resource, handler) => watch(resources, resources.kind(resource), handler),
    create: async (resource, object) => {
      const kind = resources.kind(resource);
      const { namespace = "default", ...metadata } = object["metadata"] ?? {};
      const { group, version } = kind;
      const draft = {
        apiVersion: group ? `${group}/${version}` : version,
        kind: kind.kind,
        ...structuredClone({ ...object, metadata: kind.namespaced ? { ...metadata, namespace } : metadata }),
      } as AnyObject;
      return resources.create(kind, namespace, draft, { manager });
    },
    update: async (resource, object, subresource) =>
      change(resources.kind(resource), object.metadata, subresource, () => structuredClone(object)),
    patch: async (resource, target, patch, subresource) =>
      change(resources.kind(resource), target, subresource, (old) => mergePatch(old, patch) as AnyObject),
    delete: async (resource, target, options = {}) => {
      const { uid, resourceVersion, gracePeriodSeconds, propagation } = options;
      resources.delete(resources.kind(resource), target, {
        gracePeriodSeconds,
        propagationPolicy: propagation,
        preconditions: { uid, resourceVersion },
      });
    },
    post: async (resource, target, subresource, body) => {
      const kind = resources.kind(resource);
      const object = { metadata: { name: target.name }, ...structuredClone(body) } as AnyObject;
      if (subresource === "binding") bind(resources, target, object, { manager });
      else if (subresource === "eviction") evict(resources, target, object, { manager });
      else throw methodNotAllowed(kind, "create");
    },
  };
}

type Change = (old: AnyObject) => AnyObject;

/** The handler runs outside of the write that it is told of, in the order of writes. */
async function watch(
  resources: Resources,
  kind: SandboxKind,
  handler: (event: PortEvent) => void,
): Promise<() => void> {
  const queue: PortEvent[] = [];
  let [stopped, scheduled] = [false, false];
  const drain = () => {
    scheduled = false;
    for (let event = queue.shift(); event && !stopped; event = queue.shift()) handler(event);
  };
  const unsubscribe = resources.store.subscribe(qualifiedResource(kind), ({ type, object }) => {
    queue.push({ type, object });
    // A turn of the event loop, so that HTTP is served however busy the controllers are.
    if (!scheduled) setImmediate(drain);
    scheduled = true;
  });
  for (const object of resources.list(kind)) handler({ type: "ADDED", object });
  return () => {
    stopped = true;
    unsubscribe();
  };
}
