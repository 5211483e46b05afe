import type { StatefulSet } from "../../model.js";
import type { Diagnosed } from "../diagnosis.js";
import { kubectlCommand, nameOrdinals, ownCommand, type Naming } from "../naming.js";
import { Reason } from "../reasons.js";
import type { NextStep, Verdict } from "../verdict.js";

/**
 * What cannot succeed as it stands. A broken pod counts at the revision its ordinal is wanted at; at another one it is
 * what the rollout replaces, except under OrderedReady, which waits for it before it replaces anything
 * (kubernetes/kubernetes#67250).
 */
export function judgeFailure(
  ordinals: readonly Diagnosed[],
  set: StatefulSet,
  naming: Naming,
): Verdict | undefined {
  const broken = ordinals.filter((ordinal) => ordinal.broken);
  const blocking = broken.find(({ stale }) => !stale);
  if (blocking) return failed(blocking, ordinals, set, naming);
  const [stuck] = broken;
  if (!stuck || !waitsForReady(set)) return undefined;
  // A claim is the same at every revision: made anew, the pod would wait for it again.
  if (stuck.trouble?.reason === Reason.ClaimPending) return failed(stuck, ordinals, set, naming);
  return deadlock(stuck, set, naming);
}

/** A rolling update of an OrderedReady set comes to a pod only when all of them are ready. */
function waitsForReady({ spec }: StatefulSet): boolean {
  const strategy: string = spec.updateStrategy?.type ?? "RollingUpdate";
  return spec.podManagementPolicy !== "Parallel" && strategy === "RollingUpdate";
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
  if (set.spec.podManagementPolicy === "Parallel") return "";
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
  return [{ label: "see more", command: kubectlCommand(naming, command) }];
}

function deadlock(stuck: Diagnosed, set: StatefulSet, naming: Naming): Verdict {
  const { ordinal, name, trouble } = stuck;
  const { name: setName } = set.metadata;
  return {
    state: "Failed",
    reason: Reason.Deadlock,
    message:
      `${name} ${trouble?.words ?? ""} at an old revision, and OrderedReady waits for it to be ready ` +
      "before it replaces any pod (kubernetes/kubernetes#67250)",
    ordinal,
    next: [
      { label: "un-stick", command: kubectlCommand(naming, `delete pod ${name}`) },
      { label: "see more", command: ownCommand(naming, `status ${setName}`) },
    ],
  };
}
