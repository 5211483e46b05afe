import { ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";
import type { Diagnosed } from "../progress/diagnosis.js";
import type { Goal } from "../progress/goal.js";
import { nameOrdinals, ownCommand } from "../progress/naming.js";
import { Reason } from "../progress/reasons.js";
import { judgeFailure } from "../progress/rules/failure.js";
import { waitingFor } from "../progress/rules/waiting.js";
import type { NextStep, Question, Verdict } from "../progress/verdict.js";
import { podRevision, shortRevision } from "../revision.js";
import { formatOrdinals } from "./ordinals.js";

export type RestartGoal = Extract<Goal, { type: "restarted" }>;

/** Where a restart of given pods is: what is under way, what is left, and what is in the way of the next. */
interface RestartState {
  /** Replaced, and not available yet. */
  moving: Diagnosed[];
  /** To be replaced, in order. */
  left: Diagnosed[];
  /** Other pods that the next one has to wait for. */
  inTheWay: Diagnosed[];
}

/**
 * Judges a restart of given pods from the pods alone, so that it does not matter who replaced one. The verdict
 * `RestartDue` names the pod that is to be deleted now.
 */
export function judgeRestart(
  diagnosed: readonly Diagnosed[],
  set: StatefulSet,
  goal: RestartGoal,
  question: Pick<Question, "naming">,
): Verdict {
  const { moving, left, inTheWay } = restartState(diagnosed, set, goal);
  const next = goOn(set, left, goal, question);
  const open = [...moving, ...inTheWay];
  const failed = judgeFailure(open, set, question);
  if (failed) return { ...failed, next: [...failed.next, ...next] };
  const [first] = left;
  if (moving.length > 0) return { ...waitingFor(diagnosed, set), next };
  if (!first) {
    const message = `${nameOrdinals(set.metadata.name, [...goal.pods.keys()])} restarted`;
    return { state: "Done", reason: Reason.Settled, message, next: [] };
  }
  const verdict = { state: "InProgress", ordinal: first.ordinal, next } as const;
  if (inTheWay.length === 0) {
    return { ...verdict, reason: Reason.RestartDue, message: `${first.name} to be restarted` };
  }
  const are = inTheWay.length === 1 ? "is" : "are";
  const message = `${first.name} is not restarted while ${podsOf(set, inTheWay)} ${are} not ready`;
  return { ...verdict, reason: Reason.WaitingForOrdinal, message };
}

function podsOf(set: StatefulSet, some: readonly Diagnosed[]): string {
  return nameOrdinals(
    set.metadata.name,
    some.map(({ ordinal }) => ordinal),
  );
}

/** How to restart what is left, when this comes to no good end. */
function goOn(
  set: StatefulSet,
  left: readonly Diagnosed[],
  { again }: RestartGoal,
  { naming }: Pick<Question, "naming">,
): NextStep[] {
  if (left.length === 0) return [];
  const ordinals = formatOrdinals(left.map(({ ordinal }) => ordinal));
  const words = `rollout restart ${set.metadata.name} --ordinals=${ordinals}`;
  return [{ label: "go on", command: again ?? ownCommand(naming, words) }];
}

export function restartState(
  diagnosed: readonly Diagnosed[],
  set: StatefulSet,
  goal: RestartGoal,
): RestartState {
  const given = diagnosed.filter(({ ordinal, wanted }) => wanted && goal.pods.has(ordinal));
  const left = inOrder(given.filter((ordinal) => isLeft(ordinal, goal)));
  const moving = given.filter((ordinal) => ordinal.phase !== "ready" && !left.includes(ordinal));
  const at = moving[0] ?? left[0];
  return { moving, left, inTheWay: at ? inTheWayOf(at, { diagnosed, moving, left, set, goal }) : [] };
}

/** Whether the pod of an ordinal is one that is to be restarted, and has not gone yet. */
export function isLeft({ ordinal, pod, phase }: Diagnosed, goal: Goal): boolean {
  if (goal.type !== "restarted" || !pod) return false;
  return pod.metadata.uid === goal.pods.get(ordinal) && phase !== "terminating";
}

/**
 * Pods that are not available go first, the lowest of them before the others: deleting them takes nothing away, and
 * OrderedReady makes no pod again above one that is not ready. Then the highest first, as a rolling update does it.
 */
function inOrder(left: readonly Diagnosed[]): Diagnosed[] {
  const unready = left.filter(({ phase }) => phase !== "ready");
  const ready = left.filter(({ phase }) => phase === "ready");
  return [...unready, ...ready.reverse()];
}

/**
 * The other pods that are not available, when they are more than may be: a pod that is ready goes only when all others
 * are. OrderedReady makes a pod again only when all below it are ready, however many may be unready.
 */
function inTheWayOf(
  at: Diagnosed,
  {
    diagnosed,
    moving,
    left,
    set,
    goal,
  }: Omit<RestartState, "inTheWay"> & {
    diagnosed: readonly Diagnosed[];
    set: StatefulSet;
    goal: RestartGoal;
  },
): Diagnosed[] {
  const unready = diagnosed.filter(
    (other) =>
      other.wanted &&
      other.phase !== "ready" &&
      other.ordinal !== at.ordinal &&
      !moving.includes(other) &&
      !(at.phase !== "ready" && left.includes(other)),
  );
  if (unready.length > goal.maxUnready) return unready;
  return set.spec.podManagementPolicy === "Parallel"
    ? []
    : unready.filter(({ ordinal }) => ordinal < at.ordinal);
}

/**
 * Why a restart may not begin, in plain words: pods in its way, or a rolling update that is about to take pods down
 * itself. Undefined where nothing is against it.
 */
export function restartObstacle(
  diagnosed: readonly Diagnosed[],
  set: StatefulSet,
  goal: RestartGoal,
): string | undefined {
  const { inTheWay, left } = restartState(diagnosed, set, goal);
  if (inTheWay.length > 0) {
    return `${podsOf(set, inTheWay)} ${inTheWay.length === 1 ? "is" : "are"} not ready`;
  }
  const rolling = diagnosed.filter(
    (other) => other.stale && !(left.includes(other) && other.phase !== "ready"),
  );
  return rolling.length > 0
    ? `a rollout is under way, which replaces ${podsOf(set, rolling)} by itself`
    : undefined;
}

/** What a restart of given pods does, in a line and the notes below it. */
export function describeRestart(
  diagnosed: readonly Diagnosed[],
  set: StatefulSet,
  goal: RestartGoal,
): { title: string; notes: string[] } {
  const { left, moving } = restartState(diagnosed, set, goal);
  const order = left.some(({ phase }) => phase !== "ready")
    ? "those that are not ready first, then the highest"
    : "the highest first";
  const pods = podsOf(set, left) || "no pod";
  const byRevision = new Map<string, Diagnosed[]>();
  for (const each of left) {
    const words = revisionWords(each, set);
    byRevision.set(words, [...(byRevision.get(words) ?? []), each]);
  }
  return {
    title: `restarting ${pods}${left.length > 1 ? `, one at a time, ${order}` : ""}`,
    notes: [
      ...[...byRevision].map(([words, some]) => `${podsOf(set, some)}: ${words}`),
      ...(moving.length > 0 ? [`${podsOf(set, moving)}: on the way already, waited for`] : []),
    ],
  };
}

/** The revision at which a pod comes back: what the strategy says for its ordinal (semantics.md, partition). */
function revisionWords({ ordinal, pod, revision }: Diagnosed, set: StatefulSet): string {
  const short = (name: string | undefined): string => shortRevision(set.metadata.name, name ?? "");
  const [from, to] = [pod && podRevision(pod), revision.revision];
  if (from === to) return `at the same revision (${short(to)})`;
  const { firstUpdated, partition } = ordinalRange(set);
  const back = !revision.enforced && to !== set.status?.updateRevision && ordinal < firstUpdated;
  const why = back ? `, as the partition is ${partition}` : "";
  return `${back ? "back at" : "updated to"} revision ${short(to)}, from ${short(from)}${why}`;
}
