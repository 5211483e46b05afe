import type { AnyObject } from "../port.js";
import { timestamp } from "./clock.js";
import { faultAnnotation } from "./faults.js";
import { Activities, type Machine } from "./machine.js";
import { cordoned, taintsOf } from "./node-choice.js";
import { pace } from "./pace.js";
import type { Matters, World } from "./world.js";

/** What the node lifecycle controller puts on a node that it has not heard of for too long. */
const unreachable = "node.kubernetes.io/unreachable";
const effects = ["NoSchedule", "NoExecute"] as const;

interface Condition {
  type: string;
  status: string;
  [field: string]: unknown;
}

/** Whether a node is gone: the annotation `sandbox/fault: node-lost` on it says so. */
function isLost(node: AnyObject | undefined): boolean {
  return node?.metadata.annotations?.[faultAnnotation] === "node-lost";
}

/** Whether the node that a pod is bound to is gone. */
export function isOnLostNode(world: World, { spec }: AnyObject): boolean {
  return isLost(world.get("nodes", { name: spec.nodeName as string }));
}

/** Changes of a pod and of its node. */
export function mattersTo({ metadata, spec }: AnyObject): Matters {
  return {
    objects: [
      ["pods", metadata],
      ["nodes", { name: spec.nodeName as string }],
    ],
  };
}

/** The node lifecycle controller: marks nodes that are gone, back, cordoned and uncordoned. Returns what ends it. */
export function startNodeLifecycle(machine: Machine): () => void {
  const marking = new Activities(machine);
  machine.world.follow((resource, { object, deleted }) => {
    if (resource !== "nodes") return;
    const { name } = object.metadata;
    const closing = `${name} is cordoned`;
    if (!deleted && wantsTaint(object) && !marking.has(closing)) {
      marking.start(closing, () => taintCordoned(machine, name));
    }
    const [lost, known] = [isLost(object), isMarked(object)];
    const [going, leaving] = [`${name} is back`, `${name} is lost`];
    if (deleted || !lost) marking.end(leaving);
    if (deleted || lost) marking.end(going);
    if (deleted || lost === known) return;
    const key = lost ? leaving : going;
    if (marking.has(key)) return;
    marking.start(key, async (activity) => {
      if (lost) await activity.sleep(pace.nodeLost);
      if (!activity.ended) await mark(machine, name, lost);
    });
  });
  return () => marking.endAll();
}

/** Whether the taint of a cordoned node is to be put on, or taken away. */
function wantsTaint(node: AnyObject): boolean {
  const isTainted = taintsOf(node).some(({ key }) => key === cordoned.key);
  return isTainted !== Boolean(node["spec"]?.unschedulable);
}

async function taintCordoned({ world, clock }: Machine, name: string): Promise<void> {
  // Again, as long as it takes: the node may be uncordoned while it is marked.
  for (
    let node = world.get("nodes", { name });
    node && wantsTaint(node);
    node = world.get("nodes", { name })
  ) {
    const others = taintsOf(node).filter(({ key }) => key !== cordoned.key);
    const own = node["spec"].unschedulable ? [{ ...cordoned, timeAdded: timestamp(clock) }] : [];
    await world.patch("nodes", node, { spec: { taints: [...others, ...own] } });
  }
}

function isMarked({ status }: AnyObject): boolean {
  const conditions = (status?.conditions ?? []) as Condition[];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "Unknown");
}

async function mark({ world, clock, say }: Machine, name: string, lost: boolean): Promise<void> {
  const node = world.get("nodes", { name });
  if (!node) return;
  const now = timestamp(clock);
  const ready = lost
    ? { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." }
    : { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };
  const conditions = ((node["status"]?.conditions ?? []) as Condition[]).map((condition) =>
    condition.type === "Ready"
      ? { ...condition, ...ready, lastTransitionTime: now, ...(!lost && { lastHeartbeatTime: now }) }
      : condition,
  );
  const others = taintsOf(node).filter(({ key }) => key !== unreachable);
  const own = effects.map((effect) => ({ key: unreachable, effect, timeAdded: now }));
  const taints = lost ? [...others, ...own] : others;
  await world.port.patch("nodes", { name }, { spec: { taints } });
  await world.port.patch("nodes", { name }, { status: { conditions } }, "status");
  const reason = lost ? "NodeNotReady" : "NodeReady";
  say(
    node,
    { component: lost ? "node-controller" : "kubelet" },
    { reason, message: `Node ${name} status is now: ${reason}` },
  );
}
