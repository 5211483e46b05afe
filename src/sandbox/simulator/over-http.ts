import { isApiError } from "../../cluster/errors.js";
import type { Gateway } from "../../cluster/gateway.js";
import type { MirrorChange } from "../../cluster/cluster.js";
import { type Kind, kinds } from "../../core/kinds.js";
import type { KubeObject, Manifest } from "../../core/model.js";
import type { AnyObject, ClusterPort, PortEvent } from "../port.js";

const served = new Map<string, Kind<unknown>>(Object.values(kinds).map((kind) => [kind.resource, kind]));

function kindOf(resource: string): Kind<AnyObject> {
  const kind = served.get(resource);
  if (!kind) throw new Error(`no kind is known by the resource ${resource}`);
  return kind as Kind<AnyObject>;
}

/** Any cluster, through the gateway that commands use. Closing the gateway ends its watches. */
export function overHttp(gateway: Gateway): ClusterPort {
  return {
    async get(resource, target) {
      try {
        return await gateway.get(kindOf(resource), target);
      } catch (error) {
        if (isApiError(error, "NotFound")) return undefined;
        throw error;
      }
    },
    async list(resource, namespace) {
      const scope = namespace === undefined ? { allNamespaces: true } : { namespace };
      return (await gateway.list(kindOf(resource), scope)).items;
    },
    watch: (resource, handler) => watch(gateway, kindOf(resource), handler),
    create: (resource, object) => gateway.create(kindOf(resource), object as Manifest),
    update: (resource, object, subresource) =>
      gateway.replace(kindOf(resource), object as KubeObject, subresource),
    patch: (resource, target, body, subresource) =>
      gateway.patch(
        kindOf(resource),
        target,
        { type: "merge", body },
        { subresource: subresourceOf(subresource) },
      ),
    async delete(resource, target, options) {
      await gateway.delete(kindOf(resource), target, options);
    },
    async post(resource, target, subresource, body) {
      await gateway.post(kindOf(resource), target, subresource, body);
    },
  };
}

function subresourceOf(name: string | undefined): "scale" | "status" | undefined {
  if (name === undefined || name === "scale" || name === "status") return name;
  throw new Error(`nothing patches the subresource ${name}`);
}

const types = { added: "ADDED", modified: "MODIFIED", deleted: "DELETED" } as const;

async function watch(
  gateway: Gateway,
  kind: Kind<AnyObject>,
  handler: (event: PortEvent) => void,
): Promise<() => void> {
  const onChange = (change: MirrorChange<AnyObject> | { type: "synced" }) => {
    if (change.type !== "synced") handler({ type: types[change.type], object: change.object });
    else for (const object of mirror.items.values()) handler({ type: "ADDED", object });
  };
  const ended = new AbortController();
  const mirror = gateway.mirror(kind, { allNamespaces: true }, { signal: ended.signal, onChange });
  await mirror.ready;
  return () => ended.abort();
}
