import type { ControllerRevision, StatefulSet } from "../model.js";

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
