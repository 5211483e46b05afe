import { isDeepStrictEqual } from "node:util";
import { isObject } from "../kinds/schema.js";

/** Tells the elements of a list apart: by the value of a key, or by themselves where `mergeKey` is empty. */
function sameElement(a: unknown, b: unknown, mergeKey: string): boolean {
  if (mergeKey && isObject(a) && isObject(b)) return isDeepStrictEqual(a[mergeKey], b[mergeKey]);
  return isDeepStrictEqual(a, b);
}

export function indexOf(list: readonly unknown[], element: unknown, mergeKey: string): number {
  return list.findIndex((one) => sameElement(one, element, mergeKey));
}

/**
 * Brings the elements of a merged list into the order that a strategic merge patch asks for: those that the patch
 * names in its order, the others where they were on the server as far as that can be kept
 * (apimachinery, strategicpatch `normalizeElementOrder`).
 */
export function inPatchOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const at = (list: readonly unknown[], element: unknown): number => indexOf(list, element, mergeKey);
  const byOrder = (order: readonly unknown[]) => (a: unknown, b: unknown) => at(order, a) - at(order, b);
  const named = merged.filter((one) => at(patchOrder, one) >= 0).sort(byOrder(patchOrder));
  const others = merged.filter((one) => at(patchOrder, one) < 0).sort(byOrder(serverOrder));
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [other, name] = [at(serverOrder, others[0]), at(serverOrder, named[0])];
    result.push(other >= 0 && name >= 0 && other < name ? others.shift() : named.shift());
  }
  return [...result, ...named, ...others];
}
