import { UsageError } from "../core/errors.js";
import { parseQuantity } from "../core/quantity.js";
import { parseRelaxedPath, walk } from "./jsonpath.js";

/** Orders objects by what a path finds in each, as `--sort-by` does. Objects without it come first. */
export function sortBy<T>(objects: readonly T[], expression: string): T[] {
  const path = parseRelaxedPath(expression);
  const keyed = objects.map((object) => ({ object, key: walk(path, [object])[0] }));
  return keyed.toSorted((a, b) => compareKeys(a.key, b.key)).map(({ object }) => object);
}

/** Numbers as numbers, quantities by amount, other text with its numbers counted (`web-2` before `web-10`). */
function compareKeys(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [amount(a), amount(b)];
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function amount(key: unknown): bigint | undefined {
  try {
    return parseQuantity(String(key)).nano;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
