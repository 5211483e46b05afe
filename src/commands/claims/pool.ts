/** How many claims are worked on at a time, unless fewer are asked for. */
export const mostAtATime = 32;

/** Runs `work` on every item, so many at a time. A failure stops the start of further work, and is thrown at the end. */
export async function inPool<Item>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const pending = [...items].reverse();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = pending.pop(); item !== undefined && failures.length === 0; item = pending.pop()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
