import { selects } from "../../kinds/label-selector.js";
import type { AnyObject } from "../../port.js";
import { controllerOf, controllerReference, isRefusal } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import { revisionOf } from "./pod-state.js";

export interface SetRevisions {
  /** All that were there before this sync, oldest first. */
  all: AnyObject[];
  current: AnyObject;
  update: AnyObject;
  collisionCount: number;
}

/** The set's revisions and those that nobody owns, by the set's selector, oldest first. */
export function listRevisions(revisions: Resource, set: AnyObject): AnyObject[] {
  return revisions
    .inNamespace(set.metadata.namespace ?? "")
    .filter(({ metadata }) => selects(set.spec.selector, metadata.labels))
    .filter((revision) => [undefined, set.metadata.uid].includes(controllerOf(revision)?.uid))
    .sort(byAge);
}

function byAge(a: AnyObject, b: AnyObject): number {
  const [first, second] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return (
    a.revision - b.revision || first.localeCompare(second) || a.metadata.name.localeCompare(b.metadata.name)
  );
}

/**
 * Finds or makes the revision of the set's template. Going back to an older, equal template renumbers that revision
 * instead of making a second one.
 */
export async function settleRevisions(revisions: Resource, set: AnyObject): Promise<SetRevisions> {
  const all = listRevisions(revisions, set);
  const data = canonical(dataOf(set));
  const newest = all.at(-1);
  const equal = all.findLast((revision) => canonical(revision.data) === data);
  let collisionCount: number = set.status?.collisionCount ?? 0;
  let update: AnyObject;
  if (equal && equal === newest) {
    update = equal;
  } else if (equal) {
    update = await renumber(revisions, equal, newest?.revision + 1);
  } else {
    const made = await createRevision(revisions, set, (newest?.revision ?? 0) + 1, collisionCount);
    ({ update, collisionCount } = made);
  }
  const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  return { all, current, update, collisionCount };
}

async function renumber(revisions: Resource, revision: AnyObject, number: number): Promise<AnyObject> {
  return await revisions.update({ ...revision, revision: number });
}

async function createRevision(revisions: Resource, set: AnyObject, number: number, collisions: number) {
  const data = dataOf(set);
  const { namespace, name, annotations } = set.metadata;
  const firstHash = hashOf(canonical(data) + collisions);
  for (let collisionCount = collisions; ; collisionCount += 1) {
    const draft = {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name: `${name.slice(0, 223)}-${hashOf(canonical(data) + collisionCount)}`,
        namespace,
        labels: { ...set.spec.template.metadata?.labels, "controller.kubernetes.io/hash": firstHash },
        // All annotations, kubernetes.io/change-cause among them.
        ...(annotations && { annotations }),
        ownerReferences: [controllerReference(set)],
      },
      data,
      revision: number,
    };
    try {
      return { update: await revisions.create(draft), collisionCount };
    } catch (error) {
      if (!isRefusal(error, "AlreadyExists")) throw error;
      const taken = await revisions.fetch({ namespace, name: draft.metadata.name });
      if (taken && canonical(taken.data) === canonical(data)) return { update: taken, collisionCount };
    }
  }
}

/** The set as it was at a revision: revisions hold the pod template and nothing else. */
export function atRevision(set: AnyObject, revision: AnyObject): AnyObject {
  const { $patch: _directive, ...template } = revision.data?.spec?.template ?? {};
  return { ...set, spec: { ...set.spec, template } };
}

/** Deletes the oldest revisions beyond the limit, in which those that are live do not count. */
export async function truncateHistory(
  revisions: Resource,
  set: AnyObject,
  { all, current, update }: SetRevisions,
  pods: AnyObject[],
): Promise<void> {
  const live = new Set([current.metadata.name, update.metadata.name, ...pods.map(revisionOf)]);
  const old = all.filter(({ metadata }) => !live.has(metadata.name));
  const limit: number = set.spec.revisionHistoryLimit ?? 10;
  for (const revision of old.slice(0, Math.max(0, old.length - limit))) await revisions.delete(revision);
}

/** In the order of fields that Go writes: `kubectl rollout undo` compares the bytes of a revision with its own. */
function dataOf(set: AnyObject): object {
  return JSON.parse(canonical({ spec: { template: { ...set.spec.template, $patch: "replace" } } })) as object;
}

/** JSON as Go writes it: keys sorted, and the characters escaped that could end an HTML tag. */
export function canonical(value: unknown): string {
  const sorted = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return sorted.replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** FNV-1 of 32 bits, in the letters that Kubernetes uses for names (`rand.SafeEncodeString`). */
export function hashOf(text: string): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return [...String(hash)].map((digit) => letters[digit.charCodeAt(0) % letters.length]).join("");
}
