import { storageProvisioner } from "../controllers/volumes/claim.js";
import { compareQuantities } from "../kinds/quantity.js";
import type { AnyObject, Target } from "../port.js";
import { timestamp } from "./clock.js";
import type { Machine } from "./machine.js";
import { type Activity, pace } from "./pace.js";
import type { World } from "./world.js";

/** On a StorageClass. */
const annotation = {
  /** A file system grows only when a pod mounts it anew. */
  offline: "sandbox/offline-expansion",
  /** No volume grows beyond this size. */
  limit: "sandbox/expansion-limit",
};

type Status = AnyObject["status"];

/** Those of a claim's conditions that are about its size (k8s.io/kubernetes/pkg/volume/util/resize_util.go). */
const conditionTypes = ["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"];

/** Whether the resizer of a claim's class has something to do: a request above the capacity that it has not given up. */
export function wantsToGrow({ metadata, spec, status }: AnyObject): boolean {
  if (status?.phase !== "Bound" || metadata.deletionTimestamp !== undefined) return false;
  const wanted = spec.resources?.requests?.storage;
  if (compareQuantities(wanted, status.capacity?.storage) <= 0 || isPending(status)) return false;
  return stageOf(status) !== "ControllerResizeInfeasible" || status.allocatedResources?.storage !== wanted;
}

/** What the external resizer does, from `Resizing` to the volume's new size, or to why there is none. */
export async function expand(machine: Machine, target: Target, activity: Activity): Promise<void> {
  const { world, say, clock } = machine;
  const asked = world.get("persistentvolumeclaims", target);
  if (!asked || !wantsToGrow(asked)) return;
  const { storage } = asked["spec"].resources.requests;
  if (stageOf(asked["status"]) !== "ControllerResizeInProgress") {
    const begun = { type: "Resizing", status: "True", lastTransitionTime: timestamp(clock) };
    await report(world, asked, {
      stage: "ControllerResizeInProgress",
      allocated: storage,
      conditions: [begun],
    });
    const message = `External resizer is resizing volume ${asked["spec"].volumeName}`;
    say(asked, resizerOf(asked), { reason: "Resizing", message });
  }
  await activity.sleep(pace.volume);
  const claim = world.get("persistentvolumeclaims", target);
  if (!claim || !wantsToGrow(claim)) return;
  const size = claim["spec"].resources.requests.storage;
  const { annotations = {} } = world.get("storageclasses", { name: claim["spec"].storageClassName ?? "" })
    ?.metadata ?? { annotations: {} };
  const limit = annotations[annotation.limit];
  if (limit !== undefined && compareQuantities(size, limit) > 0) return giveUp(machine, claim, limit);
  await growVolume(machine, claim, { isOffline: annotations[annotation.offline] === "true" });
}

async function growVolume(
  { world, say, clock }: Machine,
  claim: AnyObject,
  { isOffline }: { isOffline: boolean },
): Promise<void> {
  const { storage } = claim["spec"].resources.requests;
  const volume = world.get("persistentvolumes", { name: claim["spec"].volumeName });
  if (volume) await world.patch("persistentvolumes", volume, { spec: { capacity: { storage } } });
  if (!isOffline) {
    await report(world, claim, { capacity: storage, allocated: storage });
    return say(claim, resizerOf(claim), {
      reason: "VolumeResizeSuccessful",
      message: "Resize volume succeeded",
    });
  }
  const message = "Waiting for user to (re-)start a pod to finish file system resize of volume on node.";
  const pending = {
    type: "FileSystemResizePending",
    status: "True",
    message,
    lastTransitionTime: timestamp(clock),
  };
  await report(world, claim, {
    stage: "NodeResizePending",
    allocated: storage,
    conditions: [...sizeConditions(claim["status"]), pending],
  });
  say(claim, resizerOf(claim), {
    reason: "FileSystemResizeRequired",
    message: "Require file system resize of volume on node",
  });
}

/** As for a driver that answers OutOfRange: the resizer calls it infeasible, and waits for another size. */
async function giveUp({ world, say, clock }: Machine, claim: AnyObject, limit: string): Promise<void> {
  const { storage } = claim["spec"].resources.requests;
  const error = `rpc error: code = OutOfRange desc = requested size ${storage} exceeds the limit of ${limit}`;
  const failed = {
    type: "ControllerResizeError",
    status: "True",
    message: `failed to expand pvc with ${error}`,
    lastTransitionTime: timestamp(clock),
  };
  await report(world, claim, {
    stage: "ControllerResizeInfeasible",
    allocated: storage,
    conditions: [...sizeConditions(claim["status"]), failed],
  });
  const { component } = resizerOf(claim);
  const resizer = component.replace("external-resizer ", "");
  const message = `resize volume "${claim["spec"].volumeName}" by resizer "${resizer}" failed: ${error}`;
  say(claim, resizerOf(claim), { type: "Warning", reason: "VolumeResizeFailed", message });
}

/** Whether a kubelet will try to grow a file system that a pod of its node has mounted. */
export function wantsOnline(world: World, claim: AnyObject): boolean {
  const { metadata, status } = claim;
  if (!isPending(status) || conditionOf(status, "NodeResizeError")) return false;
  const users = world.podsWithClaim({ namespace: metadata.namespace, name: metadata.name });
  return users.some((pod) => isRunning(pod));
}

/** What comes of that try: a driver that cannot do it answers FailedPrecondition, and the kubelet waits for a new mount. */
export async function tryOnline(
  { world, clock }: Machine,
  target: Target,
  activity: Activity,
): Promise<void> {
  await activity.sleep(pace.volume);
  const claim = world.get("persistentvolumeclaims", target);
  if (!claim || !wantsOnline(world, claim)) return;
  const error = "rpc error: code = FailedPrecondition desc = the volume is in use and grows only offline";
  const failed = {
    type: "NodeResizeError",
    status: "True",
    message: `failed to expand pvc with ${error}`,
    lastTransitionTime: timestamp(clock),
  };
  const conditions = [...sizeConditions(claim["status"]), failed];
  await report(world, claim, { stage: "NodeResizeInProgress", conditions });
}

/** What a kubelet does when it mounts a volume that grew while its file system did not. */
export async function finishExpansion({ world }: Machine, target: Target): Promise<void> {
  const claim = world.get("persistentvolumeclaims", target);
  if (!claim || !isPending(claim["status"])) return;
  const volume = world.get("persistentvolumes", { name: claim["spec"].volumeName });
  if (volume) await report(world, claim, { capacity: volume["spec"].capacity.storage });
}

interface Report {
  capacity?: string;
  /** `allocatedResourceStatuses`; none when left out. */
  stage?: string;
  /** `allocatedResources`: the size that is being tried; as it is when left out. */
  allocated?: string;
  /** Those about the size; none when left out. */
  conditions?: object[];
}

/** Other conditions of a claim (`Unused`, 1.37) are those of the controllers, and stay. */
async function report(world: World, claim: AnyObject, { capacity, stage, allocated, conditions }: Report) {
  const others = conditionsOf(claim["status"]).filter(({ type }) => !conditionTypes.includes(type));
  const status = {
    ...(capacity !== undefined && { capacity: { storage: capacity } }),
    ...(allocated !== undefined && { allocatedResources: { storage: allocated } }),
    allocatedResourceStatuses: stage === undefined ? null : { storage: stage },
    conditions: [...others, ...(conditions ?? [])],
  };
  await world.patch("persistentvolumeclaims", claim, { status }, "status");
}

function resizerOf({ metadata }: AnyObject): { component: string } {
  const provisioner = metadata.annotations?.[storageProvisioner] ?? "";
  return { component: `external-resizer ${provisioner}`.trim() };
}

function stageOf(status: Status): string | undefined {
  return status?.allocatedResourceStatuses?.storage;
}

function conditionsOf(status: Status): { type: string }[] {
  return status?.conditions ?? [];
}

function conditionOf(status: Status, type: string): { type: string } | undefined {
  return conditionsOf(status).find((condition) => condition.type === type);
}

function sizeConditions(status: Status): { type: string }[] {
  return conditionsOf(status).filter(({ type }) => conditionTypes.includes(type));
}

function isPending(status: Status): boolean {
  return conditionOf(status, "FileSystemResizePending") !== undefined;
}

function isRunning({ metadata, status }: AnyObject): boolean {
  return status?.podIP !== undefined && metadata.deletionTimestamp === undefined;
}
