import type { Cluster } from "../../cluster/cluster.js";
import { ApiError, isApiError } from "../../cluster/errors.js";
import { isCore } from "../../core/manifest/bundle.js";
import type { KubeObject } from "../../core/model.js";
import type { LocatedObject } from "./plan.js";

const atOnce = 8;
/** A namespace that every cluster has: where objects of a namespace to come are tried. */
const standIn = "default";

/** Runs an action for every item, a few at a time; the results are in the order of the items. */
export async function inBatches<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(action))));
  }
  return results;
}

/** How the objects of a bundle are looked at one by one. */
export interface Check<Result> {
  check(object: LocatedObject): Promise<Result>;
  /** For an object whose Namespace is still to come. */
  checkElsewhere(object: LocatedObject): Promise<Result>;
  /** Whether this answer means that the object, a Namespace, is still to come. */
  isNew(result: Result): boolean;
}

/**
 * Checks every object of a bundle. In a Namespace that is itself to be created objects would be NotFound, so those are
 * checked elsewhere. The results are in the order of the objects.
 */
export async function checkBundle<Result>(
  objects: readonly LocatedObject[],
  { check, checkElsewhere, isNew }: Check<Result>,
): Promise<Result[]> {
  const results = new Map<LocatedObject, Result>();
  const coming = new Set<string>();
  const isNamespace = ({ manifest }: LocatedObject): boolean => isCore(manifest, "Namespace");
  const run = async (object: LocatedObject): Promise<void> => {
    const { name, namespace = "" } = object.manifest.metadata;
    const isHomeless = object.kind.namespaced && coming.has(namespace);
    const result = await (isHomeless ? checkElsewhere(object) : check(object));
    if (isNamespace(object) && isNew(result)) coming.add(name);
    results.set(object, result);
  };
  await inBatches(objects.filter(isNamespace), run);
  await inBatches(
    objects.filter((object) => !isNamespace(object)),
    run,
  );
  return objects.flatMap((object) => results.get(object) ?? []);
}

/** What the server says of an object that is to be created, without creating it. Throws an ApiError. */
export function tryCreate(
  cluster: Cluster,
  { kind, manifest }: LocatedObject,
  fieldManager: string,
): Promise<KubeObject> {
  return cluster.create(kind, manifest, { dryRun: true, fieldManager, fieldValidation: "Strict" });
}

/**
 * The same for an object whose Namespace is still to come, tried in another one: what that one says about rights,
 * quotas and names is of no interest.
 */
export async function tryElsewhere(
  cluster: Cluster,
  object: LocatedObject,
  fieldManager: string,
): Promise<KubeObject> {
  const { metadata } = object.manifest;
  const manifest = { ...object.manifest, metadata: { ...metadata, namespace: standIn } };
  try {
    const answer = await tryCreate(cluster, { ...object, manifest }, fieldManager);
    return { ...answer, metadata: { ...answer.metadata, ...metadata } };
  } catch (error) {
    if (!isAboutObject(error) || [400, 422].includes(error.code)) throw error;
    return { ...object.manifest } as unknown as KubeObject;
  }
}

/** Whether the server's answer is about the object that was sent, and not about the connection or the server itself. */
export function isAboutObject(error: unknown): error is ApiError {
  if (!isApiError(error)) return false;
  // Server-side apply refuses what does not fit the schema with a 500.
  const isUntyped = error.code === 500 && error.status.message.includes("typed patch object");
  return isUntyped || [400, 403, 404, 409, 413, 422].includes(error.code);
}
