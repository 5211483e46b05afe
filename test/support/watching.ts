import type { AnyObject, ClusterPort, PortEvent } from "../../src/sandbox/port.js";

/** What a watch of some resources has told so far: the present objects, and every event in the order of arrival. */
export interface Watching {
  /** The present objects of a resource, by name. */
  objects(resource: string): Map<string, AnyObject>;
  readonly events: readonly (PortEvent & { resource: string })[];
  /** Waits until `met` finds what it looks for; fails after `timeout` milliseconds and says what it waited for. */
  until<T>(what: string, met: () => T | undefined | false, timeout?: number): Promise<T>;
  stop(): void;
}

/** Watches resources of a cluster; in one namespace only when one is given. */
export async function watching(
  port: ClusterPort,
  resources: readonly string[],
  namespace?: string,
): Promise<Watching> {
  const state = new Map(resources.map((name) => [name, new Map<string, AnyObject>()]));
  const events: (PortEvent & { resource: string })[] = [];
  const waiting = new Set<() => void>();
  const take = (resource: string, event: PortEvent) => {
    const { metadata } = event.object;
    if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace)
      return;
    events.push({ ...event, resource });
    if (event.type === "DELETED") state.get(resource)?.delete(metadata.name);
    else state.get(resource)?.set(metadata.name, event.object);
    for (const look of waiting) look();
  };
  const stops: (() => void)[] = [];
  for (const name of resources) stops.push(await port.watch(name, (event) => take(name, event)));

  return {
    objects: (resource) => state.get(resource) ?? new Map<string, AnyObject>(),
    events,
    until: (what, met, timeout = 20_000) => untilMet(waiting, what, met, timeout),
    stop: () => stops.forEach((stop) => stop()),
  };
}

function untilMet<T>(
  waiting: Set<() => void>,
  what: string,
  met: () => T | undefined | false,
  timeout: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = met();
      if (found === undefined || found === false) return;
      clearTimeout(timer);
      waiting.delete(look);
      resolve(found);
    };
    const timer = setTimeout(() => {
      waiting.delete(look);
      reject(new Error(`not within ${timeout} ms: ${what}`));
    }, timeout);
    waiting.add(look);
    look();
  });
}

export function isReady(pod: AnyObject | undefined): boolean {
  const conditions = (pod?.["status"]?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
