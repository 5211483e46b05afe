import { messageOf } from "../framework/objects.js";

/** The most that is under way at a time in a Parallel set. */
const largestBatch = 500;

/** What to do with one pod; true ends the walk. */
type Step<Item> = (item: Item) => Promise<boolean>;

/**
 * Takes a step for each item; true when the sync must end here. In order, and only until one says so; or, for a
 * Parallel set, in batches that start with one and double, until one fails.
 */
export async function forEachPod<Item>(items: Item[], inOrder: boolean, step: Step<Item>): Promise<boolean> {
  if (!inOrder) {
    await inBatches(items, step);
    return false;
  }
  for (const item of items) if (await step(item)) return true;
  return false;
}

async function inBatches<Item>(items: Item[], step: Step<Item>): Promise<void> {
  let size = 1;
  for (let at = 0; at < items.length; size = Math.min(size * 2, largestBatch)) {
    const results = await Promise.allSettled(items.slice(at, at + size).map(step));
    const failures = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new Error(`[${[...new Set(failures.map(messageOf))].join(", ")}]`);
    at += size;
  }
}
