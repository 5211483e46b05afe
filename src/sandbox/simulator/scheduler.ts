import { hasEnded } from "../kinds/pod-phase.js";
import { boundByController, selectedNode } from "../controllers/volumes/claim.js";
import { sinceMinor } from "../kinds/version.js";
import type { AnyObject } from "../port.js";
import { timestamp } from "./clock.js";
import { podFault } from "./faults.js";
import { misfit } from "./fit.js";
import { Activities, type Machine } from "./machine.js";
import { claimNames } from "./mounts.js";
import { type Activity, pace } from "./pace.js";
import { chooseVolumes, isFullyBound, podClaims, type VolumeChoice } from "./volume-choice.js";
import { isRefused, type Matters, targetOf, type World } from "./world.js";

const source = { component: "default-scheduler" };

interface Placement {
  node: AnyObject;
  /** How many pods hold room there already. */
  pods: number;
  choices: VolumeChoice[];
}

/** Pods that have a node in mind but are not bound to it yet, as if they were, by UID. */
type Assumed = Map<string, AnyObject>;

/** What one scheduler remembers and how it speaks. */
interface Scheduling {
  assumed: Assumed;
  /** What its release says of claims before it speaks of preemption. */
  ofClaims: string;
}

/** Binds pods to nodes as the default scheduler does, and says why when it cannot. Returns what ends it. */
export function startScheduler(machine: Machine, kubernetesVersion: string): () => void {
  const pending = new Activities(machine);
  const assumed: Assumed = new Map();
  const ofClaims = sinceMinor(37, kubernetesVersion) ? "" : "no new claims to deallocate, ";
  machine.world.follow((resource, { object, deleted }) => {
    if (resource !== "pods") return;
    const { uid, deletionTimestamp } = object.metadata;
    if (deleted || deletionTimestamp !== undefined || object["spec"].nodeName) {
      pending.end(uid);
      assumed.delete(uid);
    } else if (!pending.has(uid) && isOurs(object)) {
      pending.start(uid, (activity) => schedule(machine, object, activity, { assumed, ofClaims }));
    }
  });
  return () => pending.endAll();
}

function isOurs({ spec }: AnyObject): boolean {
  const gates = (spec.schedulingGates ?? []) as object[];
  return gates.length === 0 && (spec.schedulerName ?? "default-scheduler") === "default-scheduler";
}

async function schedule(
  machine: Machine,
  first: AnyObject,
  activity: Activity,
  scheduling: Scheduling,
): Promise<void> {
  const { world } = machine;
  await activity.sleep(pace.schedule);
  const pod = () => {
    const found = world.get("pods", targetOf(first));
    return found?.metadata.uid === first.metadata.uid ? found : undefined;
  };
  let told: string | undefined;
  const decideAnew = () => {
    const present = pod();
    if (!present) return undefined;
    const decision = decide(world, present, scheduling);
    // At once: the next one that waits looks within the same turn.
    if (typeof decision === "object")
      scheduling.assumed.set(present.metadata.uid, onNode(present, decision.node));
    return decision === told ? undefined : decision;
  };
  for (;;) {
    const decision = await world.until(activity, changesFor(first), decideAnew);
    const present = pod();
    if (!present) return;
    if (typeof decision === "string") {
      told = decision;
      await refuse(machine, present, decision);
    } else {
      await place(machine, present, decision, activity);
      return;
    }
  }
}

function onNode(pod: AnyObject, node: AnyObject): AnyObject {
  return { ...pod, spec: { ...pod["spec"], nodeName: node.metadata.name } };
}

/** The changes that can help a waiting pod, as the scheduler's queueing hints name them: a thousand may wait at a time. */
function changesFor(pod: AnyObject): Matters {
  const { namespace, uid } = pod.metadata;
  const claims = new Set(claimNames(pod));
  const { affinity, topologySpreadConstraints } = pod["spec"];
  const heedsOthers = Boolean(affinity?.podAffinity ?? topologySpreadConstraints);
  return (resource, { object, deleted }) => {
    if (resource === "persistentvolumeclaims") {
      return object.metadata.namespace === namespace && claims.has(object.metadata.name);
    }
    if (resource === "persistentvolumes") {
      const owner = object["spec"].claimRef;
      return claims.size > 0 && (!owner || (owner.namespace === namespace && claims.has(owner.name)));
    }
    if (resource === "pods")
      return (
        deleted ||
        hasEnded(object) ||
        object.metadata.uid === uid ||
        (heedsOthers && object["spec"].nodeName !== undefined)
      );
    return resource === "nodes" || resource === "storageclasses";
  };
}

/** Where a pod goes: the fitting node with the fewest pods; or why it cannot go anywhere. */
function decide(world: World, pod: AnyObject, { assumed, ofClaims }: Scheduling): Placement | string {
  const nodes = world.all("nodes");
  if (nodes.length === 0) return "no nodes available to schedule pods";
  const claims = podClaims(world, pod);
  if (claims.blocked !== undefined)
    return `0/${nodes.length} nodes are available: ${claims.blocked}. not found`;
  const reasons: string[] = [];
  const fitting: Placement[] = [];
  let hopeless = 0;
  const rooms = nodes.map((node) => ({ node, pods: holding(world, node, pod, assumed) }));
  const labelsOf = (name: string) => world.get("namespaces", { name })?.metadata.labels ?? {};
  for (const { node, pods: neighbours } of rooms) {
    const found =
      podFault(pod) === "unschedulable" ? unschedulable : misfit(pod, node, neighbours, { rooms, labelsOf });
    const choices = found ? "" : chooseVolumes(world, claims, node);
    if (!found && typeof choices !== "string") fitting.push({ node, choices, pods: neighbours.length });
    else reasons.push(...(found?.reasons ?? [choices as string]));
    if (!found?.preemptible) hopeless += 1;
  }
  const [best] = fitting.toSorted((a, b) => a.pods - b.pods);
  return best ?? unavailable(nodes.length, histogram(reasons), { hopeless, ofClaims });
}

const unschedulable = { reasons: ["node(s) didn't match Pod's node affinity/selector"], preemptible: false };

/** The pods that hold room on a node, those included whose binding is under way. */
function holding(world: World, { metadata }: AnyObject, pod: AnyObject, assumed: Assumed): AnyObject[] {
  const coming = [...assumed.values()].filter(
    (other) => other["spec"].nodeName === metadata.name && other.metadata.uid !== pod.metadata.uid,
  );
  return [...world.podsOn(metadata.name), ...coming];
}

function histogram(reasons: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
}

/** `FitError.Error()` of the scheduler. */
function unavailable(
  nodes: number,
  reasons: readonly string[],
  { hopeless, ofClaims }: { hopeless: number; ofClaims: string },
): string {
  const none = `0/${nodes} nodes are available:`;
  const preemption = histogram([
    ...Array<string>(hopeless).fill("Preemption is not helpful for scheduling"),
    ...Array<string>(nodes - hopeless).fill("No preemption victims found for incoming pod"),
  ]);
  return `${none} ${reasons.join(", ")}. ${ofClaims}preemption: ${none} ${preemption.join(", ")}.`;
}

async function refuse({ world, say, clock }: Machine, pod: AnyObject, message: string): Promise<void> {
  const others = ((pod["status"]?.conditions ?? []) as { type: string }[]).filter(
    ({ type }) => type !== "PodScheduled",
  );
  const lastTransitionTime = timestamp(clock);
  const scheduled = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    lastTransitionTime,
    ...(pod.metadata["generation"] !== undefined && { observedGeneration: pod.metadata["generation"] }),
  };
  say(pod, source, { type: "Warning", reason: "FailedScheduling", message, action: "Scheduling" });
  await world.patch("pods", pod, { status: { conditions: [...others, scheduled] } }, "status");
}

/** Sees that the pod's delayed claims get their volumes, then binds it. */
async function place(
  machine: Machine,
  pod: AnyObject,
  { node, choices }: Placement,
  activity: Activity,
): Promise<void> {
  const { world, say } = machine;
  const { metadata } = pod;
  const { name } = node.metadata;
  for (const choice of choices) await chooseVolume(world, choice, name);
  await world.until(activity, ["persistentvolumeclaims"], () => {
    const claims = choices.map(({ claim }) => world.get("persistentvolumeclaims", targetOf(claim)));
    return claims.every((claim) => claim && isFullyBound(claim)) || undefined;
  });
  const binding = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
    target: { apiVersion: "v1", kind: "Node", name },
  };
  try {
    await world.port.post("pods", targetOf(pod), "binding", binding);
  } catch (error) {
    if (isRefused(error, "NotFound", "Conflict")) return; // it is gone, or bound by another
    throw error;
  }
  const message = `Successfully assigned ${metadata.namespace}/${metadata.name} to ${name}`;
  say(pod, source, { reason: "Scheduled", message, action: "Binding" });
}

async function chooseVolume(world: World, { claim, volume }: VolumeChoice, nodeName: string): Promise<void> {
  if (!volume) {
    await world.patch("persistentvolumeclaims", claim, {
      metadata: { annotations: { [selectedNode]: nodeName } },
    });
    return;
  }
  const { kind, apiVersion, metadata } = claim;
  const { namespace, name, uid, resourceVersion } = metadata;
  const annotations = { [boundByController]: "yes" };
  const claimRef = { kind, apiVersion, namespace, name, uid, resourceVersion };
  await world.patch("persistentvolumes", volume, { metadata: { annotations }, spec: { claimRef } });
}
