import type { ClusterPort } from "../port.js";
import { type Clock, timestamp } from "./clock.js";
import { isRefused } from "./world.js";

const capacity = { cpu: "64", memory: "256Gi", "ephemeral-storage": "1Ti", pods: "500" };

/** The name of the simulated node with an index from 0: `node-1`. */
export function nodeName(index: number): string {
  return `node-${index + 1}`;
}

/** The address of a node; its pods have others (`pod-status.ts`). */
export function nodeAddress(index: number): string {
  return `192.168.0.${index + 10}`;
}

/** Registers nodes as their kubelets would: those that are there already are left as they are. */
export async function registerNodes(port: ClusterPort, count: number, clock: Clock): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    try {
      await register(port, index, clock);
    } catch (error) {
      if (!isRefused(error, "AlreadyExists")) throw error;
    }
  }
}

async function register(port: ClusterPort, index: number, clock: Clock): Promise<void> {
  const name = nodeName(index);
  const node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
      },
    },
  };
  await port.create("nodes", node);
  await port.patch("nodes", { name }, { spec: { taints: [] } }); // admission taints a new node as not ready
  const now = timestamp(clock);
  const ready = {
    type: "Ready",
    status: "True",
    reason: "KubeletReady",
    message: "kubelet is posting ready status",
  };
  const status = {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: "InternalIP", address: nodeAddress(index) },
      { type: "Hostname", address: name },
    ],
    conditions: [{ ...ready, lastHeartbeatTime: now, lastTransitionTime: now }],
  };
  await port.patch("nodes", { name }, { status }, "status");
}
