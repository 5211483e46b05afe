import type { AnyObject } from "../port.js";
import { timestamp } from "../simulator/clock.js";
import { type Controller, type ControllerContext, enqueueFrom, queueOf } from "./framework/controller.js";
import { isRefusal, isTerminating, keyOf } from "./framework/objects.js";

const finalizer = "kubernetes";

/** The conditions of a namespace on its way out that here are always the same: type, reason, message. */
const settled = [
  ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"],
  [
    "NamespaceDeletionGroupVersionParsingFailure",
    "ParsedGroupVersions",
    "All legacy kube types successfully parsed",
  ],
  [
    "NamespaceDeletionContentFailure",
    "ContentDeleted",
    "All content successfully deleted, may be waiting on finalization",
  ],
] as const;

interface Remaining {
  resource: string;
  objects: AnyObject[];
}

/** Empties a namespace that is being deleted, then lets it go. `contents` are the resources that live in namespaces. */
export function namespaceController(context: ControllerContext, contents: string[]): Controller {
  const { resources, clock } = context;
  const namespaces = resources.of("namespaces");

  const queue = queueOf(context, async (name) => {
    const namespace = namespaces.get(name);
    if (!namespace || !isTerminating(namespace)) return;
    for (const { resource, objects } of await remaining(name)) {
      for (const object of objects) await remove(resource, object);
    }
    const left = await remaining(name);
    const reported = await report(namespace, left);
    if (left.length > 0) return;
    const finalizers = (reported.spec?.finalizers ?? []).filter((each: string) => each !== finalizer);
    await namespaces.update({ ...reported, spec: { ...reported.spec, finalizers } }, "finalize");
  });

  async function remaining(namespace: string): Promise<Remaining[]> {
    const found = await Promise.all(
      contents.map(async (resource) => ({
        resource,
        objects: await resources.port.list(resource, namespace),
      })),
    );
    return found.filter(({ objects }) => objects.length > 0);
  }

  async function remove(resource: string, object: AnyObject): Promise<void> {
    if (isTerminating(object)) return;
    try {
      await resources.port.delete(resource, object.metadata, { propagation: "Background" });
    } catch (error) {
      if (!isRefusal(error, "NotFound")) throw error;
    }
  }

  async function report(namespace: AnyObject, left: Remaining[]): Promise<AnyObject> {
    const old: AnyObject[] = namespace.status?.conditions ?? [];
    const conditions = conditionsOf(left).map((condition) => {
      const before = old.find(({ type }) => type === condition.type);
      const same = before?.status === condition.status;
      return { ...condition, lastTransitionTime: same ? before?.lastTransitionTime : timestamp(clock) };
    });
    if (JSON.stringify(conditions) === JSON.stringify(old)) return namespace;
    return await namespaces.update({ ...namespace, status: { ...namespace.status, conditions } }, "status");
  }

  enqueueFrom(queue, namespaces, (namespace) => [keyOf(namespace)]);
  for (const resource of contents) {
    if (resource === "events") continue;
    enqueueFrom(queue, resources.of(resource), ({ metadata }, deleted) => {
      const namespace = namespaces.get(metadata.namespace ?? "");
      return namespace && isTerminating(namespace) && deleted ? [namespace.metadata.name] : [];
    });
  }
  return queue;
}

function conditionsOf(left: Remaining[]) {
  const counts = left.map(({ resource, objects }) => `${resource}. has ${objects.length} resource instances`);
  const held = new Map<string, number>();
  for (const name of left.flatMap(({ objects }) =>
    objects.flatMap(({ metadata }) => metadata.finalizers ?? []),
  )) {
    held.set(name, (held.get(name) ?? 0) + 1);
  }
  const holders = [...held].map(([name, count]) => `${name} in ${count} resource instances`);
  return [
    ...settled.map(([type, reason, message]) => ({ type, status: "False", reason, message })),
    {
      type: "NamespaceContentRemaining",
      status: counts.length > 0 ? "True" : "False",
      reason: counts.length > 0 ? "SomeResourcesRemain" : "ContentRemoved",
      message:
        counts.length > 0
          ? `Some resources are remaining: ${counts.join(", ")}`
          : "All content successfully removed",
    },
    {
      type: "NamespaceFinalizersRemaining",
      status: holders.length > 0 ? "True" : "False",
      reason: holders.length > 0 ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
      message:
        holders.length > 0
          ? `Some content in the namespace has finalizers remaining: ${holders.join(", ")}`
          : "All content-preserving finalizers finished",
    },
  ];
}
