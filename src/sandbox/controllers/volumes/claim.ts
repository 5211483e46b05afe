import { hasEnded } from "../../kinds/pod-phase.js";
import type { AnyObject } from "../../port.js";
import { isTerminating, key, keyOf } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";

/** The annotations that the binder, the scheduler and the provisioners talk by (component-helpers `storage/volume`). */
export const bindCompleted = "pv.kubernetes.io/bind-completed";
export const boundByController = "pv.kubernetes.io/bound-by-controller";
export const provisionedBy = "pv.kubernetes.io/provisioned-by";
export const selectedNode = "volume.kubernetes.io/selected-node";
export const storageProvisioner = "volume.kubernetes.io/storage-provisioner";
export const betaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
const betaClass = "volume.beta.kubernetes.io/storage-class";
const defaultClassMarks = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

export function annotation(object: AnyObject, name: string): string | undefined {
  return object.metadata.annotations?.[name];
}

export function withAnnotations(object: AnyObject, annotations: Record<string, string>): AnyObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}

/** The class of a claim or of a volume; empty for none. */
export function classOf(object: AnyObject): string {
  return annotation(object, betaClass) ?? object.spec.storageClassName ?? "";
}

/** False when nothing is said of a class: such a claim gets the default one, also later on. */
export function saysClass(claim: AnyObject): boolean {
  return annotation(claim, betaClass) !== undefined || claim.spec.storageClassName !== undefined;
}

/** The newest of the classes that are marked as default. */
export function defaultClass(classes: Resource): AnyObject | undefined {
  const marked = classes
    .all()
    .filter((each) => defaultClassMarks.some((mark) => annotation(each, mark) === "true"));
  const age = ({ metadata }: AnyObject) => metadata.creationTimestamp;
  const byAge = (a: AnyObject, b: AnyObject) =>
    age(b).localeCompare(age(a)) || a.metadata.name.localeCompare(b.metadata.name);
  return marked.sort(byAge)[0];
}

/** True when the claim's volume is chosen or made only once a pod that uses it has a node. */
export function waitsForConsumer(claim: AnyObject, classes: Resource): boolean {
  return classes.get(classOf(claim))?.volumeBindingMode === "WaitForFirstConsumer";
}

export function claimRefKey({ spec }: AnyObject): string | undefined {
  return spec.claimRef && key(spec.claimRef.namespace, spec.claimRef.name);
}

/** Whether the volume is bound or reserved for the claim; without a UID in its claimRef the name decides. */
export function isMeantFor(volume: AnyObject, claim: AnyObject): boolean {
  const { claimRef } = volume.spec;
  if (claimRefKey(volume) !== keyOf(claim)) return false;
  return !claimRef.uid || claimRef.uid === claim.metadata.uid;
}

/** The keys of the claims that a pod mounts. */
export function claimsOfPod(pod: AnyObject): string[] {
  const volumes: AnyObject[] = pod.spec.volumes ?? [];
  const names = volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    ephemeral ? `${pod.metadata.name}-${String(name)}` : (persistentVolumeClaim?.claimName ?? []),
  );
  return names.map((name: string) => key(pod.metadata.namespace, name));
}

/** Over, or being deleted with no container left running. */
export function isPodDone(pod: AnyObject): boolean {
  const statuses: AnyObject[] = pod.status?.containerStatuses ?? [];
  return hasEnded(pod) || (isTerminating(pod) && !statuses.some(({ state }) => state?.running));
}
