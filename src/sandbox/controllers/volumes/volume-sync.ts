import type { AnyObject } from "../../port.js";
import { isTerminating } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import { annotation, claimRefKey, isPodDone, provisionedBy } from "./claim.js";
import type { BinderContext } from "./claim-sync.js";
import { modesDiffer } from "./matching.js";

const recyclerPrefix = "recycler-for-";

/** The volume that a pod of the recycler wipes. */
export function recycledBy({ metadata }: AnyObject): string[] {
  const ours = metadata.namespace === "default" && metadata.name.startsWith(recyclerPrefix);
  return ours ? [metadata.name.slice(recyclerPrefix.length)] : [];
}

/** Decides what is to be done about a volume, as `syncVolume` of the real binder does. */
export class VolumeSync {
  constructor(
    private readonly context: BinderContext,
    private readonly pods: Resource,
    private readonly syncClaimSoon: (claimKey: string) => void,
  ) {}

  async sync(volume: AnyObject): Promise<void> {
    const { binding, recorder } = this.context;
    const claimKey = claimRefKey(volume);
    if (!claimKey || !volume.spec.claimRef.uid) {
      await binding.setPhase(volume, "Available");
      return this.#dismissRecycler(volume);
    }
    const claim = await this.#claimOf(volume, claimKey);
    if (!claim) return this.#release(volume);
    const { name } = volume.metadata;
    if (claim.spec.volumeName === name) return void (await binding.setPhase(volume, "Bound"));
    if (!claim.spec.volumeName) {
      if (!modesDiffer(volume, claim)) return this.syncClaimSoon(claimKey);
      const because = "due to incompatible volumeMode.";
      const [ofVolume, ofClaim] = ["Cannot bind PersistentVolume", "requested PersistentVolumeClaim"];
      recorder.event(
        volume,
        "Warning",
        "VolumeMismatch",
        `${ofVolume} to ${ofClaim} "${claim.metadata.name}" ${because}`,
      );
      recorder.event(claim, "Warning", "VolumeMismatch", `${ofVolume} "${name}" to ${ofClaim} ${because}`);
      return;
    }
    const policy = volume.spec.persistentVolumeReclaimPolicy;
    const isSpare = annotation(volume, provisionedBy) !== undefined && policy === "Delete";
    await (isSpare ? this.#release(volume) : binding.unbind(volume));
  }

  /** The claim that the volume is bound to, unless it is gone or another of its name. */
  async #claimOf(volume: AnyObject, claimKey: string): Promise<AnyObject | undefined> {
    const { claims } = this.context;
    const { namespace, name, uid } = volume.spec.claimRef;
    const cached = claims.get(claimKey);
    const claim = cached?.metadata.uid === uid ? cached : await claims.fetch({ namespace, name });
    return claim?.metadata.uid === uid ? claim : undefined;
  }

  /** Whoever freed a volume while it was being wiped has made the wiping pointless. */
  async #dismissRecycler({ metadata }: AnyObject): Promise<void> {
    const pod = this.pods.get(`default/${recyclerPrefix}${metadata.name}`);
    if (pod && !isTerminating(pod)) await this.pods.delete(pod);
  }

  async #release(volume: AnyObject): Promise<void> {
    const reclaimed = ["Released", "Failed"].includes(volume.status?.phase);
    const released = reclaimed ? volume : await this.context.binding.setPhase(volume, "Released");
    const policy = released.spec.persistentVolumeReclaimPolicy;
    if (policy === "Delete") await this.#delete(released);
    else if (policy === "Recycle") await this.#recycle(released);
  }

  /** Volumes of a driver are deleted by their provisioner; of the rest the tree can delete a hostPath below /tmp. */
  async #delete(volume: AnyObject): Promise<void> {
    const { binding, volumes } = this.context;
    const driver = annotation(volume, provisionedBy);
    if (volume.spec.csi || (driver && !driver.startsWith("kubernetes.io/"))) return;
    const path: string | undefined = volume.spec.hostPath?.path;
    if (path && /^\/tmp\/.+/.test(path)) return volumes.delete(volume);
    const reason = path
      ? `host_path deleter only supports /tmp/.+ but received provided ${path}`
      : `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`;
    await binding.fail(volume, "VolumeFailedDelete", reason);
  }

  /** A pod wipes the volume, which is free again once the pod has succeeded. */
  async #recycle(volume: AnyObject): Promise<void> {
    const { binding, finder, podsOfClaim, recorder } = this.context;
    const { name } = volume.metadata;
    const { hostPath, nfs } = volume.spec;
    if (!hostPath && !nfs) {
      return binding.fail(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!");
    }
    const claimKey = claimRefKey(volume) ?? "";
    const users = podsOfClaim(claimKey).filter((pod) => !isPodDone(pod));
    if (users.length > 0 && finder.reservedFor(claimKey).length === 1 && !this.context.claims.get(claimKey)) {
      const names = users.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
      return recorder.event(
        volume,
        "Normal",
        "VolumeFailedRecycle",
        `Volume is used by pods: ${names.join(",")}`,
      );
    }
    const pod = this.pods.get(`default/${recyclerPrefix}${name}`);
    if (!pod) return void (await this.pods.create(recyclerPod(volume)));
    if (pod.status?.phase === "Succeeded") {
      await this.pods.delete(pod);
      recorder.event(volume, "Normal", "VolumeRecycled", "Volume recycled");
      await binding.unbind(volume);
    } else if (pod.status?.phase === "Failed") {
      await this.pods.delete(pod);
      const message = pod.status.message ?? "pod failed, pod.Status.Message unknown.";
      await binding.fail(volume, "VolumeFailedRecycle", `Recycle failed: ${message}`);
    }
  }
}

function recyclerPod(volume: AnyObject): object {
  const { hostPath, nfs } = volume.spec;
  const wipe = 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1';
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${recyclerPrefix}${volume.metadata.name}`, namespace: "default" },
    spec: {
      activeDeadlineSeconds: 60,
      restartPolicy: "Never",
      volumes: [{ name: "vol", ...(hostPath ? { hostPath } : { nfs }) }],
      containers: [
        {
          name: "pv-recycler",
          image: "debian-base",
          command: ["/bin/sh", "-c", wipe],
          volumeMounts: [{ name: "vol", mountPath: "/scrub" }],
        },
      ],
    },
  };
}
