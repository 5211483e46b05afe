import type { AnyObject } from "../port.js";
import { fieldInfo, fieldsOf, typeInfo } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import { childrenOf, fieldsNamed, isLeaf, rootType } from "./field-compare.js";
import type { Owned } from "./field-compare.js";
import { FieldSet } from "./field-set.js";
import type { FieldPath } from "./field-set.js";
import { nobodys } from "./managed-fields.js";

/**
 * Takes away what a manager applied before, `last`, and nobody owns any more (structured-merge-diff `Updater.prune`).
 * `managed`: the fields of all managers after this apply. A struct goes with the last of its fields.
 */
export function prune(kind: string, merged: AnyObject, last: FieldSet, managed: FieldSet): AnyObject {
  const root = rootType(kind);
  const all = withStructs(root, fieldsNamed(kind, merged));
  const before = withStructs(root, last);
  const without = (fields: FieldSet): Json => (removed(root, merged, fields) ?? {}) as Json;
  const named = (object: Json): FieldSet => withStructs(root, fieldsNamed(kind, object));
  // First without all that was applied, then with what is owned, and of what is missing now only what was applied.
  const owned = named(without(before)).union(withStructs(root, managed));
  const kept = named(without(all.minus(owned))).union(new FieldSet(nobodys.map(keyOf)));
  return without(all.minus(kept).intersection(before).minus(structsOf(root, nobodys))) as AnyObject;
}

const keyOf = (path: FieldPath): string => path.join("\u0000");

/** The set with the fields of structs that its paths lead through (`EnsureNamedFieldsAreMembers`). */
function withStructs(root: Owned, set: FieldSet): FieldSet {
  return set.union(structsOf(root, set.paths()));
}

function structsOf(root: Owned, paths: readonly FieldPath[]): FieldSet {
  const structs = new FieldSet();
  for (const path of paths) {
    let type: Owned | undefined = root;
    for (const [index, part] of path.slice(0, -1).entries()) {
      if (type?.shape === "struct") structs.add(keyOf(path.slice(0, index + 1)));
      type = type && typeOf(type, part);
    }
  }
  return structs;
}

function typeOf({ shape, name, element, atomic }: Owned, part: string): Owned | undefined {
  if (shape !== "struct") {
    return { ...typeInfo(element), mapKeys: [], set: false, atomic: shape === "list" && atomic };
  }
  const row = fieldsOf(name)[part.slice(2)];
  return row === undefined ? undefined : fieldInfo(row);
}

/** A copy without the fields of a set. What is left empty is null: it is there for who compares, and not in the end. */
function removed(type: Owned, value: unknown, fields: FieldSet): unknown {
  if (fields.size === 0) return value;
  if (isLeaf(type)) return null;
  const kept = [...childrenOf(type, value)]
    .filter(([part]) => !fields.has(part))
    .map(([part, { type: inner, value: item }]): [string, unknown] => [
      part.slice(2),
      removed(inner, item, fields.below(part)),
    ]);
  if (kept.length === 0) return null;
  return Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}
