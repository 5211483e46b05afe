import type { AnyObject, PortEvent } from "../../../src/sandbox/port.js";
import type { Side } from "../support/side.js";

/** What scenarios watch. */
const resources = [
  "pods",
  "persistentvolumeclaims",
  "statefulsets",
  "controllerrevisions",
  "persistentvolumes",
  "poddisruptionbudgets",
  "endpointslices",
  "events",
];

type Handler = (resource: string, event: PortEvent) => void;

/** One side's watches, shared by all scenarios that run at a time. */
export interface Observer {
  /** Hands over what happens in a namespace from now on, and to every volume. */
  follow(namespace: string, handler: Handler): () => void;
  stop(): void;
}

export async function observe(side: Side): Promise<Observer> {
  const handlers = new Map<string, Handler>();
  const dispatch = (resource: string, event: PortEvent) => {
    const namespace = namespaceOf(resource, event.object);
    if (namespace !== undefined) handlers.get(namespace)?.(resource, event);
  };
  const stops = await Promise.all(
    resources.map((resource) => side.port.watch(resource, (event) => dispatch(resource, event))),
  );
  return {
    follow(namespace, handler) {
      handlers.set(namespace, handler);
      return () => handlers.delete(namespace);
    },
    stop: () => stops.forEach((stop) => stop()),
  };
}

/** A volume belongs to the namespace of its claim, or to the one that its name begins with. */
export function namespaceOf(resource: string, { metadata, spec }: AnyObject): string | undefined {
  if (resource !== "persistentvolumes") return metadata.namespace;
  return spec.claimRef?.namespace ?? metadata.name.split(".")[0];
}
