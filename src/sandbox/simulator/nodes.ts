import type { ClusterPort } from "../port.js";
import { type Clock, timestamp } from "./clock.js";

const capacity = { cpu: "64", memory: "256Gi", "ephemeral-storage": "1Ti", pods: "500" };

/** The name of the simulated node with an index from 0: `node-1`. */
function nodeName(index: number): string {
  return `node-${index + 1}`;
}

/** The address of a node; its pods have others (`pod-status.ts`). */
function nodeAddress(index: number): string {
  return `192.168.0.${index + 10}`;
}

/** Where what the kubelets serve is found, when anything serves it: `pods/NAME/log`. */
export interface KubeletEndpoint {
  address: string;
  port: number;
}

export interface NodeOptions {
  count: number;
  clock: Clock;
  kubelet?: KubeletEndpoint | undefined;
}

/** Registers nodes as their kubelets would; those that report a status already are left as they are. */
export async function registerNodes(port: ClusterPort, options: NodeOptions): Promise<void> {
  for (let index = 0; index < options.count; index += 1) {
    const name = nodeName(index);
    const node = (await port.get("nodes", { name })) ?? (await port.create("nodes", newNode(name)));
    if (node["status"]?.conditions?.length > 0) continue;
    await port.patch("nodes", { name }, { spec: { taints: [] } }); // admission taints a new node as not ready
    await port.patch("nodes", { name }, { status: nodeStatus(index, options) }, "status");
  }
}

function newNode(name: string) {
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
  };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
}

function nodeStatus(index: number, { clock, kubelet }: NodeOptions) {
  const now = timestamp(clock);
  const ready = {
    type: "Ready",
    status: "True",
    reason: "KubeletReady",
    message: "kubelet is posting ready status",
  };
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: "InternalIP", address: nodeAddress(index) },
      { type: "Hostname", address: nodeName(index) },
      ...(kubelet ? [{ type: "ExternalIP", address: kubelet.address }] : []),
    ],
    ...(kubelet && { daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } } }),
    conditions: [{ ...ready, lastHeartbeatTime: now, lastTransitionTime: now }],
  };
}
