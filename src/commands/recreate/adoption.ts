import { includes } from "../../core/apply/immutable.js";
import type { KubeObject, Pod, StatefulSet } from "../../core/model.js";
import { isTerminating } from "../../core/pod-state.js";
import type { Interrupted } from "../../core/recreate/record.js";
import { isObserved, strategyOf } from "../../core/revision.js";
import { enumerate } from "../../core/words.js";
import { ConflictError, ExitCode, ExitError } from "../../errors.js";
import type { Lookout } from "./lookout.js";

/** What the new set has taken over. */
export interface Adopted {
  set: StatefulSet;
  pods: string[];
  /** Pods that are gone, or have been made anew, since the recreation began. */
  others: string[];
}

/**
 * Waits until the new set has taken over every pod and every revision that is still there, and its status tells of it.
 * Throws an ExitError (4) where it has not, and where its controller would replace the pods.
 */
export async function untilAdopted(
  lookout: Lookout,
  interrupted: Interrupted,
  uid: string,
): Promise<Adopted> {
  const set = await lookout.until(
    () => {
      const found = sameSet(lookout, interrupted, uid);
      return found && orphans(lookout, interrupted).length === 0 && isObserved(found) ? found : undefined;
    },
    () => `the StatefulSet controller to take over ${missing(lookout, interrupted)}`,
  );
  const kept = keptPods(lookout, interrupted);
  const strays = kept.filter((pod) => controllerOf(pod) !== uid && !isTerminating(pod));
  if (strays.length > 0) {
    const names = enumerate(strays.map(({ metadata }) => metadata.name));
    throw new ExitError(
      ExitCode.Failed,
      `error: ${set.metadata.name} was made anew, but another controller has taken over ${names}`,
    );
  }
  refuseToReplace(set, interrupted, kept);
  const pods = kept.map(({ metadata }) => metadata.name);
  return { set, pods, others: Object.keys(interrupted.pods).filter((name) => !pods.includes(name)) };
}

/** The pods from before that are still the same ones. */
function keptPods(lookout: Lookout, { pods }: Interrupted): Pod[] {
  return lookout.pods().filter(({ metadata: { name, uid } }) => pods[name] === uid);
}

/** What nobody owns yet. A pod on its way out is not taken over: its ordinal gets another one. */
function orphans(lookout: Lookout, interrupted: Interrupted): string[] {
  const pods = keptPods(lookout, interrupted).filter((pod) => !isTerminating(pod));
  // The watches of pods and revisions may be behind that of sets, and still show the old owner.
  return [...pods, ...lookout.revisions()]
    .filter((object) => [undefined, interrupted.saved.metadata.uid].includes(controllerOf(object)))
    .map(({ metadata }) => metadata.name);
}

function missing(lookout: Lookout, interrupted: Interrupted): string {
  return enumerate(orphans(lookout, interrupted)) || "its pods";
}

function controllerOf({ metadata }: Pick<KubeObject, "metadata">): string | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
}

/** Throws a ConflictError when the new set is gone again. */
function sameSet(lookout: Lookout, { saved }: Interrupted, uid: string): StatefulSet | undefined {
  const found = lookout.current();
  // The watch may still be behind.
  if (!found || found.metadata.uid === saved.metadata.uid) return undefined;
  if (found.metadata.uid === uid) return found;
  const { namespace, name } = saved.metadata;
  throw new ConflictError(`${namespace}/${name} was deleted and made by somebody else meanwhile`);
}

/**
 * A controller of another release may write a template in other bytes, and make another revision of it: the new set
 * would then replace all pods. Behind the guard none has been.
 */
function refuseToReplace(set: StatefulSet, { saved, wanted }: Interrupted, pods: readonly Pod[]): void {
  const before = saved.status?.updateRevision;
  const after = set.status?.updateRevision;
  const spec = wanted["spec"] as StatefulSet["spec"];
  const isOurs = includes(set.spec.template, spec.template) && includes(spec.template, set.spec.template);
  if (before === after || pods.length === 0 || !isOurs || strategyOf({ spec }) === "OnDelete") return;
  const { namespace, name } = set.metadata;
  throw new ExitError(
    ExitCode.Failed,
    [
      `error: ${namespace}/${name} was made anew and has its pods, but its controller made revision ${after} of the template, not ${before}`,
      "  its updateStrategy is left at OnDelete: with the one from before, all of its pods would be replaced",
      `  to let that happen  kubectl patch statefulset ${name} -n ${namespace} --type=merge -p '${JSON.stringify({ spec: { updateStrategy: spec.updateStrategy } })}'`,
    ].join("\n"),
  );
}
