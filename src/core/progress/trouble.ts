import type { Pod } from "../model.js";
import { containerStatuses, type ContainerStatus } from "../pod-state.js";
import type { Reason } from "./reasons.js";
import type { Snapshot } from "./snapshot.js";
import type { Standing } from "./standing.js";

/** What keeps a pod from getting ready. */
export interface Trouble {
  reason: Reason;
  /** After the pod's name: `crashes on start (exit code 1, 4 restarts)`. */
  words: string;
  /**
   * From when on it counts as not healing by itself, by the server's clock in milliseconds; `Infinity` for what may
   * always heal.
   */
  fatalFrom: number;
  /** When it is over though nothing happens, by the same clock; left out where that is not known. */
  until?: number;
  /** The container it is about, for `kubectl logs -c`. */
  container?: string;
}

/** A rule: what is wrong with the pod of an ordinal, if it is this. */
export type Rule = (pod: Pod, snapshot: Snapshot, standing: Standing) => Trouble | undefined;

export const always = -Infinity;

/** The first of a pod's containers for which `find` has an answer. */
export function firstContainer<T>(
  pod: Pod,
  find: (container: ContainerStatus) => T | undefined,
): T | undefined {
  for (const container of containerStatuses(pod)) {
    const found = find(container);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** When the pod was bound to its node, or made, in milliseconds. */
export function scheduledAt({ status, metadata }: Pod): number {
  const bound = status?.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "True");
  return Date.parse(bound?.lastTransitionTime ?? metadata.creationTimestamp);
}

/** The last line's worth of a long message. */
export function shorten(text: string, length = 160): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
