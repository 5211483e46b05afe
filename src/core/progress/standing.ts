import { inRange, ordinalRange, podName } from "../identity.js";
import type { Pod, StatefulSet } from "../model.js";
import {
  availableAt,
  conditionOf,
  containerStatuses,
  hasEnded,
  isReady,
  isTerminating,
  restartCount,
} from "../pod-state.js";
import { podRevision, wantedRevision, type WantedRevision } from "../revision.js";
import type { Snapshot } from "./snapshot.js";

/** What an ordinal is about at one moment; the summary's words for where the time went are made of these. */
export type Phase =
  | "absent"
  | "terminating"
  | "ended"
  | "scheduling"
  | "volumes"
  | "images"
  | "starting"
  | "notReady"
  | "minReady"
  | "ready";

/** One ordinal: whether it is wanted, what is there, and whether that is as it should be. */
export interface Standing {
  readonly ordinal: number;
  readonly name: string;
  /** In the set's range. A pod that is not is surplus, and on its way out. */
  readonly wanted: boolean;
  readonly pod: Pod | undefined;
  readonly phase: Phase;
  readonly revision: WantedRevision;
  /** At an old revision, and the controller will replace it. */
  readonly stale: boolean;
  /** Nothing has to happen to it any more. */
  readonly settled: boolean;
}

/** Ordinals without a pod are listed up to this many: a set may ask for two thousand million. */
const missingListed = 1_000;

/** Every ordinal that is wanted or has a pod, lowest first. */
export function standings(snapshot: Snapshot): Standing[] {
  const { set, pods, name } = snapshot;
  if (!set) return [...pods].map(([ordinal, pod]) => surplus(name, ordinal, pod));
  const range = ordinalRange(set);
  const ordinals = new Set(pods.keys());
  const end = Math.min(range.end, range.start + pods.size + missingListed);
  for (let ordinal = range.start; ordinal < end; ordinal += 1) ordinals.add(ordinal);
  return [...ordinals]
    .sort((left, right) => left - right)
    .map((ordinal) => {
      const pod = pods.get(ordinal);
      if (pod && !inRange(range, ordinal)) return surplus(name, ordinal, pod);
      return standing(set, ordinal, pod, snapshot.now);
    });
}

function surplus(set: string, ordinal: number, pod: Pod): Standing {
  const phase = podPhase(pod, 0, 0);
  const revision = { revision: undefined, enforced: false };
  return {
    ordinal,
    name: podName(set, ordinal),
    wanted: false,
    pod,
    phase,
    revision,
    stale: false,
    settled: false,
  };
}

function standing(set: StatefulSet, ordinal: number, pod: Pod | undefined, now: number): Standing {
  const phase = pod ? podPhase(pod, set.spec.minReadySeconds ?? 0, now) : "absent";
  const revision = wantedRevision(set, ordinal);
  const stale = pod !== undefined && revision.enforced && podRevision(pod) !== revision.revision;
  const name = podName(set.metadata.name, ordinal);
  return { ordinal, name, wanted: true, pod, phase, revision, stale, settled: phase === "ready" && !stale };
}

/** What a pod is about. `now` is the server's, for minReadySeconds. */
function podPhase(pod: Pod, minReadySeconds: number, now: number): Phase {
  if (isTerminating(pod)) return "terminating";
  if (hasEnded(pod)) return "ended";
  if (isReady(pod)) return (availableAt(pod, minReadySeconds) ?? Infinity) <= now ? "ready" : "minReady";
  if (conditionOf(pod, "PodScheduled")?.status !== "True") return "scheduling";
  if (restartCount(pod) > 0) return "notReady";
  if (startedAll(pod)) return "starting";
  return hasVolumes(pod) ? "images" : "volumes";
}

/** Beta and on since 1.29; where the condition is not served, volumes and images cannot be told apart. */
function hasVolumes(pod: Pod): boolean {
  const status = conditionOf(pod, "PodReadyToStartContainers")?.status;
  return status === undefined ? containerStatuses(pod).length > 0 : status === "True";
}

function startedAll(pod: Pod): boolean {
  const main = pod.status?.containerStatuses ?? [];
  if (main.length === 0) return false; // nothing is said of any container yet
  const init = containerStatuses(pod).filter((status) => !main.includes(status));
  const begun = init.some(({ state }) => state?.running ?? state?.terminated);
  return begun || main.every(({ state }) => state?.running ?? state?.terminated);
}
