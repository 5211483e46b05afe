import { ordinalRange } from "../identity.js";
import type { Pod, StatefulSet } from "../model.js";
import { diagnose, type Diagnosed } from "../progress/diagnosis.js";
import { Reason } from "../progress/reasons.js";
import type { Snapshot } from "../progress/snapshot.js";
import { podRevision, strategyOf } from "../revision.js";

/**
 * Whether a rolling update comes to a pod only when all of them are ready: under OrderedReady a pod of an old revision
 * that never becomes ready blocks it for ever (kubernetes/kubernetes#67250).
 */
export function waitsForReady(set: StatefulSet): boolean {
  return set.spec.podManagementPolicy !== "Parallel" && strategyOf(set) === "RollingUpdate";
}

/**
 * The pod that the controller waits for, where it is better deleted than waited for: the lowest that is not ready (one
 * sync of the controller: semantics.md), if it is in any trouble and would be made anew at another revision.
 */
export function stuckPod(ordinals: readonly Diagnosed[], set: StatefulSet): Diagnosed | undefined {
  const first = ordinals.find(({ wanted, phase }) => wanted && phase !== "ready");
  return first?.trouble && isReplaceable(first, set) && healsAnew(first) ? first : undefined;
}

/** Made anew it would be at another revision; below the partition too, where no update replaces it. */
export function isReplaceable({ ordinal, pod, revision, phase }: Diagnosed, set: StatefulSet): boolean {
  if (!pod || phase === "ended" || !waitsForReady(set) || comesBackAsIs(ordinal, pod, set)) return false;
  return revision.revision !== undefined && podRevision(pod) !== revision.revision;
}

/**
 * A set that has the type RollingUpdate and no `rollingUpdate` gets a pod back at its current revision while its index is
 * below `status.currentReplicas` (`newVersionedStatefulSetPod`): deleted, it would come back broken, again and again. A
 * pod that has a node is not counted any more while it terminates.
 */
function comesBackAsIs(ordinal: number, pod: Pod, set: StatefulSet): boolean {
  const { currentRevision, currentReplicas = 0 } = set.status ?? {};
  if (set.spec.updateStrategy?.rollingUpdate || podRevision(pod) !== currentRevision) return false;
  const left = currentReplicas - (pod.spec.nodeName === undefined ? 0 : 1);
  return ordinal - ordinalRange(set).start < left;
}

/**
 * The partition that a set has to have before a pod of it is deleted to be made anew at another revision, as a part of a
 * patch of its spec: the default, written down. Undefined where it has one, or needs none.
 */
export function explicitPartition(set: StatefulSet): { updateStrategy: object } | undefined {
  if (!waitsForReady(set) || set.spec.updateStrategy?.rollingUpdate) return undefined;
  return { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } };
}

/**
 * A claim is the same at every revision: made anew, the pod would wait for it again. And a pod whose node is lost does
 * not go before that is back.
 */
export function healsAnew({ trouble }: Diagnosed): boolean {
  return trouble?.reason !== Reason.ClaimPending && trouble?.reason !== Reason.NodeNotReady;
}

/** The pods that would block an update to `revision` for ever, as far as can be seen before it. */
export function wouldBlock(snapshot: Snapshot, revision: string): Diagnosed[] {
  const { set } = snapshot;
  if (!set || !waitsForReady(set)) return [];
  const { firstUpdated } = ordinalRange(set);
  return diagnose(snapshot).filter((diagnosed) => {
    const { ordinal, wanted, pod, phase, trouble } = diagnosed;
    const target = ordinal >= firstUpdated ? revision : set.status?.currentRevision;
    if (!wanted || !pod || podRevision(pod) === target || !healsAnew(diagnosed)) return false;
    // Between two crashes a container runs, and nothing but its restarts tells.
    return trouble ? phase !== "ended" : phase === "notReady";
  });
}
