import type { AnyObject } from "../../../src/sandbox/port.js";
import { isReady } from "./world.js";

/** What Done means, found without the tool's own words for it: by templates, not by the names of revisions. */
export function isSettled({ spec }: AnyObject, pods: AnyObject[], now: number): boolean {
  const start: number = spec.ordinals?.start ?? 0;
  const indexes = pods.map(({ metadata }) => Number(/\d+$/.exec(metadata.name)) - start);
  if (pods.length !== spec.replicas || indexes.some((index) => index < 0 || index >= spec.replicas))
    return false;
  const { type, rollingUpdate } = spec.updateStrategy;
  const partition = type === "OnDelete" ? Infinity : (rollingUpdate?.partition ?? 0);
  return pods.every((pod, at) => {
    const updated = versionOf(pod) === versionOf(spec.template);
    const stays = pod.metadata.deletionTimestamp === undefined && pod["status"].phase === "Running";
    return (
      stays && isAvailable(pod, spec.minReadySeconds ?? 0, now) && (updated || (indexes[at] ?? 0) < partition)
    );
  });
}

export function versionOf({ metadata }: Pick<AnyObject, "metadata">): string | undefined {
  return metadata.annotations?.["version"];
}

function isAvailable(pod: AnyObject, minReadySeconds: number, now: number): boolean {
  const { conditions } = pod["status"] as { conditions: { type: string; lastTransitionTime: string }[] };
  const since = conditions.find(({ type }) => type === "Ready")?.lastTransitionTime ?? "";
  return isReady(pod) && Date.parse(since) + minReadySeconds * 1_000 <= now;
}
