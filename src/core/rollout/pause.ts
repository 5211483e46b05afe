import type { StatefulSet } from "../model.js";

/** Where a paused set keeps the partition that `resume` brings back. */
export const pauseAnnotation = "sts/paused";

/** A pause: the partition from before it. */
export interface Pause {
  v: 1;
  partitionBefore: number;
}

/** The pause in force, if there is one. An annotation that cannot be read counts as partition 0 before it. */
export function pauseOf(set: Pick<StatefulSet, "metadata">): Pause | undefined {
  const text = set.metadata.annotations?.[pauseAnnotation];
  if (text === undefined) return undefined;
  try {
    const { partitionBefore } = JSON.parse(text) as Partial<Pause>;
    return { v: 1, partitionBefore: Number.isInteger(partitionBefore) ? Number(partitionBefore) : 0 };
  } catch {
    return { v: 1, partitionBefore: 0 };
  }
}
