import { setOf } from "./names.js";
import type { Entry } from "./observer.js";
import type { SetName } from "./operations.js";

/**
 * What came and went in one step, per set, as far as its order is no chance. Of a set that works in order: all its pods.
 * Of one that works in parallel, and where a set is deleted: each pod for itself. Of claims each for itself: those of one
 * pod are made in any order, and the garbage collector has none.
 */
export function orderOf(trace: Entry[], isInOrder: (set: SetName) => boolean): Record<string, string[]> {
  const order: Record<string, string[]> = {};
  for (const { sign, kind, name, revision } of trace) {
    const set = kind === "pod" ? setOf(name) : undefined;
    const group = set && isInOrder(set) ? `pods of ${set}` : `${kind} ${name}`;
    (order[group] ??= []).push(`${sign}${name}${sign === "+" && revision ? ` at ${revision}` : ""}`);
  }
  return order;
}
