import { formatAge } from "./duration.js";
import { claimName } from "./identity.js";
import type { Autoscaler, Claim, StatefulSet } from "./model.js";
import { namePods } from "./progress/naming.js";

/** What a person should know before a set is scaled: facts read beside the set itself. */
export interface ScaleFacts {
  /** Claims of the namespace that could be the set's. */
  claims: readonly Claim[];
  autoscalers: readonly Autoscaler[];
  /** Milliseconds. */
  now: number;
}

/** `3 → 5 replicas, one after the other (OrderedReady)`. */
export function scaleTitle(set: StatefulSet, replicas: number): string {
  const parallel = set.spec.podManagementPolicy === "Parallel";
  const how = parallel ? "all at once (Parallel)" : "one after the other (OrderedReady)";
  const before = set.spec.replicas ?? 1;
  return before === replicas ? `already at ${count(replicas)}` : `${before} → ${count(replicas)}, ${how}`;
}

const count = (replicas: number): string => `${replicas} ${replicas === 1 ? "replica" : "replicas"}`;

/** What is said under the title: claims that come back or are destroyed, and who would scale the set back. */
export function scaleNotes(set: StatefulSet, replicas: number, facts: ScaleFacts): string[] {
  const before = set.spec.replicas ?? 1;
  if (before === replicas) return [];
  const data = replicas > before ? returningData(set, replicas, facts) : destroyedData(set, replicas);
  return [...data, ...canaryLost(set, replicas), ...autoscaled(set, facts.autoscalers)];
}

/** Scaling up attaches whatever claims have the right names, however old. */
function returningData(set: StatefulSet, replicas: number, { claims, now }: ScaleFacts): string[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const start = set.spec.ordinals?.start ?? 0;
  const byName = new Map(claims.map((claim) => [claim.metadata.name, claim]));
  const found: Claim[] = [];
  for (let ordinal = start + (set.spec.replicas ?? 1); ordinal < start + replicas; ordinal += 1) {
    for (const template of templates) {
      const claim = byName.get(claimName(template.metadata?.name ?? "", set.metadata.name, ordinal));
      if (claim) found.push(claim);
    }
  }
  if (found.length === 0) return [];
  const oldest = Math.min(...found.map((claim) => Date.parse(claim.metadata.creationTimestamp)));
  const names = found.map((claim) => claim.metadata.name);
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const [come, their] = found.length === 1 ? ["comes", "its"] : ["come", "their"];
  return [`${join(shown)} ${come} back with ${their} old data (${formatAge(now - oldest)} old)`];
}

function join(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function destroyedData(set: StatefulSet, replicas: number): string[] {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return [];
  if (!set.spec.volumeClaimTemplates?.length) return [];
  const start = set.spec.ordinals?.start ?? 0;
  const pods = namePods(set.metadata.name, start + replicas, start + (set.spec.replicas ?? 1) - 1);
  return [`whenScaled is Delete: the claims of ${pods} are deleted with their pods`];
}

/** kubernetes/kubernetes#121534: with no pod left the update counts as complete, and the old revision is forgotten. */
function canaryLost(set: StatefulSet, replicas: number): string[] {
  const { currentRevision, updateRevision } = set.status ?? {};
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (replicas > 0 || partition === 0 || !currentRevision || currentRevision === updateRevision) return [];
  return [`an update is staged (partition ${partition}): at 0 replicas the old revision is lost (#121534)`];
}

function autoscaled(set: StatefulSet, autoscalers: readonly Autoscaler[]): string[] {
  return autoscalers
    .filter(
      ({ spec: { scaleTargetRef: target } }) =>
        target.kind === "StatefulSet" && target.name === set.metadata.name,
    )
    .map(({ metadata, spec }) => {
      const range = `${spec.minReplicas ?? 1} to ${spec.maxReplicas}`;
      return `HorizontalPodAutoscaler ${metadata.name} (${range} replicas) may scale it again`;
    });
}
