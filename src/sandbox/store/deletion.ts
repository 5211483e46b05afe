import { hasEnded } from "../kinds/pod-phase.js";
import type { AnyObject } from "../port.js";
import { timestamp } from "./environment.js";
import { conflict, type Named } from "./status.js";

/** `DeleteOptions` of meta/v1, as far as the sandbox heeds them. */
export interface DeleteOptions {
  gracePeriodSeconds?: number | undefined;
  propagationPolicy?: "Background" | "Foreground" | "Orphan" | undefined;
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
  dryRun?: boolean | undefined;
}

/** What a delete does with an object: it goes at once, is changed and stays for now, or stays as it is. */
export type Deletion = { type: "remove" } | { type: "mark"; object: AnyObject } | { type: "pending" };

/** Throws the API's 409 when the object is not the one that was meant (apiserver's rest.BeforeDelete). */
export function checkPreconditions(kind: Named, { metadata }: AnyObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  // The API names the kind where elsewhere it names the resource.
  const named = { ...kind, resource: kind.kind };
  const mismatch = (what: string, wanted: string, found: string, hint: string) =>
    conflict(
      named,
      metadata.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). ${hint}`,
    );
  if (uid && uid !== metadata.uid) {
    throw mismatch("UID", uid, metadata.uid, "The object might have been deleted and then recreated");
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const hint = "The object might have been modified";
    throw mismatch("ResourceVersion", resourceVersion, metadata.resourceVersion, hint);
  }
}

/** Decides what a delete does: apiserver's `Store.Delete`. `now` is in milliseconds. */
export function planDeletion(kind: Named, old: AnyObject, options: DeleteOptions, now: number): Deletion {
  if (kind.kind === "Namespace" && kind.group === "") return planNamespace(old, now);
  const draft: AnyObject = { ...old, metadata: { ...old.metadata } };
  const grace = kind.kind === "Pod" && kind.group === "" ? beginGrace(draft, old, options, now) : undefined;
  if (grace === "pending") return { type: "pending" };
  const finalizers = withPropagation(old.metadata.finalizers ?? [], options.propagationPolicy);
  if (finalizers.length > 0) draft.metadata.finalizers = finalizers;
  else delete draft.metadata.finalizers;
  if (finalizers.length === 0 && !grace) return { type: "remove" };
  if (grace === undefined) markDeleting(draft, now);
  return { type: "mark", object: draft };
}

/** True when an object that is being deleted waits for nothing more. */
export function isFinished({ kind, metadata, spec }: AnyObject): boolean {
  const waits =
    (metadata.finalizers?.length ?? 0) > 0 || (kind === "Namespace" && spec?.finalizers?.length > 0);
  return metadata.deletionTimestamp !== undefined && !metadata.deletionGracePeriodSeconds && !waits;
}

// A namespace waits for its content: whoever has emptied it takes `kubernetes` off spec.finalizers.
function planNamespace(old: AnyObject, now: number): Deletion {
  if (old.metadata.deletionTimestamp) return isFinished(old) ? { type: "remove" } : { type: "pending" };
  const metadata = { ...old.metadata, deletionTimestamp: timestamp(now) };
  const object = { ...old, metadata, status: { ...old.status, phase: "Terminating" } };
  return isFinished(object) ? { type: "remove" } : { type: "mark", object };
}

/**
 * Pods are given time to end. Returns the seconds that the pod now has, or `pending` when it is on its way already and
 * has not been given less time.
 */
function beginGrace(
  draft: AnyObject,
  old: AnyObject,
  options: DeleteOptions,
  now: number,
): number | "pending" {
  const wanted = options.gracePeriodSeconds;
  const asked = wanted !== undefined && wanted < 0 ? 1 : wanted;
  const { deletionTimestamp, deletionGracePeriodSeconds: current } = old.metadata;
  if (!deletionTimestamp) {
    const ended = !old.spec?.nodeName || hasEnded(old);
    const seconds = ended ? 0 : (asked ?? old.spec?.terminationGracePeriodSeconds ?? 0);
    draft.metadata.deletionTimestamp = timestamp(now + seconds * 1000);
    draft.metadata.deletionGracePeriodSeconds = seconds;
    countUp(draft);
    return seconds;
  }
  if (!current) return 0;
  if (asked === undefined || asked >= current) return "pending";
  const shortened = Date.parse(deletionTimestamp) + (asked - current) * 1000;
  const seconds = shortened < now && asked !== 0 ? 1 : asked;
  draft.metadata.deletionTimestamp = timestamp(Math.max(shortened, now));
  draft.metadata.deletionGracePeriodSeconds = seconds;
  return seconds;
}

function markDeleting(draft: AnyObject, now: number): void {
  if (!draft.metadata.deletionTimestamp) {
    draft.metadata.deletionTimestamp = timestamp(now);
    countUp(draft);
  }
  draft.metadata.deletionGracePeriodSeconds = 0;
}

// Controllers must see that the wish has changed.
function countUp({ metadata }: AnyObject): void {
  if (metadata.generation) metadata.generation += 1;
}

const collectorFinalizers = {
  Orphan: "orphan",
  Foreground: "foregroundDeletion",
  Background: undefined,
} as const;

/** The finalizers by which the garbage collector learns how to treat dependents. Without a policy they stay. */
function withPropagation(finalizers: string[], policy: DeleteOptions["propagationPolicy"]): string[] {
  if (!policy) return finalizers;
  const others = finalizers.filter((finalizer) => !["orphan", "foregroundDeletion"].includes(finalizer));
  const added = collectorFinalizers[policy];
  return added ? [...others, added] : others;
}
