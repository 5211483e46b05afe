import { fieldInfo, fieldsOf, isObject, typeInfo } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import { StatusError, badRequest } from "../store/status.js";
import { inPatchOrder, indexOf } from "./element-order.js";
import { goText } from "./go-text.js";

const order = "$setElementOrder/";
const fromPrimitives = "$deleteFromPrimitiveList/";
const directives = ["$patch", "$retainKeys"];

function failed(message: string): StatusError {
  return new StatusError(500, "", message);
}

/** A strategic merge patch of an object of the struct `type`; neither argument is changed. */
export function strategicMergePatch(type: string, target: Json, patch: Json): Json {
  return mergeObjects(type, target, patch) ?? {};
}

/** Undefined where the patch deletes the object. */
function mergeObjects(type: string, target: Json, patch: Json): Json | undefined {
  const { $patch: directive, $retainKeys: retained } = patch;
  if (directive === "replace") return withoutDirectives(patch);
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "merge")
    throw failed(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  const result: Json = { ...target };
  if (Array.isArray(retained)) retainKeys(result, patch, retained);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(fromPrimitives)) deleteValues(result, key.slice(fromPrimitives.length), value);
    else if (!directives.includes(key) && !key.startsWith(order)) mergeField(type, result, key, value);
  }
  for (const [key, value] of Object.entries(patch))
    if (key.startsWith(order) && Array.isArray(value))
      setOrder(type, result, target, patch, key.slice(order.length));
  return result;
}

function retainKeys(result: Json, patch: Json, retained: unknown[]): void {
  const sent = Object.keys(patch).filter((key) => !key.startsWith("$") && patch[key] !== null);
  if (sent.some((key) => !retained.includes(key))) throw badRequest("invalid patch format of retainKeys");
  for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
}

function deleteValues(result: Json, field: string, values: unknown): void {
  if (Array.isArray(result[field]) && Array.isArray(values))
    result[field] = result[field].filter((value: unknown) => !values.includes(value));
}

interface Shape {
  /** The struct of an object, or of the elements of a list or a map. */
  type: string;
  mergeKey: string | undefined;
  replace?: boolean;
}

function shapeOf(type: string, field: string): Shape {
  const owner = typeInfo(type);
  if (owner.shape === "map") return { type: owner.element.replace("*", ""), mergeKey: undefined };
  const row = fieldsOf(owner.name)[field];
  if (row === undefined) return { type: "", mergeKey: undefined };
  const { shape, name, element, mergeKey, replace } = fieldInfo(row);
  return { type: shape === "list" ? element.replace("*", "") : name, mergeKey, replace };
}

function mergeField(owner: string, result: Json, field: string, value: unknown): void {
  const { type, mergeKey, replace } = shapeOf(owner, field);
  const current: unknown = result[field];
  if (value === null) delete result[field];
  else if (isObject(value))
    result[field] =
      isObject(current) && !replace ? mergeObjects(type, current, value) : withoutDirectives(value);
  else if (Array.isArray(value) && mergeKey !== undefined)
    result[field] = mergeLists(type, Array.isArray(current) ? current : [], value, mergeKey);
  else result[field] = structuredClone(value);
}

function mergeLists(type: string, current: unknown[], patch: unknown[], mergeKey: string): unknown[] {
  checkElements(current, patch, mergeKey);
  if (patch.some((item) => isObject(item) && item.$patch === "replace"))
    return patch.filter((item) => !isObject(item) || item.$patch !== "replace").map(withoutDirectives);
  const isDelete = (item: unknown): boolean => isObject(item) && item.$patch === "delete";
  const deletions = patch.filter(isDelete);
  const additions = patch.filter((item) => !isDelete(item));
  const kept = current.filter((item) => indexOf(deletions, item, mergeKey) < 0);
  const merged = [...kept];
  for (const item of additions) {
    const at = indexOf(merged, item, mergeKey);
    const found = merged[at];
    if (at < 0) merged.push(withoutDirectives(item));
    else if (isObject(found) && isObject(item)) merged[at] = mergeObjects(type, found, item);
  }
  return inPatchOrder(merged, additions, kept, mergeKey);
}

function checkElements(current: unknown[], patch: unknown[], mergeKey: string): void {
  const kinds = new Set([...current, ...patch].map((item) => (Array.isArray(item) ? "array" : typeof item)));
  if (kinds.size > 1)
    throw failed(`list element types are not identical: [${goText(current)} ${goText(patch)}]`);
  if (!mergeKey) return;
  const keyless = patch.find(
    (item) => isObject(item) && item[mergeKey] === undefined && item.$patch !== "replace",
  );
  if (keyless) throw failed(`map: ${goText(keyless)} does not contain declared merge key: ${mergeKey}`);
}

/** Arranges a list as `$setElementOrder/LIST` has it. */
function setOrder(type: string, result: Json, target: Json, patch: Json, field: string): void {
  const wanted: unknown[] = patch[order + field];
  const { mergeKey = "" } = shapeOf(type, field);
  const sent: unknown[] = Array.isArray(patch[field]) ? patch[field] : [];
  const named = sent.filter((item) => !isObject(item) || item.$patch === undefined);
  const places = named.map((item) => indexOf(wanted, item, mergeKey));
  if (places.some((place, at) => place < 0 || place < (places[at - 1] ?? 0)))
    throw failed(
      `The order in patch list:\n${goText(sent)}\n doesn't match $setElementOrder list:\n${goText(wanted)}\n`,
    );
  if (Array.isArray(result[field]))
    result[field] = inPatchOrder(
      result[field],
      wanted,
      Array.isArray(target[field]) ? target[field] : [],
      mergeKey,
    );
}

/** What is left of a patch where there is nothing to merge it with: no directives, no nulls. */
function withoutDirectives<T>(value: T): T {
  if (Array.isArray(value))
    return value.filter((item) => !isObject(item) || !("$patch" in item)).map(withoutDirectives) as T;
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      item !== null && !directives.includes(key) && !key.startsWith(order) && !key.startsWith(fromPrimitives),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutDirectives(item)])) as T;
}
