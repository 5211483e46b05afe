import { ordinalRange } from "../../identity.js";
import type { StatefulSet } from "../../model.js";
import { podRevision, strategyOf } from "../../revision.js";
import type { Diagnosed } from "../diagnosis.js";
import { nameOrdinals } from "../naming.js";
import { Reason } from "../reasons.js";
import type { Phase } from "../standing.js";
import type { Verdict } from "../verdict.js";

/** What an ordinal in each phase does, after its name. */
const phaseWords: Record<Phase, string> = {
  absent: "to be created",
  terminating: "Terminating",
  ended: "to be made anew",
  scheduling: "Pending",
  volumes: "ContainerCreating",
  images: "ContainerCreating",
  starting: "to become ready",
  notReady: "to become ready",
  minReady: "to be ready for minReadySeconds",
  ready: "ready",
};

/** Which ordinal the controller works on or waits for, and what it is about. */
export function waitingFor(ordinals: readonly Diagnosed[], set: StatefulSet): Verdict {
  const current = busiest(ordinals, set);
  const count = countOrdinals(ordinals, set);
  if (!current) return { state: "InProgress", reason: Reason.WaitingForOrdinal, message: count, next: [] };
  return {
    state: "InProgress",
    reason: current.trouble?.reason ?? reasonOf(current),
    message: `${count}, waiting for ${describe(current)}`,
    ordinal: current.ordinal,
    next: [],
  };
}

/** `3 of 5 ready`, `2 of 2 ready, 3 to go` where pods are surplus, and while pods are replaced `3 of 5 ready, 1 of 2 updated`. */
export function countOrdinals(ordinals: readonly Diagnosed[], set: StatefulSet): string {
  const wanted = ordinals.filter((ordinal) => ordinal.wanted);
  const ready = wanted.filter(({ phase }) => phase === "ready").length;
  const surplus = ordinals.length - wanted.length;
  const count = `${ready} of ${ordinalRange(set).replicas} ready${surplus > 0 ? `, ${surplus} to go` : ""}`;
  if (!wanted.some(({ stale }) => stale)) return count;
  const enforced = wanted.filter(({ revision }) => revision.enforced);
  const updated = enforced.filter(({ settled }) => settled).length;
  return `${count}, ${updated} of ${enforced.length} updated`;
}

function reasonOf({ phase, wanted }: Diagnosed): Reason {
  if (phase === "minReady") return Reason.WaitingForAvailability;
  if (phase === "terminating" || !wanted) return Reason.WaitingForDeletion;
  return phase === "ended" ? Reason.Recreating : Reason.WaitingForOrdinal;
}

function describe({ name, wanted, phase, stale, trouble }: Diagnosed): string {
  if (trouble) return `${name}, which ${trouble.words}`;
  if (phase === "terminating") return `${name} to go`;
  if (!wanted) return `${name} to be deleted`;
  if (phase === "ready" && stale) return `${name} to be replaced`;
  return `${name}: ${phaseWords[phase]}`;
}

/**
 * The ordinal that the others wait for: one in trouble, then one that moves, then the next to move: upwards while pods
 * are made, downwards while they are replaced or taken away (semantics.md, one sync of the controller).
 */
function busiest(ordinals: readonly Diagnosed[], set: StatefulSet): Diagnosed | undefined {
  const open = ordinals.filter(({ settled }) => !settled);
  const strategyStale = open.filter(({ stale }) => stale);
  const moving = open.filter(({ phase }) => !["absent", "ready"].includes(phase));
  return (
    open.find(({ broken }) => broken) ??
    open.find(({ trouble, stale }) => trouble && !stale) ??
    moving.find(({ wanted }) => wanted) ??
    open.find(({ phase }) => phase === "absent") ??
    moving.at(-1) ??
    open.findLast(({ wanted }) => !wanted) ??
    (set.spec.podManagementPolicy === "Parallel" ? strategyStale[0] : strategyStale.at(-1))
  );
}

/**
 * The set's own counters do not agree yet, though the pods do. They decide nothing alone; that they must not
 * contradict guards against a clock that runs ahead of the server's (minReadySeconds).
 */
export function statusLags({ spec, status }: StatefulSet): boolean {
  const replicas = spec.replicas ?? 1;
  if ((status?.replicas ?? 0) !== replicas || (status?.readyReplicas ?? 0) < replicas) return true;
  return (spec.minReadySeconds ?? 0) > 0 && (status?.availableReplicas ?? 0) < replicas;
}

/** `5 of 5 ready`, and what is held on purpose. */
export function settledMessage(ordinals: readonly Diagnosed[], set: StatefulSet): string {
  const { replicas } = ordinalRange(set);
  const held = heldOrdinals(ordinals, set);
  const ready = `${replicas} of ${replicas} ready`;
  if (held.length === 0) return ready;
  const { partition } = ordinalRange(set);
  const type = strategyOf(set);
  const ways: Record<string, string> = {
    RollingUpdate: `partition ${partition}`,
    OnDelete: "OnDelete: replaced when deleted",
  };
  const why = ways[type] ?? type;
  return `${ready}; ${nameOrdinals(set.metadata.name, held)} held at an older revision (${why})`;
}

/** Ordinals whose pods are at another revision than the newest, and stay so by the set's own wish. */
function heldOrdinals(ordinals: readonly Diagnosed[], set: StatefulSet): number[] {
  const newest = set.status?.updateRevision;
  return ordinals
    .filter(({ pod, revision }) => pod && !revision.enforced && podRevision(pod) !== newest)
    .map(({ ordinal }) => ordinal);
}
