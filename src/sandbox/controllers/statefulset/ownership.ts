import { selects } from "../../kinds/label-selector.js";
import type { AnyObject } from "../../port.js";
import {
  controllerOf,
  controllerReference,
  isRefusal,
  isTerminating,
  ownersOf,
} from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import { isMember } from "./identity.js";
import { listRevisions } from "./revisions.js";

/** The resources that a set's belongings live in. */
export interface Belongings {
  sets: Resource;
  pods: Resource;
  revisions: Resource;
}

/** Takes the revisions that nobody owns and the set's selector finds: left by an orphan delete. */
export async function adoptRevisions({ sets, revisions }: Belongings, set: AnyObject): Promise<void> {
  const orphans = listRevisions(revisions, set).filter((revision) => !controllerOf(revision));
  if (orphans.length === 0) return;
  await checkMayAdopt(sets, set);
  for (const revision of orphans) {
    await revisions.patch(revision, { metadata: adoption(revision, set) });
  }
}

/** The set's pods, after orphans were adopted and those that the selector does not find any more were released. */
export async function claimPods({ sets, pods }: Belongings, set: AnyObject): Promise<AnyObject[]> {
  const claimed: AnyObject[] = [];
  for (const pod of pods.inNamespace(set.metadata.namespace ?? "")) {
    const controller = controllerOf(pod);
    if (controller && controller.uid !== set.metadata.uid) continue;
    const matches = selects(set.spec.selector, pod.metadata.labels) && isMember(set, pod);
    if (controller && matches) claimed.push(pod);
    else if (controller && !isTerminating(set)) await release(pods, pod, set);
    else if (!controller && matches && !isTerminating(set) && !isTerminating(pod)) {
      await checkMayAdopt(sets, set);
      const adopted = await unlessGone(pods.patch(pod, { metadata: adoption(pod, set) }));
      if (adopted) claimed.push(adopted);
    }
  }
  return claimed;
}

/** A set that was deleted in the meantime adopts nothing (#42639). */
async function checkMayAdopt(sets: Resource, set: AnyObject): Promise<void> {
  const { namespace, name, uid, deletionTimestamp } = set.metadata;
  const fresh = await sets.fetch(set.metadata);
  if (fresh?.metadata.uid !== uid) throw new Error(`original StatefulSet ${namespace}/${name} is gone`);
  if (isTerminating(fresh))
    throw new Error(`${namespace}/${name} has just been deleted at ${deletionTimestamp}`);
}

function adoption(object: AnyObject, set: AnyObject): object {
  return { uid: object.metadata.uid, ownerReferences: [...ownersOf(object), controllerReference(set)] };
}

async function release(pods: Resource, pod: AnyObject, set: AnyObject): Promise<void> {
  const left = ownersOf(pod).filter(({ uid }) => uid !== set.metadata.uid);
  const metadata = { uid: pod.metadata.uid, ownerReferences: left.length > 0 ? left : null };
  await unlessGone(pods.patch(pod, { metadata }));
}

async function unlessGone<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isRefusal(error, "NotFound")) return undefined;
    throw error;
  }
}
