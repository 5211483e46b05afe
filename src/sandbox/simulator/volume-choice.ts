import { annotation, bindCompleted, classOf, waitsForConsumer } from "../controllers/volumes/claim.js";
import { isFree } from "../controllers/volumes/matching.js";
import { compareQuantities } from "../kinds/quantity.js";
import type { AnyObject } from "../port.js";
import { matchesTerms } from "./node-choice.js";
import { claimNames } from "./mounts.js";
import type { World } from "./world.js";

/** The claims of a pod as the scheduler sorts them. */
export interface PodClaims {
  /** Why the pod cannot be scheduled at all, in the scheduler's words. */
  blocked?: string;
  bound: AnyObject[];
  /** Unbound claims of classes that wait for the first pod (WaitForFirstConsumer). */
  delayed: AnyObject[];
}

export function podClaims(world: World, pod: AnyObject): PodClaims {
  const { namespace } = pod.metadata;
  const sorted: PodClaims = { bound: [], delayed: [] };
  for (const name of claimNames(pod)) {
    const claim = world.get("persistentvolumeclaims", { namespace, name });
    if (!claim) return { ...sorted, blocked: `persistentvolumeclaim "${name}" not found` };
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { ...sorted, blocked: `persistentvolumeclaim "${name}" is being deleted` };
    }
    if (claim["status"]?.phase === "Lost") {
      const lost = `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim["spec"].volumeName}"`;
      return { ...sorted, blocked: lost };
    }
    if (isFullyBound(claim)) sorted.bound.push(claim);
    else if (!claim["spec"].volumeName && waitsForConsumer(claim, world.storageClasses))
      sorted.delayed.push(claim);
    else sorted.blocked = "pod has unbound immediate PersistentVolumeClaims";
  }
  return sorted;
}

export function isFullyBound(claim: AnyObject): boolean {
  return Boolean(claim["spec"].volumeName) && annotation(claim, bindCompleted) !== undefined;
}

/** How a delayed claim gets its volume on a node: an existing one, or one that is provisioned; undefined when it cannot. */
export type VolumeChoice = { claim: AnyObject; volume: AnyObject } | { claim: AnyObject; volume?: undefined };

/** A choice for every delayed claim on the node, or what the scheduler says against the node. */
export function chooseVolumes(
  world: World,
  { bound, delayed }: PodClaims,
  node: AnyObject,
): VolumeChoice[] | string {
  for (const { spec } of bound) {
    const volume = world.get("persistentvolumes", { name: spec.volumeName });
    if (!volume) return "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
    if (!isReachable(volume, node)) return "node(s) didn't match PersistentVolume's node affinity";
  }
  const choices: VolumeChoice[] = [];
  for (const claim of delayed) {
    const taken = new Set(choices.map(({ volume }) => volume?.metadata.name));
    const volume = matchingVolumes(world, claim, node).find(({ metadata }) => !taken.has(metadata.name));
    if (
      !volume &&
      world.storageClasses.get(classOf(claim))?.["provisioner"] === "kubernetes.io/no-provisioner"
    ) {
      return "node(s) didn't find available persistent volumes to bind";
    }
    choices.push(volume ? { claim, volume } : { claim });
  }
  return choices;
}

function isReachable({ spec }: AnyObject, node: AnyObject): boolean {
  return matchesTerms(spec.nodeAffinity?.required?.nodeSelectorTerms, node);
}

/** Volumes that a claim may bind to on a node, the smallest first. */
function matchingVolumes(world: World, claim: AnyObject, node: AnyObject): AnyObject[] {
  return world
    .all("persistentvolumes")
    .filter((volume) => isFree(volume, claim) && isReachable(volume, node))
    .toSorted((a, b) => compareQuantities(a["spec"].capacity.storage, b["spec"].capacity.storage));
}
