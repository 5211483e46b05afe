import { fieldInfo, fieldsOf, isObject, typeInfo } from "../kinds/schema.js";
import type { FieldInfo, Json } from "../kinds/schema.js";
import { sameJson } from "../store/json.js";
import { FieldSet, inside } from "./field-set.js";

/** What an owner of fields needs to know of a type: whether it is owned as a whole, and how its elements are told apart. */
export type Owned = Pick<FieldInfo, "shape" | "name" | "element" | "mapKeys" | "set" | "atomic">;

/** The type of a whole object of a kind. */
export function rootType(kind: string): Owned {
  return { ...typeInfo(kind), mapKeys: [], set: false, atomic: false };
}

/** True for what is owned as a whole: scalars, lists without keys, and structs and maps marked atomic. */
export function isLeaf({ shape, mapKeys, set, atomic }: Owned): boolean {
  if (shape === "list") return mapKeys.length === 0 && !set;
  return (shape !== "struct" && shape !== "map") || atomic;
}

/** What is inside a value that is no leaf, by path element. Fields that the schema does not know are left out. */
export function childrenOf(type: Owned, value: unknown): Map<string, { type: Owned; value: unknown }> {
  const children = new Map<string, { type: Owned; value: unknown }>();
  if (type.shape === "list" && Array.isArray(value)) {
    // The marker "atomic" of a list with keys is about its elements.
    const element: Owned = { ...typeInfo(type.element), mapKeys: [], set: false, atomic: type.atomic };
    for (const item of value) children.set(elementPath(type, item), { type: element, value: item });
  } else if (type.shape === "map" && isObject(value)) {
    const element: Owned = { ...typeInfo(type.element), mapKeys: [], set: false, atomic: false };
    for (const [key, item] of Object.entries(value)) children.set(`f:${key}`, { type: element, value: item });
  } else if (isObject(value)) {
    const rows = fieldsOf(type.name);
    for (const [key, item] of Object.entries(value)) {
      const row = rows[key];
      if (row !== undefined && item !== undefined)
        children.set(`f:${key}`, { type: fieldInfo(row), value: item });
    }
  }
  return children;
}

/** How a list tells this element apart. */
export function elementPath({ mapKeys, element }: Owned, item: unknown): string {
  if (mapKeys.length === 0 || !isObject(item)) return `v:${JSON.stringify(item)}`;
  const keys: Json = {};
  const rows = fieldsOf(typeInfo(element).name);
  for (const key of [...mapKeys].sort()) {
    const row = rows[key];
    keys[key] = item[key] ?? (row === undefined ? undefined : fieldInfo(row).default);
  }
  return `k:${JSON.stringify(keys)}`;
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** How two objects of a kind differ, field by field (structured-merge-diff `Compare`). */
export function compareObjects(kind: string, before: unknown, after: unknown): Comparison {
  const result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compare(rootType(kind), before, after, "", result);
  return result;
}

function compare(type: Owned, before: unknown, after: unknown, path: string, result: Comparison): void {
  if (before === undefined && path !== "") result.added.add(path);
  else if (after === undefined && path !== "") result.removed.add(path);
  // Most of what is written is as it was.
  else if (sameJson(before, after)) return;
  else if (isLeaf(type)) result.modified.add(path);
  if (isLeaf(type)) return;
  const [old, now] = [childrenOf(type, before), childrenOf(type, after)];
  for (const [part, child] of now)
    compare(child.type, old.get(part)?.value, child.value, inside(path, part), result);
  for (const [part, child] of old)
    if (!now.has(part)) compare(child.type, child.value, undefined, inside(path, part), result);
}

/** The fields that an applied configuration names: leaves, elements of lists, keys of maps. */
export function fieldsNamed(kind: string, object: unknown): FieldSet {
  const set = new FieldSet();
  const walk = (type: Owned, value: unknown, path: string): void => {
    if (isLeaf(type)) return set.add(path);
    for (const [part, child] of childrenOf(type, value)) {
      const inner = inside(path, part);
      const empty = child.value === null || (isObject(child.value) && Object.keys(child.value).length === 0);
      if (empty || type.shape === "map" || type.shape === "list") set.add(inner);
      walk(child.type, child.value, inner);
    }
  };
  walk(rootType(kind), object, "");
  return set;
}
