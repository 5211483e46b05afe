import { ApiError } from "../../cluster/errors.js";
import type { ClusterPort } from "../port.js";
import { type Clock, systemClock } from "./clock.js";
import { startKubelets } from "./kubelet.js";
import { type LogRequest, podLogs } from "./logs.js";
import type { Machine } from "./machine.js";
import { startNodeLifecycle } from "./node-loss.js";
import { type KubeletEndpoint, registerNodes } from "./nodes.js";
import { startProvisioner } from "./provisioner.js";
import { startScheduler } from "./scheduler.js";
import { startTaintEviction } from "./taint-eviction.js";
import { voices } from "./voices.js";
import { World } from "./world.js";

export interface SimulatorOptions {
  /** Also bind pods and wipe volumes, for a cluster that has no scheduler and no controller manager of its own. */
  scheduler: boolean;
  /** `1.37`, the newest, when left out: how the scheduler words what it cannot do. */
  kubernetesVersion?: string;
  /** How many nodes to register; 3 when left out. */
  nodes?: number;
  /** How many times faster than life the machines are; 1 when left out. Changes no order. */
  speed?: number;
  clock?: Clock;
  /** What serves the logs to the cluster's API server; the sandbox's own asks `logs`. */
  kubelet?: KubeletEndpoint;
  /** Told of what a server refused, and of what could not be reached; it is tried again in any case. */
  onError?: (error: unknown, key: string) => void;
}

export interface Simulator {
  stop(): void;
  /** Of a pod's container. Throws an `ApiError`, as the API does, for a pod that is not there or has not started. */
  logs(namespace: string, pod: string, request?: LogRequest): string;
}

/**
 * Plays what a cluster has no process for: nodes, kubelets, volume provisioners and, for the sandbox, the scheduler.
 * It knows a cluster only through its API, and acts on what it finds there: it may be stopped at any time, and another
 * one goes on.
 */
export async function startSimulator(port: ClusterPort, options: SimulatorOptions): Promise<Simulator> {
  const {
    scheduler,
    kubernetesVersion = "1.37",
    nodes = 3,
    speed = 1,
    clock = systemClock,
    kubelet,
    onError,
  } = options;
  const world = new World(port);
  const machine: Machine = { world, say: voices(port, clock), clock, speed, onError };
  await registerNodes(port, { count: nodes, clock, kubelet });
  await world.start();
  const stops = [
    startProvisioner(machine),
    startKubelets(machine),
    startNodeLifecycle(machine),
    startTaintEviction(machine),
    ...(scheduler ? [startScheduler(machine, kubernetesVersion)] : []),
  ];
  return {
    stop() {
      for (const stop of [...stops, () => world.stop()]) stop();
    },
    logs(namespace, name, request = {}) {
      const pod = world.get("pods", { namespace, name });
      if (pod) return podLogs(pod, request);
      throw new ApiError({ code: 404, reason: "NotFound", message: `pods "${name}" not found` });
    },
  };
}
