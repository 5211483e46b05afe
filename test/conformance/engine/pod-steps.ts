import type { Answer } from "./requests.js";
import type { Stage } from "./stage.js";
import { patchTypes, write } from "./writes.js";

/** What a scenario does to one pod. */
export const podVerbs = {
  evict: (stage: Stage, name: string) => {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } };
    return write(stage, { name, subresource: "eviction" }, { method: "POST", body });
  },
  bind: (stage: Stage, { pod, node }: { pod: string; node: string }) => {
    const target = { apiVersion: "v1", kind: "Node", name: node };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name: pod }, target };
    return write(stage, { name: pod, subresource: "binding" }, { method: "POST", body });
  },
  /** Gives a pod a fault; without one it heals. */
  fault: (stage: Stage, { pod, fault = null }: { pod: string; fault?: string | null }) => {
    const body = { metadata: { annotations: { "sandbox/fault": fault } } };
    return write(stage, { name: pod }, { method: "PATCH", body, type: patchTypes.merge });
  },
  /** A pod's end, as a kubelet would report it. */
  end: (stage: Stage, { pod, phase }: { pod: string; phase: "Failed" | "Succeeded" }) =>
    write(
      stage,
      { name: pod, subresource: "status" },
      { method: "PATCH", body: { status: { phase } }, type: patchTypes.merge },
    ),
  /** Turns its condition Ready to False, which its kubelet leaves so. */
  unready: (stage: Stage, name: string) => setReady(stage, name, "False"),
  ready: (stage: Stage, name: string) => setReady(stage, name, "True"),
  /** Once deleted it stays Terminating, until it is released. */
  hold: (stage: Stage, name: string) => setFinalizers(stage, name, ["example.org/hold"]),
  release: (stage: Stage, name: string) => setFinalizers(stage, name, null),
};

function setReady(stage: Stage, name: string, status: "True" | "False"): Promise<Answer> {
  const body = { status: { conditions: [{ type: "Ready", status }] } };
  return write(stage, { name, subresource: "status" }, { method: "PATCH", body, type: patchTypes.strategic });
}

function setFinalizers(stage: Stage, name: string, finalizers: string[] | null): Promise<Answer> {
  return write(
    stage,
    { name },
    { method: "PATCH", body: { metadata: { finalizers } }, type: patchTypes.merge },
  );
}
