import { hasEnded } from "../kinds/pod-phase.js";
import type { AnyObject } from "../port.js";
import { runContainer } from "./container-run.js";
import { finishExpansion } from "./expansion.js";
import { podFault } from "./faults.js";
import { Activities, type Machine } from "./machine.js";
import { claimNames, mountFailure } from "./mounts.js";
import { isOnLostNode, mattersTo } from "./node-loss.js";
import { type Activity, pace } from "./pace.js";
import { type Container, PodRun } from "./pod-run.js";
import { newContainer, terminatedContainer } from "./pod-status.js";
import { isRefused } from "./world.js";

/** The kubelets of all nodes: what is bound runs, what is to go is stopped and removed. Returns what ends them. */
export function startKubelets(machine: Machine): () => void {
  const running = new Activities(machine);
  const stopping = new Activities(machine);
  const addresses = new Map<string, string>();

  machine.world.follow((resource, { object, deleted }) => {
    if (resource !== "pods" || !object["spec"].nodeName) return;
    const { uid, deletionTimestamp } = object.metadata;
    if (deleted || deletionTimestamp !== undefined) running.end(uid);
    if (deleted) {
      stopping.end(uid);
      addresses.delete(uid);
    } else if (deletionTimestamp !== undefined) {
      if (!stopping.has(uid))
        stopping.start(uid, (activity) => stopPod(new PodRun(machine, object, activity)));
    } else if (!running.has(uid)) {
      running.start(uid, (activity) => runPod(machine, object, activity, addresses));
    }
  });
  return () => {
    running.endAll();
    stopping.endAll();
  };
}

async function runPod(machine: Machine, pod: AnyObject, activity: Activity, addresses: Map<string, string>) {
  const run = new PodRun(machine, pod, activity);
  if (hasEnded(run.pod)) return keepForever(activity);
  const { world } = machine;
  const byItself = startPod(run, addresses).then(() =>
    loseNode(run, () => podFault(run.pod) === "node-lost"),
  );
  await Promise.all([byItself, loseNode(run, () => isOnLostNode(world, run.pod))]);
}

async function startPod(run: PodRun, addresses: Map<string, string>): Promise<void> {
  if (!run.pod["status"]?.startTime) await run.report();
  if (run.view.podIP === undefined) await mount(run, addresses);
  const { initContainers = [], containers } = run.pod["spec"] as Record<string, Container[]>;
  for (const container of initContainers ?? []) await runContainer(run, container);
  await Promise.all((containers ?? []).map((container) => runContainer(run, container)));
}

/** A pod that needs nothing more stays known, so that no later change of it starts it again. */
function keepForever(activity: Activity): Promise<void> {
  return new Promise((resolve) => void activity.onEnd(resolve));
}

/** Waits for the pod's volumes; then it has a sandbox, and with it an address. */
async function mount(run: PodRun, addresses: Map<string, string>): Promise<void> {
  const { world } = run.machine;
  for (let told: string | undefined; ;) {
    const failure = mountFailure(world, run.pod);
    if (failure === undefined) break;
    if (failure !== "" && failure !== told)
      run.say({ type: "Warning", reason: "FailedMount", message: failure });
    told = failure;
    await world.until(run.activity, ["persistentvolumeclaims", "configmaps", "secrets"], () =>
      mountFailure(world, run.pod) === told ? undefined : true,
    );
  }
  const { namespace } = run.pod.metadata;
  for (const name of claimNames(run.pod)) await finishExpansion(run.machine, { namespace, name });
  run.view.podIP = freeAddress(run, addresses);
  run.view.containers = run.view.containers.map((status) =>
    status.state.waiting && run.view.initContainers.length === 0
      ? newContainer(status, "ContainerCreating")
      : status,
  );
  await run.report();
}

/** The lowest address of the node's range that no pod has. */
function freeAddress({ machine, pod }: PodRun, addresses: Map<string, string>): string {
  const { world } = machine;
  const node = world.all("nodes").findIndex(({ metadata }) => metadata.name === pod["spec"].nodeName);
  const taken = new Set([
    ...addresses.values(),
    ...world.all("pods").map(({ status }) => status?.podIP as string),
  ]);
  for (let host = 2; ; host += 1) {
    const address = `10.${100 + node}.${host >> 8}.${host & 255}`;
    if (taken.has(address)) continue;
    addresses.set(pod.metadata.uid, address);
    return address;
  }
}

/**
 * What the node controller does each time that a pod's node no longer answers, until it does again. Never resolves: a pod
 * that needs nothing more stays known, and is not started again.
 */
async function loseNode(run: PodRun, isGone: () => boolean): Promise<void> {
  for (;;) {
    await until(run, isGone);
    await run.activity.sleep(pace.nodeLost);
    if (!isGone()) continue;
    run.view.lost = true;
    await run.tell();
    const words = { type: "Warning", reason: "NodeNotReady", message: "Node is not ready" } as const;
    run.machine.say(run.pod, { component: "node-controller" }, words);
    await until(run, () => !isGone());
    run.view.lost = false;
    await run.report();
  }
}

async function until(run: PodRun, is: () => boolean): Promise<void> {
  await run.machine.world.until(run.activity, mattersTo(run.pod), () => is() || undefined);
}

/** A pod on a lost node stays Terminating until somebody removes it by force. */
async function stopPod(run: PodRun): Promise<void> {
  await until(run, () => podFault(run.pod) !== "node-lost" && !isOnLostNode(run.machine.world, run.pod));
  const { metadata } = run.pod;
  const running = run.view.containers.filter(({ state }) => state.running);
  for (const { name } of running) run.say({ reason: "Killing", message: `Stopping container ${name}` });
  const grace = (metadata.deletionGracePeriodSeconds ?? 0) * 1_000;
  await run.activity.sleep(Math.min(pace.terminate, grace));
  run.view.containers = run.view.containers.map((status) =>
    status.state.running ? terminatedContainer(status, 0, run.now()) : status,
  );
  run.view.over = true;
  await run.report();
  await deletePod(run);
  await keepForever(run.activity);
}

async function deletePod({ machine, target, pod }: PodRun): Promise<void> {
  try {
    await machine.world.port.delete("pods", target, { uid: pod.metadata.uid, gracePeriodSeconds: 0 });
  } catch (error) {
    if (!isRefused(error, "NotFound", "Conflict")) throw error; // it is gone, or another has its name
  }
}
