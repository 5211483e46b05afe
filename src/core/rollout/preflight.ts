import { ordinalRange } from "../identity.js";
import type { Pod, StatefulSet } from "../model.js";
import { ownCommand, type Naming } from "../progress/naming.js";
import { podsSnapshot } from "../progress/snapshot.js";
import { standings } from "../progress/standing.js";
import { strategyOf } from "../revision.js";
import { heldPods, updatedPods } from "./partition.js";
import { pauseOf } from "./pause.js";
import { stagingOf } from "./staging.js";

/**
 * What a person should know before the template of a set changes: which pods will not follow, and what lets them. With
 * `staged` the change says itself how far it goes.
 */
export function rolloutNotes(set: StatefulSet, naming: Naming, staged = false): string[] {
  if ((set.spec.replicas ?? 1) === 0) return ["0 replicas: the change shows when the set is scaled up"];
  const type = strategyOf(set);
  const note = strategyNotes[type];
  if (note) return [note(set, naming)];
  if (type !== "RollingUpdate") {
    return [
      `updateStrategy ${type} is not known to sts: whether and how pods are replaced is up to the cluster`,
    ];
  }
  return staged ? [] : partitionNotes(set, naming);
}

/** Recreate is KEP-3541, alpha in 1.37: every pod of an old revision is deleted before the first new one is made. */
const strategyNotes: Readonly<Record<string, (set: StatefulSet, naming: Naming) => string>> = {
  OnDelete: (set, naming) => {
    const { start, end } = ordinalRange(set);
    const ordinals = end - start === 1 ? `${start}` : `${start}-${end - 1}`;
    const restart = command(naming, `restart ${set.metadata.name} --ordinals=${ordinals}`);
    return `updateStrategy OnDelete: no pod is replaced by itself; ${restart} does it`;
  },
  Recreate: () => "updateStrategy Recreate: all pods go down at once before the first new one starts",
};

function partitionNotes(set: StatefulSet, naming: Naming): string[] {
  const { name } = set.metadata;
  const { end, firstUpdated, partition, replicas } = ordinalRange(set);
  const [held, updated] = [heldPods(set), updatedPods(set)];
  const resume = command(naming, `resume ${name}`);
  if (pauseOf(set)) {
    if (!updated) return [`${name} is paused: no pod is updated until ${resume}`];
    const are = firstUpdated === end - 1 ? "is" : "are";
    return [
      `${name} is paused, but ${updated} ${are} not held and will be updated; ${resume} lets the others go on`,
    ];
  }
  if (stagingOf(set)) {
    const ends = `${command(naming, `promote ${name}`)} or ${command(naming, `abort ${name}`)} ends it`;
    return [`a staged rollout is under way${held && `, and holds ${held}`}; ${ends}`];
  }
  const promote = command(naming, `promote ${name}`);
  if (partition < replicas) return held ? [`held by the partition: ${held}; ${promote} lets go`] : [];
  const stage = command(naming, `stage ${name} --canary=1`);
  return [
    `partition ${partition} is not below replicas ${replicas}: no pod will be updated; ` +
      `${stage} updates one, ${promote} all`,
  ];
}

const command = (naming: Naming, words: string): string => ownCommand(naming, `rollout ${words}`);

/** The ordinals in range without a pod that is available: Ready, for `minReadySeconds`, and not on its way out. */
export function unreadyOrdinals(set: StatefulSet, pods: readonly Pod[], now: number): number[] {
  return standings(podsSnapshot(set, pods, now))
    .filter(({ wanted, phase }) => wanted && phase !== "ready")
    .map(({ ordinal }) => ordinal);
}
