import { parsePodName } from "../identity.js";
import type { Claim, Event, Pod, StatefulSet } from "../model.js";
import { selects } from "../selector.js";

/** All that is known of one set at one moment. Made by `takeSnapshot`, so that every part has one order. */
export interface Snapshot {
  readonly namespace: string;
  readonly name: string;
  /** Undefined before the set is there, or after it has gone. */
  readonly set: StatefulSet | undefined;
  /** The set's pods by ordinal, lowest first. */
  readonly pods: ReadonlyMap<number, Pod>;
  /** Claims of the namespace by name; empty where none were read. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** Events about the set, its pods and its claims; oldest first. */
  readonly events: readonly Event[];
  /** Now by the server's clock, in milliseconds since the epoch. */
  readonly now: number;
}

/** What a snapshot is made of, in any order; things of other sets may be among it. */
export interface Observation {
  namespace: string;
  name: string;
  /** The set's UID, also when the set is gone: its pods are known by it. */
  uid: string | undefined;
  set: StatefulSet | undefined;
  pods: Iterable<Pod>;
  claims: Iterable<Claim>;
  events: Iterable<Event>;
  now: number;
}

/** Picks out what belongs to the set and puts it in order, so that no decision depends on the order of arrival. */
export function takeSnapshot(observation: Observation): Snapshot {
  const { namespace, name, set, now } = observation;
  const own = [...observation.pods]
    .filter((pod) => belongs(pod, observation))
    .map((pod) => [parsePodName(pod.metadata.name)?.ordinal ?? -1, pod] as const)
    .sort(([left], [right]) => left - right);
  const claims = [...observation.claims]
    .filter((claim) => claim.metadata.namespace === namespace)
    .map((claim) => [claim.metadata.name, claim] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const events = [...observation.events].filter((event) => concerns(event, observation)).sort(byTime);
  return { namespace, name, set, pods: new Map(own), claims: new Map(claims), events, now };
}

/** The same of a set that is there and its pods, where claims and events do not matter. */
export function podsSnapshot(set: StatefulSet, pods: Iterable<Pod>, now = 0): Snapshot {
  const { namespace = "", name, uid } = set.metadata;
  return takeSnapshot({ namespace, name, uid, set, pods, claims: [], events: [], now });
}

/**
 * A pod is the set's when the set controls it; one that nobody controls is when it has such a name and the labels, as
 * the controller is about to adopt it.
 */
function belongs(pod: Pod, { namespace, name, uid, set }: Observation): boolean {
  if (pod.metadata.namespace !== namespace || parsePodName(pod.metadata.name)?.set !== name) return false;
  const controller = pod.metadata.ownerReferences?.find((reference) => reference.controller);
  if (controller) return controller.uid === uid;
  return set !== undefined && selects(set.spec.selector, pod.metadata.labels);
}

function concerns({ involvedObject: about }: Event, { namespace, name }: Observation): boolean {
  if (about.namespace !== namespace || about.name === undefined) return false;
  if (about.kind === "StatefulSet") return about.name === name;
  // Claims end in the pod's name, and which are the set's is decided where they are looked at.
  if (about.kind === "PersistentVolumeClaim") return about.name.includes(`-${name}-`);
  return about.kind === "Pod" && parsePodName(about.name)?.set === name;
}

/** When an event last happened, in milliseconds; the fields differ between the two event APIs. */
export function eventTime({ lastTimestamp, series, eventTime: time, metadata }: Event): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? time ?? metadata.creationTimestamp);
}

/** When it first happened. */
export function firstEventTime({ firstTimestamp, eventTime: time, metadata }: Event): number {
  return Date.parse(firstTimestamp ?? time ?? metadata.creationTimestamp);
}

function byTime(left: Event, right: Event): number {
  return eventTime(left) - eventTime(right) || (left.metadata.name < right.metadata.name ? -1 : 1);
}

/** The events about a pod as it is now, not about one that had its name before. */
export function podEvents({ events }: Snapshot, { metadata: { uid } }: Pod): Event[] {
  return events.filter(({ involvedObject: about }) => about.kind === "Pod" && about.uid === uid);
}

/**
 * When somebody last wrote the set, other than its status, by the server's clock (whole seconds): what the set's
 * controller complained about before is not about that.
 */
export function lastWrite({ metadata }: StatefulSet): number {
  const times = (metadata.managedFields ?? [])
    .filter(({ subresource, time }) => subresource !== "status" && time !== undefined)
    .map(({ time }) => Date.parse(time ?? ""));
  return Math.max(Date.parse(metadata.creationTimestamp), ...times);
}
