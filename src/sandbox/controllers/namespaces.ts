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

/** A resource that lives in namespaces. */
interface Content {
  group: string;
  resource: string;
}

interface Remaining extends Content {
  objects: AnyObject[];
}

/** Milliseconds until a namespace is looked at again that something is left in which nobody tells of. */
const patience = 15_000;

/**
 * Empties a namespace that is being deleted, then lets it go: pods first, and nothing else before they are gone.
 * `contents` are the resources that live in namespaces.
 */
export function namespaceController(context: ControllerContext, contents: Content[]): Controller {
  const { resources, clock, speed } = context;
  const namespaces = resources.of("namespaces");
  const isPods = ({ resource }: Content) => resource === "pods";
  const others = contents.filter((content) => !isPods(content));

  const queue = queueOf(context, async (name) => {
    const namespace = namespaces.get(name);
    if (!namespace || !isTerminating(namespace)) return;
    const pods = await empty(name, contents.filter(isPods));
    // Of pods that are left the conditions say nothing, as those of the real controller.
    const left = pods.length > 0 ? [] : await empty(name, others);
    const reported = await report(namespace, left);
    if (pods.length + left.length > 0) return queue.addAfter(name, patience / speed);
    const finalizers = (reported.spec?.finalizers ?? []).filter((each: string) => each !== finalizer);
    await namespaces.update({ ...reported, spec: { ...reported.spec, finalizers } }, "finalize");
  });

  /** Deletes what there is of these resources, and says what is left. */
  async function empty(namespace: string, which: Content[]): Promise<Remaining[]> {
    for (const { resource, objects } of await remaining(namespace, which)) {
      for (const object of objects) await remove(resource, object);
    }
    return remaining(namespace, which);
  }

  async function remaining(namespace: string, which: Content[]): Promise<Remaining[]> {
    const found = await Promise.all(
      which.map(async (content) => ({
        ...content,
        objects: await resources.port.list(content.resource, namespace),
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
  for (const { resource } of contents) {
    if (resource === "events") continue;
    enqueueFrom(queue, resources.of(resource), ({ metadata }, deleted) => {
      const namespace = namespaces.get(metadata.namespace ?? "");
      return namespace && isTerminating(namespace) && deleted ? [namespace.metadata.name] : [];
    });
  }
  return queue;
}

function conditionsOf(left: Remaining[]) {
  const counts = left
    .map(({ resource, group, objects }) => `${resource}.${group} has ${objects.length} resource instances`)
    .toSorted();
  const held = new Map<string, number>();
  for (const name of left.flatMap(({ objects }) =>
    objects.flatMap(({ metadata }) => metadata.finalizers ?? []),
  )) {
    held.set(name, (held.get(name) ?? 0) + 1);
  }
  const holders = [...held].map(([name, count]) => `${name} in ${count} resource instances`).toSorted();
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
