import {
  type Controller,
  type ControllerContext,
  enqueueFrom,
  queueOf,
  recorderOf,
} from "../framework/controller.js";
import { keyOf } from "../framework/objects.js";
import { Binding } from "./binding.js";
import { annotation, bindCompleted, claimRefKey, claimsOfPod } from "./claim.js";
import { ClaimSync } from "./claim-sync.js";
import { VolumeFinder } from "./matching.js";
import { recycledBy, VolumeSync } from "./volume-sync.js";

/** Binds claims and volumes to each other, asks provisioners for volumes and reclaims those that are released. */
export function claimBinder(context: ControllerContext): Controller {
  const { resources } = context;
  const [claims, volumes] = [resources.of("persistentvolumeclaims"), resources.of("persistentvolumes")];
  const [classes, pods] = [resources.of("storageclasses"), resources.of("pods")];
  const recorder = recorderOf(context, "persistentvolume-controller");
  const unbound = claims.indexBy((claim) => (annotation(claim, bindCompleted) === undefined ? [""] : []));
  const ofVolume = claims.indexBy(({ spec }) => (spec.volumeName ? [spec.volumeName] : []));
  const binder = {
    claims,
    volumes,
    classes,
    podsOfClaim: pods.indexBy(claimsOfPod),
    finder: new VolumeFinder(volumes),
    binding: new Binding(claims, volumes, recorder),
    recorder,
  };

  const claimSync = new ClaimSync(binder);
  // One at a time, as in the real binder: two claims must not choose the same volume.
  const claimQueue = queueOf(
    context,
    async (claimKey) => {
      const claim = claims.get(claimKey);
      if (claim) await claimSync.sync(claim);
    },
    1,
  );
  const volumeSync = new VolumeSync(binder, pods, (claimKey) => claimQueue.add(claimKey));
  const volumeQueue = queueOf(
    context,
    async (name) => {
      const volume = volumes.get(name);
      if (volume) await volumeSync.sync(volume);
    },
    1,
  );

  enqueueFrom(claimQueue, claims, (claim) => [keyOf(claim)]);
  enqueueFrom(claimQueue, classes, () => unbound("").map(keyOf));
  enqueueFrom(claimQueue, volumes, (volume) => {
    const reservedFor = claimRefKey(volume);
    const named = ofVolume(volume.metadata.name).map(keyOf);
    return reservedFor ? [reservedFor, ...named] : [...unbound("").map(keyOf), ...named];
  });
  enqueueFrom(volumeQueue, volumes, (volume) => [keyOf(volume)]);
  enqueueFrom(volumeQueue, claims, (claim) => {
    const reserved = binder.finder.reservedFor(keyOf(claim)).map(keyOf);
    return claim.spec.volumeName ? [claim.spec.volumeName, ...reserved] : reserved;
  });
  enqueueFrom(volumeQueue, pods, recycledBy);

  const queues = [claimQueue, volumeQueue];
  return {
    start: () => queues.forEach((queue) => queue.start()),
    stop: () => queues.forEach((queue) => queue.stop()),
  };
}
