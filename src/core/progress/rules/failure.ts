import type { StatefulSet } from "../../model.js";
import { podRevision } from "../../revision.js";
import { backStep } from "../../rollout/undo.js";
import { healsAnew, isReplaceable, stuckPod, waitsForReady } from "../../rollout/unstick.js";
import type { Diagnosed } from "../diagnosis.js";
import { kubectlCommand, nameOrdinals, ownCommand, type Naming } from "../naming.js";
import { Reason } from "../reasons.js";
import type { NextStep, Question, Verdict } from "../verdict.js";

/**
 * What cannot succeed as it stands. A broken pod counts at the revision its ordinal is wanted at; at another one it is
 * what the rollout replaces, except under OrderedReady, which waits for it before it replaces anything
 * (kubernetes/kubernetes#67250).
 */
export function judgeFailure(
  ordinals: readonly Diagnosed[],
  set: StatefulSet,
  { naming, unstick = false }: Pick<Question, "naming" | "unstick">,
): Verdict | undefined {
  const stuck = unstick ? stuckPod(ordinals, set) : undefined;
  if (stuck) return deadlock(stuck, ordinals, set, naming);
  const broken = ordinals.filter((ordinal) => ordinal.broken);
  const blocking = broken.find((ordinal) => !ordinal.stale && !(unstick && isReplaceable(ordinal, set)));
  if (blocking) return failed(blocking, ordinals, set, naming);
  const [stale] = broken;
  if (!stale || !waitsForReady(set)) return undefined;
  if (!healsAnew(stale)) return failed(stale, ordinals, set, naming);
  if (unstick && !isReplaceable(stale, set))
    return comesBack(failed(stale, ordinals, set, naming), set, naming);
  return unstick ? undefined : deadlock(stale, ordinals, set, naming);
}

/** A pod that is not deleted, as it would be made anew at the same revision until the set has a partition. */
function comesBack(verdict: Verdict, { metadata: { name } }: StatefulSet, naming: Naming): Verdict {
  const message = `${verdict.message}; deleted, it would come back as it is, as the set has no partition`;
  const unstick = { label: "un-stick", command: ownCommand(naming, `rollout unstick ${name}`) };
  return { ...verdict, message, next: [unstick, ...verdict.next] };
}

function failed(
  blocking: Diagnosed,
  ordinals: readonly Diagnosed[],
  set: StatefulSet,
  naming: Naming,
): Verdict {
  const { ordinal, name, trouble } = blocking;
  const words = `${name} ${trouble?.words ?? ""}`;
  return {
    state: "Failed",
    reason: trouble?.reason ?? Reason.Recreating,
    message: `${words}${whoWaits(blocking, ordinals, set)}`,
    ordinal,
    next: nextSteps(blocking, naming),
  };
}

/** `; web-4 waits for it`. */
function whoWaits(blocking: Diagnosed, ordinals: readonly Diagnosed[], set: StatefulSet): string {
  if (set.spec.podManagementPolicy === "Parallel" || !blocking.wanted) return "";
  const waiting = ordinals.filter(({ settled, broken }) => !settled && !broken);
  const others = waiting.map(({ ordinal }) => ordinal).filter((ordinal) => ordinal !== blocking.ordinal);
  if (others.length === 0) return "";
  return `; ${nameOrdinals(set.metadata.name, others)} ${others.length === 1 ? "waits" : "wait"} for it`;
}

function nextSteps({ name, trouble, pod }: Diagnosed, naming: Naming): NextStep[] {
  const several = (pod?.spec.containers.length ?? 0) + (pod?.spec.initContainers?.length ?? 0) > 1;
  const container = several && trouble?.container ? ` -c ${trouble.container}` : "";
  const commands: Partial<Record<Reason, string>> = {
    [Reason.CrashLoopBackOff]: `logs ${name}${container} --previous`,
    [Reason.ProbeFailed]: `logs ${name}${container}`,
    [Reason.ClaimPending]: "describe persistentvolumeclaims",
    [Reason.FailedCreate]: "get resourcequota,limitrange",
  };
  const command = commands[trouble?.reason ?? Reason.Recreating] ?? `describe pod ${name}`;
  const more = { label: "see more", command: kubectlCommand(naming, command) };
  if (trouble?.reason !== Reason.ScaleDownBlocked) return [more];
  return [{ label: "un-stick", command: kubectlCommand(naming, `delete pod ${name}`) }, more];
}

function deadlock(
  stuck: Diagnosed,
  ordinals: readonly Diagnosed[],
  set: StatefulSet,
  naming: Naming,
): Verdict {
  const { ordinal, name, trouble } = stuck;
  const command = (words: string): string => ownCommand(naming, `${words} ${set.metadata.name}`);
  return {
    state: "Failed",
    reason: Reason.Deadlock,
    message:
      `${name} ${trouble?.words ?? ""} at an old revision, and OrderedReady waits for it to be ready ` +
      "before it replaces any pod (kubernetes/kubernetes#67250)",
    ordinal,
    next: [
      { label: "un-stick", command: command("rollout unstick") },
      ...(leadsElsewhere(ordinals, set) ? [backStep(set, naming)] : []),
      { label: "see more", command: command("status") },
    ],
  };
}

/** Healthy pods run another revision than the one that is rolled out: there is something to go back to. */
function leadsElsewhere(ordinals: readonly Diagnosed[], { status }: StatefulSet): boolean {
  return ordinals.some(
    ({ pod, phase }) => pod && phase === "ready" && podRevision(pod) !== status?.updateRevision,
  );
}
