import { ordinalRange } from "../identity.js";
import type { ControllerRevision, Pod, StatefulSet } from "../model.js";
import { nameOrdinals } from "../progress/naming.js";
import { podsSnapshot } from "../progress/snapshot.js";
import { podRevision } from "../revision.js";
import { heldPods, partitionOf } from "./partition.js";
import { isAtRevision, templateReplacement } from "./revisions.js";
import { stagingOf, stagingPatch, type Holder, type Staging, type StagingPatch } from "./staging.js";

/** How the staging of a set is taken back. */
export interface AbortPlan {
  /** What the set goes back to. */
  revision: ControllerRevision;
  /** The template has to go back, or has and its pods are not known to have followed. */
  needsReturn: boolean;
  /** Pods that are replaced on the way back, and those that stay: `web-3 and web-4`; empty where there are none. */
  staged: string;
  held: string;
  /** The partition in force, and the one from before the staging. */
  partition: number;
  partitionBefore: number;
}

/** Plans the way back of a staging under way; undefined where the revision from before it is not known any more. */
export function planAbort(
  set: StatefulSet,
  staging: Staging,
  revisions: readonly ControllerRevision[],
  pods: readonly Pod[],
): AbortPlan | undefined {
  const revision = revisions.find(({ metadata }) => metadata.name === revisionBefore(set, staging));
  if (!revision) return undefined;
  const { name } = set.metadata;
  const { end, firstUpdated } = ordinalRange(set);
  const staged = [...podsSnapshot(set, pods).pods]
    .filter(
      ([ordinal, pod]) =>
        ordinal >= firstUpdated && ordinal < end && podRevision(pod) !== revision.metadata.name,
    )
    .map(([ordinal]) => ordinal);
  return {
    revision,
    needsReturn: staging.aborting === true || !isAtRevision(set, revision),
    staged: nameOrdinals(name, staged),
    held: heldPods(set),
    partition: partitionOf(set),
    partitionBefore: staging.partitionBefore,
  };
}

/** An annotation that was written by hand may lack it: as long as pods are held, their revision is the one. */
function revisionBefore({ status }: StatefulSet, staging: Staging): string | undefined {
  if (staging.revisionBefore !== undefined) return staging.revisionBefore;
  return status?.currentRevision === status?.updateRevision ? undefined : status?.currentRevision;
}

/**
 * The first patch (strategic merge): the template goes back and the staging says so, and the partition stays, so that
 * no other pod is touched. Where the template is back already, as after a kill, it only names the new holder.
 */
export function returnPatch(set: StatefulSet, { revision }: AbortPlan, holder: Holder): StagingPatch {
  const staging: Staging = {
    ...(stagingOf(set) ?? { v: 1, partitionBefore: partitionOf(set) }),
    revisionBefore: revision.metadata.name,
    aborting: true,
    holder,
  };
  const { metadata, spec } = stagingPatch(set, partitionOf(set), staging);
  const template = isAtRevision(set, revision) ? undefined : templateReplacement(revision);
  return { metadata, spec: { ...spec, ...(template && { template }) } };
}

/** What one of the two steps does: in a line, and below it. */
export interface StepWords {
  title: string;
  notes: string[];
}

export function returnWords({ revision, staged, held, partition, partitionBefore }: AbortPlan): StepWords {
  return {
    title: `back to revision ${revision.revision}: ${staged || "no pods"}`,
    notes: [
      ...(held ? [`left alone: ${held}`] : []),
      `then the partition goes back from ${partition} to ${partitionBefore}`,
    ],
  };
}

export function restoreWords({ partition, partitionBefore }: AbortPlan): StepWords {
  return { title: `partition ${partition} → ${partitionBefore}; the staging is over`, notes: [] };
}
