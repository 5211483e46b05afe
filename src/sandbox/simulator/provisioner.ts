import { isTerminating } from "../controllers/framework/objects.js";
import {
  annotation,
  classOf,
  provisionedBy,
  selectedNode,
  storageProvisioner,
  waitsForConsumer,
} from "../controllers/volumes/claim.js";
import type { AnyObject, Target } from "../port.js";
import { expand, tryOnline, wantsOnline, wantsToGrow } from "./expansion.js";
import { podFault } from "./faults.js";
import { Activities, type Machine } from "./machine.js";
import { type Activity, pace } from "./pace.js";
import { isRefused, targetOf, type World } from "./world.js";

const tasks = ["make", "grow", "try", "remove"] as const;

/** The external provisioner, resizer and deleter of every StorageClass. Returns what ends them. */
export function startProvisioner(machine: Machine): () => void {
  const { world } = machine;
  const work = new Activities(machine);
  const once = (task: (typeof tasks)[number], uid: string, run: (activity: Activity) => Promise<void>) => {
    const key = `${task} ${uid}`;
    if (!work.has(key)) work.start(key, run);
  };

  world.follow((resource, { object, deleted }) => {
    const { uid } = object.metadata;
    // What is held up would wait for ever, and for nothing.
    if (deleted) return tasks.forEach((task) => work.end(`${task} ${uid}`));
    const target = targetOf(object);
    if (resource === "persistentvolumeclaims") {
      if (wantsVolume(world, object)) once("make", uid, (activity) => provision(machine, target, activity));
      if (wantsToGrow(object)) once("grow", uid, (activity) => expand(machine, target, activity));
      if (wantsOnline(world, object)) once("try", uid, (activity) => tryOnline(machine, target, activity));
    } else if (resource === "persistentvolumes") {
      if (isToGo(object)) once("remove", uid, (activity) => remove(machine, target, activity));
    }
  });
  return () => work.endAll();
}

function volumeName({ metadata }: AnyObject): string {
  return `pvc-${metadata.uid}`;
}

function wantsVolume(world: World, claim: AnyObject): boolean {
  if (claim["spec"].volumeName || isTerminating(claim)) return false;
  if (annotation(claim, storageProvisioner) === undefined) return false;
  const waits = waitsForConsumer(claim, world.storageClasses);
  if (waits && annotation(claim, selectedNode) === undefined) return false;
  return world.get("persistentvolumes", { name: volumeName(claim) }) === undefined;
}

async function provision({ world, say }: Machine, target: Target, activity: Activity): Promise<void> {
  const find = () => world.get("persistentvolumeclaims", target);
  const started = find();
  if (!started) return;
  const name = `${target.namespace}/${target.name}`;
  const source = { component: String(annotation(started, storageProvisioner)) };
  const message = `External provisioner is provisioning volume for claim "${name}"`;
  say(started, source, { reason: "Provisioning", message });
  await activity.sleep(pace.volume);
  await world.until(activity, ["persistentvolumeclaims", "pods", "statefulsets"], () =>
    isHeldUp(world, target) ? undefined : true,
  );
  const claim = find();
  if (!claim || !wantsVolume(world, claim)) return;
  await world.create("persistentvolumes", newVolume(world, claim));
  const done = `Successfully provisioned volume ${volumeName(claim)}`;
  say(claim, source, { reason: "ProvisioningSucceeded", message: done });
}

/** Whether the pod that uses a claim, or the set that will make one for it, has the fault `volume-pending`. */
function isHeldUp(world: World, { namespace, name }: Target): boolean {
  const users = world.podsWithClaim({ namespace, name });
  if (users.length > 0) return users.some((pod) => podFault(pod) === "volume-pending");
  return world.all("statefulsets", namespace).some(({ metadata, spec }) => {
    const templates = (spec.volumeClaimTemplates ?? []) as AnyObject[];
    const prefix = templates
      .map((template) => `${template.metadata.name}-`)
      .find((start) => name.startsWith(start));
    const podName = name.slice(prefix?.length ?? name.length);
    if (!podName.startsWith(`${metadata.name}-`)) return false;
    const { annotations } = spec.template.metadata ?? {};
    return podFault({ metadata: { annotations, name: podName } }) === "volume-pending";
  });
}

function newVolume(world: World, claim: AnyObject): object {
  const { metadata, spec } = claim;
  const storageClass = world.storageClasses.get(classOf(claim));
  const provisioner = annotation(claim, storageProvisioner);
  const { kind, apiVersion } = claim;
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volumeName(claim), annotations: { [provisionedBy]: provisioner } },
    spec: {
      capacity: { storage: spec.resources.requests.storage },
      accessModes: spec.accessModes,
      volumeMode: spec.volumeMode ?? "Filesystem",
      persistentVolumeReclaimPolicy: storageClass?.["reclaimPolicy"] ?? "Delete",
      storageClassName: spec.storageClassName,
      ...(storageClass?.["mountOptions"] && { mountOptions: storageClass["mountOptions"] }),
      hostPath: { path: `/var/lib/volumes/${volumeName(claim)}` },
      claimRef: { kind, apiVersion, namespace, name, uid, resourceVersion },
    },
  };
}

function isToGo(volume: AnyObject): boolean {
  const { spec, status } = volume;
  const released = status?.phase === "Released" && spec.persistentVolumeReclaimPolicy === "Delete";
  return released && annotation(volume, provisionedBy) !== undefined && !isTerminating(volume);
}

async function remove({ world }: Machine, target: Target, activity: Activity): Promise<void> {
  await activity.sleep(pace.volume);
  const volume = world.get("persistentvolumes", target);
  if (!volume || !isToGo(volume)) return;
  try {
    await world.port.delete("persistentvolumes", target, { uid: volume.metadata.uid });
  } catch (error) {
    if (!isRefused(error, "NotFound", "Conflict")) throw error;
  }
}
