import type { AnyObject, OwnerReference, PortDeleteOptions } from "../port.js";
import { type Controller, type ControllerContext, queueOf, recorderOf } from "./framework/controller.js";
import type { EventRecorder } from "./framework/event-recorder.js";
import { hasFinalizer, isTerminating, key, ownersOf, withoutFinalizer } from "./framework/objects.js";
import type { Change, Resource } from "./framework/resource.js";
import type { WorkQueue } from "./framework/work-queue.js";

/** A kind whose objects may own or be owned. */
export interface CollectedKind {
  apiVersion: string;
  kind: string;
  resource: string;
  namespaced: boolean;
}

/** The finalizers by which the API server says how an object's dependents are to be treated. */
const orphanFinalizer = "orphan";
const foregroundFinalizer = "foregroundDeletion";
const policies = [orphanFinalizer, foregroundFinalizer];

interface Node {
  object: AnyObject;
  objects: Resource;
}

type Standing = "present" | "absent" | "waiting";

/**
 * Deletes what belongs to nobody any more. An owner counts by its UID: one of the same name that was made later is
 * another. In the background an object goes when its last owner is gone; in the foreground the owner waits for those
 * dependents that block it; an orphan delete takes the references off first.
 */
class GarbageCollector implements Controller {
  readonly #kinds = new Map<string, CollectedKind & { objects: Resource }>();
  /** Every object by its UID, and the UIDs of an owner's dependents by the owner's. */
  readonly #nodes = new Map<string, Node>();
  readonly #owned = new Map<string, Set<string>>();
  readonly #queue: WorkQueue;
  readonly #recorder: EventRecorder;

  constructor(context: ControllerContext, kinds: CollectedKind[]) {
    this.#recorder = recorderOf(context, "garbage-collector-controller");
    this.#queue = queueOf(context, (uid) => this.#sync(uid), 20);
    for (const kind of kinds) {
      const objects = context.resources.of(kind.resource);
      this.#kinds.set(`${kind.apiVersion} ${kind.kind}`, { ...kind, objects });
      objects.onChange((change) => this.#observe(change, objects));
    }
  }

  start(): void {
    this.#queue.start();
  }

  stop(): void {
    this.#queue.stop();
  }

  #observe({ object, old, deleted }: Change, objects: Resource): void {
    const { uid } = object.metadata;
    const owners = deleted ? [] : ownersOf(object);
    for (const owner of old ? ownersOf(old) : []) {
      const dependents = this.#owned.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#owned.delete(owner.uid);
      // An owner that is being deleted may have waited for this one.
      if (!isBlockedBy(owners, owner.uid)) this.#queue.add(owner.uid);
    }
    if (deleted) {
      this.#nodes.delete(uid);
      for (const dependent of this.#owned.get(uid) ?? []) this.#queue.add(dependent);
      return;
    }
    this.#nodes.set(uid, { object, objects });
    for (const owner of owners) {
      this.#owned.set(owner.uid, (this.#owned.get(owner.uid) ?? new Set()).add(uid));
    }
    // What comes while its owner waits is not looked at before something that the owner has goes.
    const isDoubtful = owners.some((owner) => !this.#isKnown(owner, object));
    if (isDoubtful || policies.some((policy) => begins(policy, object, old))) this.#queue.add(uid);
  }

  /** Whether an owner was seen, under the name and in the place in which the object refers to it. */
  #isKnown({ uid, apiVersion, kind, name }: OwnerReference, object: AnyObject): boolean {
    const owner = this.#nodes.get(uid)?.object;
    if (!owner) return false;
    const { namespace = "" } = object.metadata;
    if (owner.metadata.namespace && owner.metadata.namespace !== namespace) {
      const where = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
      const message = `ownerRef ${where} does not exist in namespace "${namespace}"`;
      this.#recorder.event(object, "Warning", "OwnerRefInvalidNamespace", message);
      return false;
    }
    return owner.metadata.name === name && owner.apiVersion === apiVersion && owner.kind === kind;
  }

  #dependentsOf(uid: string): Node[] {
    return [...(this.#owned.get(uid) ?? [])].flatMap((dependent) => this.#nodes.get(dependent) ?? []);
  }

  async #sync(uid: string): Promise<void> {
    const node = this.#nodes.get(uid);
    if (!node) return;
    // As it is now: others may have written since it was seen.
    const object = await node.objects.fetch(node.object.metadata);
    if (object?.metadata.uid !== uid) return;
    if (awaits(orphanFinalizer, object)) await this.#orphan(object, node.objects);
    else if (isTerminating(object)) await this.#finishForeground(object, node.objects);
    else if (ownersOf(object).length > 0) await this.#judge(object, node.objects);
  }

  /** Takes the owner off its dependents, then lets it go. */
  async #orphan(owner: AnyObject, objects: Resource): Promise<void> {
    const { uid } = owner.metadata;
    for (const { object: seen, objects: place } of this.#dependentsOf(uid)) {
      const dependent = await place.fetch(seen.metadata);
      if (dependent?.metadata.uid === seen.metadata.uid) await dropOwners(dependent, place, [uid]);
    }
    await objects.update(withoutFinalizer(owner, orphanFinalizer));
  }

  /** Lets an owner go once no dependent blocks it; until then the dependents are looked at. */
  async #finishForeground(owner: AnyObject, objects: Resource): Promise<void> {
    if (!hasFinalizer(owner, foregroundFinalizer)) return;
    const dependents = this.#dependentsOf(owner.metadata.uid);
    const blocking = dependents.filter(({ object }) => isBlockedBy(ownersOf(object), owner.metadata.uid));
    if (blocking.length === 0) await objects.update(withoutFinalizer(owner, foregroundFinalizer));
    for (const { object } of dependents) if (!isTerminating(object)) this.#queue.add(object.metadata.uid);
  }

  /** Deletes an object whose owners are all gone or waiting for it; drops single references of those that are. */
  async #judge(object: AnyObject, objects: Resource): Promise<void> {
    const owners = ownersOf(object);
    const standings = await Promise.all(owners.map((owner) => this.#standing(owner, object)));
    const uidsOf = (standing: Standing) =>
      owners.filter((_, at) => standings[at] === standing).map(({ uid }) => uid);
    const lost = [...uidsOf("absent"), ...uidsOf("waiting")];
    if (lost.length === 0) return;
    if (lost.length < owners.length) return dropOwners(object, objects, lost);
    const dependents = standings.includes("waiting") ? this.#dependentsOf(object.metadata.uid) : [];
    // One that waits for its dependents, too, may be the owner: neither of them would ever go.
    const isCircle = dependents.some((dependent) => awaits(foregroundFinalizer, dependent.object));
    const judged = isCircle ? await unblockOwners(object, objects) : object;
    await objects.delete(judged, {
      // Somebody may have become its owner meanwhile.
      resourceVersion: judged.metadata.resourceVersion,
      propagation: dependents.length > 0 ? "Foreground" : propagationOf(object),
    });
  }

  async #standing(
    { apiVersion, kind: name, uid, ...owner }: OwnerReference,
    object: AnyObject,
  ): Promise<Standing> {
    const kind = this.#kinds.get(`${apiVersion} ${name}`);
    // A kind that is not served: nobody can say that the owner is gone.
    if (!kind || isOutOfReach(kind, object)) return "present";
    const namespace = kind.namespaced ? object.metadata.namespace : undefined;
    const cached = kind.objects.get(key(namespace, owner.name));
    const found =
      cached?.metadata.uid === uid ? cached : await kind.objects.fetch({ namespace, name: owner.name });
    if (found?.metadata.uid !== uid) return "absent";
    return awaits(foregroundFinalizer, found) ? "waiting" : "present";
  }
}

/** What has no namespace cannot be owned by what has one; nobody can say that such an owner is gone. */
function isOutOfReach({ namespaced }: CollectedKind, { metadata }: AnyObject): boolean {
  return namespaced && metadata.namespace === undefined;
}

function isBlockedBy(owners: OwnerReference[], uid: string): boolean {
  return owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion);
}

/** Being deleted, once its dependents are treated as the finalizer says. */
function awaits(finalizer: string, object: AnyObject): boolean {
  return isTerminating(object) && hasFinalizer(object, finalizer);
}

/** Whether the object has come to wait: a second delete may ask for another policy than the first one. */
function begins(finalizer: string, object: AnyObject, old: AnyObject | undefined): boolean {
  return awaits(finalizer, object) && !(old && awaits(finalizer, old));
}

/** What an object's own finalizers ask for when it is collected. */
function propagationOf(object: AnyObject): NonNullable<PortDeleteOptions["propagation"]> {
  if (hasFinalizer(object, orphanFinalizer)) return "Orphan";
  return hasFinalizer(object, foregroundFinalizer) ? "Foreground" : "Background";
}

async function dropOwners(object: AnyObject, objects: Resource, uids: string[]): Promise<void> {
  const left = ownersOf(object).filter(({ uid }) => !uids.includes(uid));
  if (left.length < ownersOf(object).length) await writeOwners(object, objects, left);
}

async function unblockOwners(object: AnyObject, objects: Resource): Promise<AnyObject> {
  const owners = ownersOf(object).map((owner) => ({ ...owner, blockOwnerDeletion: false }));
  return writeOwners(object, objects, owners);
}

/** Of this very version: an owner that came meanwhile is not to be lost. */
async function writeOwners(
  object: AnyObject,
  objects: Resource,
  owners: OwnerReference[],
): Promise<AnyObject> {
  const { uid, resourceVersion } = object.metadata;
  const ownerReferences = owners.length > 0 ? owners : null;
  return objects.patch(object, { metadata: { uid, resourceVersion, ownerReferences } });
}

export function garbageCollector(context: ControllerContext, kinds: CollectedKind[]): Controller {
  return new GarbageCollector(context, kinds);
}
