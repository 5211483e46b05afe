import type { Claim, Manifest } from "../../model.js";
import { creatorOf } from "../facts.js";
import { bindCompleted, boundByController } from "./volume.js";

export type Owner = NonNullable<Claim["metadata"]["ownerReferences"]>[number];

/** What the server gives every object itself, or what belongs to the deletion of the old one. */
const notSent = [
  ...["uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields"],
  ...["deletionTimestamp", "deletionGracePeriodSeconds", "finalizers", "ownerReferences", "annotations"],
];

/**
 * The saved claim as it is made again: every field that a person or a controller gave it, known to us or not, but none
 * of the old object's own. Without the annotations of the binder: a new claim that says it was bound is Lost for good.
 */
export function restoredManifest(
  { metadata, spec, status: _status, ...rest }: Claim,
  owners: readonly Owner[],
): Manifest {
  const { annotations = {} } = metadata;
  const kept = Object.entries(annotations).filter(
    ([key]) => key !== bindCompleted && key !== boundByController,
  );
  const given = Object.entries(metadata).filter(([field]) => !notSent.includes(field));
  return {
    ...rest,
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...Object.fromEntries(given),
      name: metadata.name,
      ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
      ...(owners.length > 0 && { ownerReferences: owners }),
    },
    spec,
  };
}

/** Of what the API takes as the name of a field manager. */
const managerName = /^[\x20-\x7e]{1,128}$/;

/**
 * In whose name a saved claim is made again: that of who wrote it first. Whose fields they are stays, and so does what
 * tells a claim that a controller made. Undefined where the backup, which is hostile input, does not say.
 */
export function managerOf(claim: Claim): string | undefined {
  const entries: unknown = claim.metadata.managedFields;
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === "object" && entry !== null))
    return undefined;
  const manager: unknown = creatorOf(claim);
  return typeof manager === "string" && managerName.test(manager) ? manager : undefined;
}

/**
 * Whether an owner may own the claim again. A pod never: its set gives a claim to a pod only to have it deleted with
 * that, and would do so again. One that is gone or on its way out would take the claim along.
 */
export function mayOwn(owner: Owner, living: { metadata: Claim["metadata"] } | undefined): boolean {
  if (owner.kind === "Pod" || !living) return false;
  return living.metadata.uid === owner.uid && living.metadata.deletionTimestamp === undefined;
}
