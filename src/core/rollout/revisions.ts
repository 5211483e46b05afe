import type { ControllerRevision, StatefulSet } from "../model.js";
import { sameJson } from "../equal.js";
import { isObserved } from "../revision.js";

/** The set's own revisions, lowest number first: those that it controls (`ListControllerRevisions`). */
export function revisionsOf(set: StatefulSet, all: readonly ControllerRevision[]): ControllerRevision[] {
  return all
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === set.metadata.uid),
    )
    .sort((left, right) => left.revision - right.revision);
}

/** The pod template that a revision keeps; its data is `{"spec":{"template":{…,"$patch":"replace"}}}`. */
export function templateOf({ data }: ControllerRevision): object | undefined {
  const { template } = (data as { spec?: { template?: Record<string, unknown> } } | undefined)?.spec ?? {};
  if (!template) return undefined;
  const { $patch: _directive, ...kept } = template;
  return kept;
}

/** The same as a part of a strategic merge patch, below `spec.template`: it replaces the template as a whole. */
export function templateReplacement(revision: ControllerRevision): object | undefined {
  const template = templateOf(revision);
  return template && { ...template, $patch: "replace" };
}

/**
 * Whether the set's template is the one that a revision keeps. Of a set whose spec the controller has seen, the status
 * names it: templates that were kept by an older server may lack fields that a newer one sets by default.
 */
export function isAtRevision(set: StatefulSet, revision: ControllerRevision): boolean {
  const { updateRevision } = set.status ?? {};
  if (updateRevision && isObserved(set)) return updateRevision === revision.metadata.name;
  return sameJson(withoutNulls(templateOf(revision)), withoutNulls(set.spec.template));
}

/** A server's JSON without its nulls, in the same order: up to 1.33 `creationTimestamp: null` is in every template. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutNulls(field)]));
}
