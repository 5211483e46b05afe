import type { AnyObject } from "../../port.js";
import { isTerminating } from "../framework/objects.js";

export const revisionLabel = "controller-revision-hash";

/** The number that the pod's name ends in, or -1. */
export function ordinalOf({ metadata }: AnyObject): number {
  const digits = /-(\d+)$/.exec(metadata.name)?.[1];
  const ordinal = Number(digits ?? -1);
  return ordinal < 2 ** 31 ? ordinal : -1;
}

export function revisionOf({ metadata }: AnyObject): string {
  return metadata.labels?.[revisionLabel] ?? "";
}

/** The server gives every pod a phase, so one without is only a draft. */
export function isCreated(pod: AnyObject): boolean {
  return Boolean(pod.status?.phase);
}

export function isPending(pod: AnyObject): boolean {
  return pod.status?.phase === "Pending";
}

function readyCondition(pod: AnyObject): { lastTransitionTime?: string } | undefined {
  const conditions: { type: string; status: string; lastTransitionTime?: string }[] =
    pod.status?.conditions ?? [];
  return conditions.find(({ type, status }) => type === "Ready" && status === "True");
}

export function isRunningAndReady(pod: AnyObject): boolean {
  return pod.status?.phase === "Running" && readyCondition(pod) !== undefined;
}

/** When a set's pods are looked at, and how long they must have been ready by then: both in milliseconds. */
export interface Availability {
  now: number;
  minReady: number;
}

/** Milliseconds until the pod has been Ready for `minReady`: 0 when it has been, undefined when it is not Ready. */
export function availableIn(pod: AnyObject, { minReady, now }: Availability): number | undefined {
  const ready = readyCondition(pod);
  if (!ready) return undefined;
  if (minReady === 0) return 0;
  const since = Date.parse(ready.lastTransitionTime ?? "");
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReady - now);
}

export function isAvailable(pod: AnyObject, when: Availability): boolean {
  return availableIn(pod, when) === 0;
}

export function isUnavailable(pod: AnyObject, when: Availability): boolean {
  return !isAvailable(pod, when) || isTerminating(pod);
}
