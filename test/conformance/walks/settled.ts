import type { AnyObject } from "../../../src/sandbox/port.js";
import { containerFault } from "../../../src/sandbox/simulator/faults.js";
import { claimNames } from "../../../src/sandbox/simulator/mounts.js";
import { isReady } from "../../sandbox/histories/world.js";
import { hold } from "./names.js";
import type { View } from "./observer.js";

/**
 * What is still to happen, as far as the objects tell: a controller has not seen them yet, a pod is on its way up or
 * down, something waits for the garbage collector. Nothing of it means that whoever looks a little later sees the same.
 */
export function underWay(view: View): string[] {
  const busy = (objects: AnyObject[], isBusy: (object: AnyObject) => boolean) =>
    objects.filter(isBusy).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return [
    ...busy(view.statefulsets, (set) => isUnseen(set) || isBecomingAvailable(set) || isLeaving(view, set)),
    ...busy(view.pods, (pod) => !isStill(view, pod)),
    ...busy(view.persistentvolumeclaims, (claim) => !isSettledClaim(view, claim)),
    ...busy(view.persistentvolumes, (volume) => !isSettledVolume(view, volume)),
    ...busy(view.poddisruptionbudgets, (budget) => !isCounted(view, budget)),
    ...busy([...view.pods, ...view.persistentvolumeclaims, ...view.controllerrevisions], (object) =>
      isLost(view, object),
    ),
  ];
}

function isUnseen({ metadata, status }: AnyObject): boolean {
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

function isBecomingAvailable({ status = {} }: AnyObject): boolean {
  return (status.readyReplicas ?? 0) !== (status.availableReplicas ?? 0);
}

/** A set that is deleted in the foreground waits for pods that cannot go. */
function isLeaving({ pods }: View, set: AnyObject): boolean {
  const waitsFor = ({ metadata }: AnyObject) =>
    metadata.deletionTimestamp !== undefined &&
    metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid);
  return set.metadata.deletionTimestamp !== undefined && !pods.some(waitsFor);
}

/** Ready for good, or broken in the way that it will stay. */
function isStill(view: View, pod: AnyObject): boolean {
  const { metadata, spec, status = {} } = pod;
  const fault = containerFault(pod, spec.containers[0]);
  const { state = {}, restartCount = 0 } = status.containerStatuses?.[0] ?? {};
  if (metadata.deletionTimestamp) return fault === "node-lost" || isHeld(pod);
  if (isReady(pod)) return fault !== "node-lost";
  const waits: string = state.waiting?.reason ?? "ContainerCreating";
  switch (fault) {
    case "node-lost":
      return true;
    case "crash-loop":
      return restartCount > 0 || waits === "CrashLoopBackOff" || lacksVolume(view, pod);
    case "never-ready":
      return state.running !== undefined || lacksVolume(view, pod);
    case "image-pull":
    case "config-error":
      return waits !== "ContainerCreating" || lacksVolume(view, pod);
    default:
      return status.phase === "Failed" || lacksVolume(view, pod);
  }
}

/** Its kubelet is done with it, and only the finalizer keeps it. */
function isHeld({ metadata, status = {} }: AnyObject): boolean {
  const containers: AnyObject[] = status.containerStatuses ?? [];
  const isOver = metadata.deletionGracePeriodSeconds === 0 && !containers.some(({ state }) => state.running);
  return isOver && (metadata.finalizers?.includes(hold) ?? false);
}

/** A claim of the pod is missing, is going, or never gets a volume. */
function lacksVolume({ persistentvolumeclaims }: View, pod: AnyObject): boolean {
  return claimNames(pod).some((name) => {
    const claim = persistentvolumeclaims.find(({ metadata }) => metadata.name === name);
    return claim === undefined || claim.metadata.deletionTimestamp !== undefined || isStuck(pod, claim);
  });
}

function isStuck(pod: AnyObject, { status }: AnyObject): boolean {
  return status?.phase === "Pending" && containerFault(pod, pod["spec"].containers[0]) === "volume-pending";
}

function isSettledClaim({ pods }: View, claim: AnyObject): boolean {
  const users = pods.filter((pod) => claimNames(pod).includes(claim.metadata.name));
  if (claim.metadata.deletionTimestamp) return users.length > 0;
  if (claim["status"]?.phase !== "Pending") return true;
  const isLate = String(claim["spec"].storageClassName).endsWith("late");
  return users.length === 0 ? isLate : users.some((pod) => isStuck(pod, claim));
}

function isSettledVolume({ persistentvolumeclaims }: View, { metadata, spec, status }: AnyObject): boolean {
  if (metadata.deletionTimestamp) return false;
  const isThere = persistentvolumeclaims.some((claim) => claim.metadata.uid === spec.claimRef?.uid);
  if (isThere) return status?.phase === "Bound";
  return status?.phase === "Released" && spec.persistentVolumeReclaimPolicy === "Retain";
}

function isCounted({ pods }: View, { metadata, spec, status = {} }: AnyObject): boolean {
  // Nobody tells it of a pod that has left its selector.
  if (pods.some(({ metadata: { labels } }) => labels?.["app"] === "nobody")) return true;
  const disrupted = status.disruptedPods ?? {};
  const app = spec.selector.matchLabels.app;
  const healthy = pods.filter(
    (pod) =>
      pod.metadata.labels?.["app"] === app &&
      isReady(pod) &&
      !pod.metadata.deletionTimestamp &&
      !disrupted[pod.metadata.name],
  );
  return status.observedGeneration === metadata.generation && status.currentHealthy === healthy.length;
}

/** Everybody that owned it is gone, so it goes as well. */
function isLost(view: View, { metadata }: AnyObject): boolean {
  const owners = metadata.ownerReferences ?? [];
  const present = [...view.statefulsets, ...view.pods].map((object) => object.metadata.uid);
  const isGone = owners.length > 0 && owners.every(({ uid }) => !present.includes(uid));
  return isGone && metadata.deletionTimestamp === undefined;
}
