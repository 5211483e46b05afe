import { ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";
import { isReady, isTerminating } from "../pod-state.js";
import type { Naming } from "../progress/naming.js";
import type { Snapshot } from "../progress/snapshot.js";
import { standings } from "../progress/standing.js";
import type { NextStep, Verdict, VerdictState } from "../progress/verdict.js";
import { podRevision } from "../revision.js";
import { heldBy } from "./held.js";

/** How the rollout of one set stands, or ended. */
export interface Outcome {
  namespace: string;
  name: string;
  state: VerdictState;
  reason: string;
  /** In plain words; what is held on purpose too, and how that goes on. */
  message: string;
  /** The ordinal that decides: the blocking one, or the one that is waited for. */
  ordinal: number | null;
  next: NextStep[];
  /** Of the wanted ordinals; null where the set was not seen. */
  counts: { wanted: number; ready: number; updated: number } | null;
}

/** A verdict, and the look it comes from; undefined for a set that could not be looked at. */
export interface Seen {
  verdict: Verdict;
  snapshot: Snapshot | undefined;
}

/**
 * What a verdict and the last look at a set come to. Somebody's staging or pause is no failure: it is said, with what
 * goes on with it.
 * @param read the set as it was read, for where it was not seen afterwards.
 */
export function outcomeOf(read: StatefulSet, { verdict, snapshot }: Seen, naming: Naming): Outcome {
  const { namespace = "", name } = read.metadata;
  const held = heldBy(snapshot?.set ?? read, naming);
  const goOn = verdict.state === "Done" && held?.next[0];
  const parts = [verdict.message, held?.words, goOn && `${goOn.label}: ${goOn.command}`];
  const known = new Set(verdict.next.map(({ command }) => command));
  return {
    ...{ namespace, name, state: verdict.state, reason: verdict.reason },
    message: parts.filter(Boolean).join("; "),
    ordinal: verdict.ordinal ?? null,
    next: [...verdict.next, ...(held?.next ?? []).filter(({ command }) => !known.has(command))],
    counts: snapshot?.set ? countPods(snapshot, snapshot.set) : null,
  };
}

function countPods(snapshot: Snapshot, set: StatefulSet): Outcome["counts"] {
  const pods = standings(snapshot).flatMap(({ wanted, pod }) =>
    wanted && pod && !isTerminating(pod) ? pod : [],
  );
  return {
    wanted: ordinalRange(set).replicas,
    ready: pods.filter(isReady).length,
    updated: pods.filter((pod) => podRevision(pod) === set.status?.updateRevision).length,
  };
}
