import { podName } from "../identity.js";
import type { Event } from "../model.js";
import type { ClassifiedClaim } from "./classify.js";

/** Since when nothing uses a claim, as well as it can be known. */
export interface Unused {
  /** Milliseconds since the epoch. */
  since: number;
  /**
   * What says so: the `Unused` condition of the claim (1.37 and later), an event of its pod's end (kept for an hour,
   * usually), or, where neither is there, its creation: then it may have been in use until a moment ago.
   */
  by: "condition" | "event" | "creation";
}

/** When each pod was last seen to end: milliseconds by `namespace/pod`. */
export type PodDeletions = ReadonlyMap<string, number>;

/** `delete Pod web-3 in StatefulSet web successful`, capitalised from 1.36 on. */
const deletion = /^delete pod (\S+) in statefulset \S+ successful$/i;

/**
 * Reads the `SuccessfulDelete` events of StatefulSets, and the `Killing` events of pods: no controller tells of a pod
 * that was deleted by hand, or that went with its set. A container that is restarted is killed, too: its pod counts as
 * there until then, at least.
 */
export function podDeletions(events: readonly Event[]): PodDeletions {
  const latest = new Map<string, number>();
  for (const event of events) {
    const killed = event.reason === "Killing" && event.involvedObject.kind === "Pod";
    const pod = killed ? event.involvedObject.name : deletion.exec(event.message ?? "")?.[1];
    const time = Date.parse(
      event.series?.lastObservedTime ??
        event.lastTimestamp ??
        event.eventTime ??
        event.metadata.creationTimestamp,
    );
    if (pod === undefined || Number.isNaN(time)) continue;
    const key = `${event.involvedObject.namespace ?? event.metadata.namespace}/${pod}`;
    latest.set(key, Math.max(latest.get(key) ?? 0, time));
  }
  return latest;
}

/** `now` counts where the condition still says "used" though no pod is there: it was, a moment ago. */
export function unusedSince(classified: ClassifiedClaim, deletions: PodDeletions, now: number): Unused {
  const { claim, set, ordinal } = classified;
  if (claim.unusedSince !== undefined) return { since: Date.parse(claim.unusedSince), by: "condition" };
  if (claim.markedUsed) return { since: now, by: "condition" };
  const created = Date.parse(claim.createdAt);
  const pod = set === undefined || ordinal === undefined ? undefined : podName(set, ordinal);
  const deleted = pod === undefined ? undefined : deletions.get(`${claim.namespace}/${pod}`);
  if (deleted !== undefined && deleted >= created) return { since: deleted, by: "event" };
  return { since: created, by: "creation" };
}

/** Whether its age has to be looked for in events. */
export function needsEvents({ claim }: ClassifiedClaim): boolean {
  return claim.unusedSince === undefined && !claim.markedUsed;
}

/**
 * The same of any claim: undefined for one in use, and for one that is kept for its pod, which may be back at any
 * moment, unless its condition tells.
 */
export function idleSince(
  classified: ClassifiedClaim,
  deletions: PodDeletions,
  now: number,
): Unused | undefined {
  const { claim, state } = classified;
  if (isKept(classified) && (state === "in-use" || claim.unusedSince === undefined)) return undefined;
  return unusedSince(classified, deletions, now);
}

/** Whether `idleSince` would have to look in events. */
export function idlenessNeedsEvents(classified: ClassifiedClaim): boolean {
  return !isKept(classified) && needsEvents(classified);
}

function isKept({ state }: ClassifiedClaim): boolean {
  return state === "in-use" || state === "reserved";
}
