import type { AnyObject } from "../port.js";
import { timestamp } from "./clock.js";
import { Activities, type Machine } from "./machine.js";
import { taintsOf, tolerationOf } from "./node-choice.js";
import type { Activity } from "./pace.js";
import { isRefused, targetOf } from "./world.js";

const source = { component: "taint-eviction-controller" };

/** The taint eviction controller: deletes pods whose node has a taint NoExecute for longer than they tolerate. Returns what ends it. */
export function startTaintEviction(machine: Machine): () => void {
  const { world, say, clock, speed } = machine;
  const [planned, immediate] = [new Activities(machine), new Activities(machine)];
  const forget = ({ metadata: { uid } }: AnyObject) => {
    planned.end(uid);
    immediate.end(uid);
  };
  /** Another taint may come that is not tolerated at all: what was planned for later is then not waited for. */
  const cancel = (pod: AnyObject) => {
    const { uid, namespace, name } = pod.metadata;
    if (!planned.has(uid)) return;
    planned.end(uid);
    const message = `Cancelling deletion of Pod ${namespace}/${name}`;
    say(pod, source, { reason: "TaintManagerEviction", message });
  };
  const consider = (pod: AnyObject) => {
    const { uid, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return forget(pod);
    const patience = patienceOf(pod, world.get("nodes", { name: pod["spec"].nodeName }));
    if (patience === 0 || patience === Infinity) cancel(pod);
    if (patience === Infinity) return immediate.end(uid);
    if (planned.has(uid) || immediate.has(uid)) return;
    const due = clock.now() + patience / speed;
    const evictions = patience === 0 ? immediate : planned;
    evictions.start(uid, (activity) => evict(machine, pod, due, activity));
  };
  world.follow((resource, { object, deleted }) => {
    if (resource === "nodes") for (const pod of world.podsOn(object.metadata.name)) consider(pod);
    if (resource !== "pods" || !object["spec"].nodeName) return;
    if (deleted) forget(object);
    else consider(object);
  });
  return () => [planned, immediate].forEach((each) => each.endAll());
}

/** Milliseconds of the simulated world that a pod stays on its node; Infinity when it may stay for good. */
function patienceOf(pod: AnyObject, node: AnyObject | undefined): number {
  const taints = node ? taintsOf(node).filter(({ effect }) => effect === "NoExecute") : [];
  const seconds = taints.map((taint) => {
    const toleration = tolerationOf(pod, taint);
    return toleration ? Math.max(0, toleration.tolerationSeconds ?? Infinity) : 0;
  });
  return Math.min(Infinity, ...seconds) * 1_000;
}

async function evict(
  { world, say, clock, speed }: Machine,
  { metadata: { uid, namespace, name } }: AnyObject,
  due: number,
  activity: Activity,
): Promise<void> {
  await activity.sleep(Math.max(0, due - clock.now()) * speed);
  const pod = world.get("pods", { namespace, name });
  if (pod?.metadata.uid !== uid) return;
  const message = `Marking for deletion Pod ${namespace}/${name}`;
  say(pod, source, { reason: "TaintManagerEviction", message });
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastTransitionTime: timestamp(clock),
  };
  const conditions = (pod["status"]?.conditions ?? []) as { type: string }[];
  const others = conditions.filter(({ type }) => type !== condition.type);
  try {
    await world.patch("pods", pod, { status: { conditions: [...others, condition] } }, "status");
    await world.port.delete("pods", targetOf(pod), { uid });
  } catch (error) {
    if (!isRefused(error, "NotFound")) throw error;
  }
}
