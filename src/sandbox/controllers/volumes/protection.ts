import type { AnyObject } from "../../port.js";
import { timestamp } from "../../simulator/clock.js";
import { type Controller, type ControllerContext, enqueueFrom, queueOf } from "../framework/controller.js";
import { hasFinalizer, isTerminating, keyOf, withoutFinalizer } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import { claimsOfPod, isPodDone } from "./claim.js";

const claimFinalizer = "kubernetes.io/pvc-protection";
const volumeFinalizer = "kubernetes.io/pv-protection";

/** Keeps a claim that is being deleted while a pod on a node uses it, and writes since when nobody does (1.37). */
export function claimProtection(context: ControllerContext): Controller {
  const { resources, gates, clock } = context;
  const [claims, pods] = [resources.of("persistentvolumeclaims"), resources.of("pods")];
  const podsOfClaim = pods.indexBy(claimsOfPod);

  const queue = queueOf(context, async (claimKey) => {
    const claim = claims.get(claimKey);
    if (!claim) return;
    const users = podsOfClaim(claimKey);
    if (!isTerminating(claim)) {
      if (!hasFinalizer(claim, claimFinalizer)) {
        await protect(claims, claim, claimFinalizer);
        return;
      }
      if (gates.unusedClaims && claim.status?.phase === "Bound")
        await writeUnused(claim, !users.every(isPodDone));
      return;
    }
    // A pod without a node will not be started with a claim that is being deleted.
    const isUsed = users.some((pod) => pod.spec.nodeName);
    if (!isUsed && hasFinalizer(claim, claimFinalizer))
      await claims.update(withoutFinalizer(claim, claimFinalizer));
  });

  async function writeUnused(claim: AnyObject, isUsed: boolean): Promise<void> {
    const conditions: AnyObject[] = claim.status.conditions ?? [];
    const status = isUsed ? "False" : "True";
    const old = conditions.find(({ type }) => type === "Unused");
    if (old?.status === status) return;
    const condition = {
      type: "Unused",
      status,
      lastTransitionTime: timestamp(clock),
      reason: isUsed ? "PodUsingPVC" : "NoPodsUsingPVC",
      message: isUsed
        ? "A pod is currently referencing this PVC"
        : "No pods are currently referencing this PVC",
    };
    const others = conditions.filter((each) => each !== old);
    await claims.update(
      { ...claim, status: { ...claim.status, conditions: [...others, condition] } },
      "status",
    );
  }

  enqueueFrom(queue, claims, (claim) => [keyOf(claim)]);
  enqueueFrom(queue, pods, claimsOfPod);
  return queue;
}

/** Keeps a volume that is being deleted while it is bound. */
export function volumeProtection(context: ControllerContext): Controller {
  const volumes = context.resources.of("persistentvolumes");
  const queue = queueOf(context, async (name) => {
    const volume = volumes.get(name);
    if (!volume) return;
    const isProtected = hasFinalizer(volume, volumeFinalizer);
    if (!isTerminating(volume) && !isProtected) await protect(volumes, volume, volumeFinalizer);
    const isFree = isTerminating(volume) && volume.status?.phase !== "Bound";
    if (isFree && isProtected) await volumes.update(withoutFinalizer(volume, volumeFinalizer));
  });
  enqueueFrom(queue, volumes, (volume) => [keyOf(volume)]);
  return queue;
}

async function protect(objects: Resource, object: AnyObject, finalizer: string): Promise<void> {
  const finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  await objects.update({ ...object, metadata: { ...object.metadata, finalizers } });
}
