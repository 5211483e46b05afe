import type { AnyObject } from "../../../src/sandbox/port.js";
import type { Strategy, Template } from "./operations.js";

/** The pod template of a StatefulSet whose pods have the label `app`. No two versions are equal. */
export function templateOf(
  { tag, fault, ordinals, slow, delay, cpu }: Template,
  { app, version }: { app: string; version: number },
): AnyObject["spec"] {
  const annotations = {
    version: String(version),
    ...(fault && { "sandbox/fault": fault }),
    ...(ordinals && { "sandbox/fault-ordinals": ordinals }),
    ...(slow && { "sandbox/slow": slow }),
  };
  const container = {
    name: "nginx",
    image: `nginx:${tag ?? "1"}`,
    ...(delay && { readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: delay } }),
    ...(cpu && { resources: { requests: { cpu } } }),
  };
  return { metadata: { labels: { app }, annotations }, spec: { containers: [container] } };
}

/** The same template at another version, as `kubectl rollout restart` makes one. */
export function restarted(template: AnyObject["spec"], version: number): AnyObject["spec"] {
  const annotations = { ...template.metadata.annotations, version: String(version) };
  return { ...template, metadata: { ...template.metadata, annotations } };
}

/** `spec.updateStrategy`. */
export function updateStrategyOf(
  { type, ...rollingUpdate }: Strategy,
  policy: "OrderedReady" | "Parallel",
): object {
  if (type !== "RollingUpdate") return { type };
  // Without `rollingUpdate` the controller makes a pod anew at the current revision while others have it
  // (`newVersionedStatefulSetPod`), and under Parallel deletes it in the same sync, for ever.
  if (policy === "Parallel") return { type, rollingUpdate: { partition: 0, ...rollingUpdate } };
  return Object.keys(rollingUpdate).length > 0 ? { type, rollingUpdate } : { type };
}

export function claimTemplate(name: string, storageClassName?: string): object {
  return {
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storageClassName && { storageClassName }),
      resources: { requests: { storage: "1Gi" } },
    },
  };
}
