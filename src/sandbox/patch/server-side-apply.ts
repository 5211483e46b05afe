import type { SandboxKind } from "../kinds/kind.js";
import { isObject } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import type { AnyObject } from "../port.js";
import { StatusError } from "../store/status.js";
import { childrenOf, compareObjects, elementPath, fieldsNamed, isLeaf, rootType } from "./field-compare.js";
import type { Owned } from "./field-compare.js";
import { fieldsLastApplied, updateLastApplied } from "./last-applied.js";
import { prune } from "./prune.js";
import { FieldSet, pathText } from "./field-set.js";
import { emptyObject, isWriter, ownable, readManaged, writeManaged } from "./managed-fields.js";
import type { Managed } from "./managed-fields.js";

export interface ApplyOptions {
  manager: string;
  /** Takes fields from other managers instead of failing. */
  force: boolean;
  subresource: string;
}

/**
 * What server-side apply makes of `old` (undefined: there is no such object yet) with a configuration: merged, fields
 * that the manager applied before and does not any more taken away, ownership in managedFields. Its time is left to
 * `trackFields`. @throws StatusError 409 naming the managers that own a field which would change.
 */
export function serverSideApply(
  old: AnyObject | undefined,
  applied: AnyObject,
  kind: Pick<SandboxKind, "kind">,
  options: ApplyOptions,
): AnyObject {
  const write = { manager: options.manager, operation: "Apply" as const, subresource: options.subresource };
  const { apiVersion } = applied;
  const managed = old ? managersBefore(old) : [];
  const named = ownable(fieldsNamed(kind.kind, applied), options.subresource);
  let merged = merge(rootType(kind.kind), old, applied) as AnyObject;
  const others = managed.filter((entry) => !isWriter(entry, write, apiVersion));
  const before = managed.find((entry) => isWriter(entry, write, apiVersion));
  const owned = others.reduce((all, { fields }) => all.union(fields), named);
  if (before) merged = prune(kind.kind, merged, before.fields, owned);
  const left = settle(old, merged, kind.kind, others, options);
  merged.metadata = { ...merged.metadata };
  updateLastApplied(options.manager, merged, applied);
  writeManaged(merged, [...left, { ...write, apiVersion, time: before?.time, fields: named }]);
  return merged;
}

/** An object that nobody owns a field of belongs, before it is applied, to whoever made it. */
function managersBefore(old: AnyObject): Managed[] {
  const managed = readManaged(old);
  if (managed.length > 0) return managed;
  const { added, modified } = compareObjects(old.kind, emptyObject(old.kind), old);
  const fields = ownable(added.union(modified), "");
  const entry = { operation: "Update", apiVersion: old.apiVersion, subresource: "", time: undefined };
  return [{ manager: "before-first-apply", ...entry, fields }];
}

/** The other managers' entries after the apply; without force, fields that they own and that change are conflicts. */
function settle(
  old: AnyObject | undefined,
  merged: AnyObject,
  kind: string,
  others: Managed[],
  { force, subresource, manager }: ApplyOptions,
): Managed[] {
  // As they are written: an amount in another form, or an empty map, counts as a change.
  const { added, modified, removed } = compareObjects(kind, old ?? {}, merged);
  const changed = ownable(added.union(modified), subresource);
  const granted = fieldsLastApplied(manager, old, kind);
  const disputed = others.map((entry) => ({
    entry,
    fields: entry.fields.intersection(changed).minus(granted),
  }));
  const conflicts = disputed.filter(({ fields }) => fields.size > 0);
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  return others.map((entry) => ({ ...entry, fields: entry.fields.minus(changed).minus(removed) }));
}

function merge(type: Owned, old: unknown, applied: unknown): unknown {
  if (isLeaf(type) || old === undefined || old === null) return structuredClone(applied);
  if (Array.isArray(old) && Array.isArray(applied)) return mergeLists(type, old, applied);
  if (!isObject(old) || !isObject(applied)) return structuredClone(applied);
  const result: Json = { ...old };
  for (const [part, { type: inner, value }] of childrenOf(type, applied)) {
    const name = part.slice(2);
    result[name] = merge(inner, result[name], value);
  }
  return result;
}

function mergeLists(type: Owned, old: unknown[], applied: unknown[]): unknown[] {
  const result = new Map(old.map((item) => [elementPath(type, item), item]));
  for (const [part, { type: inner, value }] of childrenOf(type, applied))
    result.set(part, merge(inner, result.get(part), value));
  return [...result.values()];
}

function conflictError(conflicts: { entry: Managed; fields: FieldSet }[]): StatusError {
  const causes = conflicts.flatMap(({ entry, fields }) =>
    fields.paths().map((path) => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${managerText(entry)}`,
      field: pathText(path),
    })),
  );
  const texts = conflicts.map(({ entry, fields }) => {
    const paths = fields.paths().map(pathText);
    if (causes.length === 1) return `conflict with ${managerText(entry)}: ${paths[0]}`;
    return `conflicts with ${managerText(entry)}:\n${paths.map((path) => `- ${path}`).join("\n")}`;
  });
  const count = causes.length === 1 ? "1 conflict" : `${causes.length} conflicts`;
  return new StatusError(409, "Conflict", `Apply failed with ${count}: ${texts.join("\n")}`, { causes });
}

function managerText({ manager, operation, apiVersion, subresource }: Managed): string {
  const name = JSON.stringify(manager) + (subresource && ` with subresource ${JSON.stringify(subresource)}`);
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
