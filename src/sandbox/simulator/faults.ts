import type { AnyObject } from "../port.js";

const faults = [
  "crash-loop",
  "crash-once",
  "image-pull",
  "never-ready",
  "unschedulable",
  "volume-pending",
  "node-lost",
  "config-error",
] as const;

/** What can be wrong with a simulated pod (docs/sandbox.md). */
export type Fault = (typeof faults)[number];

/** A tag of a container's image that brings a fault along: `nginx:crash-loop`. */
const faultyTags: readonly string[] = ["crash-loop", "crash-once", "image-pull", "never-ready"];

/** The annotation of a pod, its template or a node that names a fault. */
export const faultAnnotation = "sandbox/fault";

const annotation = { fault: faultAnnotation, ordinals: "sandbox/fault-ordinals", slow: "sandbox/slow" };

/** The fault that a pod template's annotations give to the pod of that name. */
export function podFault({
  metadata,
}: {
  metadata: Pick<AnyObject["metadata"], "annotations" | "name">;
}): Fault | undefined {
  const { annotations = {}, name } = metadata;
  const fault = faults.find((known) => known === annotations[annotation.fault]);
  const ordinals = annotations[annotation.ordinals];
  if (!fault || ordinals === undefined) return fault;
  const ordinal = /-(\d+)$/.exec(name)?.[1];
  return ordinal !== undefined && includes(ordinals, Number(ordinal)) ? fault : undefined;
}

/** The fault of one container: by its image's tag, or the pod's, which falls on the first container. */
export function containerFault(
  pod: AnyObject,
  container: { name: string; image?: string },
): Fault | undefined {
  const tag = /:([^/@:]+)(@.*)?$/.exec(container.image ?? "")?.[1];
  if (tag !== undefined && faultyTags.includes(tag)) return tag as Fault;
  return pod["spec"].containers[0]?.name === container.name ? podFault(pod) : undefined;
}

/** Milliseconds by which the annotation `sandbox/slow` holds up a pod's start: `500ms`, `5s`, `1m30s`. */
export function slowness({ metadata }: AnyObject): number {
  const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const parts = (metadata.annotations?.[annotation.slow] ?? "").matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** Whether a list such as `0,2-4,7-` names an ordinal. */
function includes(list: string, ordinal: number): boolean {
  return list.split(",").some((part) => {
    const [, first, dash, last] = /^\s*(\d+)\s*(?:(-)\s*(\d*))?\s*$/.exec(part) ?? [];
    if (first === undefined) return false;
    const end = last || (dash ? Infinity : first);
    return Number(first) <= ordinal && ordinal <= Number(end);
  });
}
