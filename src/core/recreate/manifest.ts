import { sameJson } from "../equal.js";
import type { Manifest, StatefulSet } from "../model.js";

/**
 * Marks a set that `sts` has made anew and not yet verified; its value is the UID of the set before it. It goes with the
 * write that ends the recreation.
 */
const remakingAnnotation = "sts/recreating";

/** What a server writes into the metadata of an object by itself, and takes from nobody who creates one. */
const serversOwn = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "managedFields",
] as const;

/** Finalizers by which the garbage collector works: they belong to a deletion, not to the object. */
const deletionsOwn: readonly string[] = ["orphan", "foregroundDeletion"];

/** A set as it is sent to be created: all that the server sent, known to us or not, but what it writes by itself. */
export function manifestOf(set: StatefulSet): Manifest {
  const { status: _told, metadata, ...rest } = set as StatefulSet & { [field: string]: unknown };
  const own: readonly string[] = serversOwn;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([field]) => !own.includes(field)));
  const finalizers = metadata.finalizers?.filter((name) => !deletionsOwn.includes(name));
  delete kept["finalizers"];
  return {
    ...rest,
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { ...kept, name: metadata.name, ...(finalizers?.length ? { finalizers } : {}) },
  };
}

/**
 * The set as it is made at first: replacing no pod by itself, whatever revision its controller makes of the template,
 * until it is seen that it is the one of the pods; and marked, so that it is told from a set that somebody else made.
 */
export function guarded(manifest: Manifest, before: string): Manifest {
  const { annotations } = manifest.metadata as { annotations?: Record<string, string> };
  const metadata = { ...manifest.metadata, annotations: { ...annotations, [remakingAnnotation]: before } };
  const spec = { ...(manifest["spec"] as object), updateStrategy: { type: "OnDelete" } };
  return { ...manifest, metadata, spec };
}

/** Whether a set is one that `guarded` gave, made from the set with this UID. */
export function isGuarded({ metadata }: Pick<StatefulSet, "metadata">, before: string): boolean {
  return metadata.annotations?.[remakingAnnotation] === before;
}

/** Whether a set was made anew and is not verified yet. */
export function isUnverified({ metadata }: Pick<StatefulSet, "metadata">): boolean {
  return metadata.annotations?.[remakingAnnotation] !== undefined;
}

/** The merge patch that takes guard and mark off again. */
export function releasePatch(set: StatefulSet, wanted: Manifest): object {
  const { updateStrategy } = wanted["spec"] as StatefulSet["spec"];
  return {
    metadata: {
      resourceVersion: set.metadata.resourceVersion,
      annotations: { [remakingAnnotation]: null },
    },
    spec: { updateStrategy: updateStrategy ?? { type: "RollingUpdate" } },
  };
}

type ManagedFields = StatefulSet["metadata"]["managedFields"];

/**
 * The merge patch that gives the fields of the new set back to those who had them before it was made anew, so that their
 * next server-side apply finds what is theirs, and takes away what they leave out. Undefined where nothing is to be done,
 * or where somebody but us has written the new set by now.
 */
export function managersPatch(set: StatefulSet, saved: StatefulSet): object | undefined {
  const before = ofSpec(saved.metadata.managedFields);
  const now = ofSpec(set.metadata.managedFields);
  const isOurs = now.every(({ manager, operation }) => manager === "sts" && operation === "Update");
  const isSame = sameJson(before.map(timeless), now.map(timeless));
  if (before.length === 0 || !isOurs || isSame) return undefined;
  const ofStatus = (set.metadata.managedFields ?? []).filter((entry) => entry.subresource === "status");
  const { resourceVersion } = set.metadata;
  return { metadata: { resourceVersion, managedFields: [...before, ...ofStatus] } };
}

function ofSpec(entries: ManagedFields): NonNullable<ManagedFields> {
  return (entries ?? []).filter(({ subresource }) => subresource !== "status");
}

function timeless({ time: _when, ...entry }: NonNullable<ManagedFields>[number]): object {
  return entry;
}
