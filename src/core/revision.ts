import { ordinalRange } from "./identity.js";
import type { Pod, StatefulSet } from "./model.js";

/** The controller has worked on this very spec, so that the status tells of it. */
export function isObserved({ metadata, status }: StatefulSet): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1);
}

/** How a set is updated, RollingUpdate where it does not say. Any string: a newer server may know further ones. */
export function strategyOf({ spec }: Pick<StatefulSet, "spec">): string {
  return spec.updateStrategy?.type ?? "RollingUpdate";
}

/** The name of the ControllerRevision a pod was made from (label `controller-revision-hash`). */
export function podRevision({ metadata }: Pod): string | undefined {
  return metadata.labels?.["controller-revision-hash"];
}

/** A revision's hash without the set's name before it, for a column: `6d9f8`. */
export function shortRevision(set: string, revision: string): string {
  return revision.startsWith(`${set}-`) ? revision.slice(set.length + 1) : revision;
}

/** What a set's update strategy does to a pod of an old revision at one ordinal. */
export interface WantedRevision {
  /** The revision the pod would be made at; undefined where the status does not tell yet. */
  revision: string | undefined;
  /** Whether the controller replaces a pod of another revision by itself. */
  enforced: boolean;
}

/**
 * The revision an ordinal is wanted at. Only from the partition up does a rolling update replace pods; below it a pod
 * of any revision stays (raising the partition rolls nothing back), and under OnDelete, or a strategy not known to us,
 * all do. `Recreate` is KEP-3541, alpha in 1.37.
 */
export function wantedRevision(set: StatefulSet, ordinal: number): WantedRevision {
  const { currentRevision, updateRevision } = set.status ?? {};
  const type = strategyOf(set);
  if (type === "Recreate") return { revision: updateRevision, enforced: true };
  if (type !== "RollingUpdate") return { revision: updateRevision, enforced: false };
  return ordinal >= ordinalRange(set).firstUpdated
    ? { revision: updateRevision, enforced: true }
    : { revision: currentRevision, enforced: false };
}
