import type { AnyObject, OwnerReference } from "../../port.js";

/** `namespace/name`, or the name alone where there is no namespace: what work queues count by. */
export function keyOf(object: AnyObject): string {
  return key(object.metadata.namespace, object.metadata.name);
}

export function key(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

export function ownersOf(object: AnyObject): OwnerReference[] {
  return object.metadata.ownerReferences ?? [];
}

/** The owner that manages the object; the API allows one at most. */
export function controllerOf(object: AnyObject): OwnerReference | undefined {
  return ownersOf(object).find((owner) => owner.controller);
}

/** As `metav1.NewControllerRef` makes it. */
export function controllerReference({ apiVersion, kind, metadata }: AnyObject): OwnerReference {
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export function isTerminating(object: AnyObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export function hasFinalizer(object: AnyObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** A copy without `finalizer`, ready to be written back. */
export function withoutFinalizer(object: AnyObject, finalizer: string): AnyObject {
  const finalizers = object.metadata.finalizers?.filter((name) => name !== finalizer) ?? [];
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

/** True for a refusal with this reason of the API's Status: `NotFound`, `Conflict`, `AlreadyExists` … */
export function isRefusal(error: unknown, reason: string): boolean {
  return error instanceof Error && "reason" in error && error.reason === reason;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `maxUnavailable: 2` or `"25%"` as a number of `total`. */
export function scaled(value: number | string, total: number, round: (share: number) => number): number {
  return typeof value === "number" ? value : round((Number.parseInt(value, 10) * total) / 100);
}
