import { inRange, ordinalRange } from "../identity.js";
import type { ControllerRevision, StatefulSet } from "../model.js";
import { isReady, isTerminating } from "../pod-state.js";
import { ownCommand, type Naming } from "../progress/naming.js";
import type { Snapshot } from "../progress/snapshot.js";
import type { NextStep } from "../progress/verdict.js";
import { podRevision } from "../revision.js";
import { listWords } from "../words.js";
import { isAtRevision } from "./revisions.js";
import { stagingOf } from "./staging.js";
import { waitsForReady } from "./unstick.js";

/**
 * How a change of the template is taken back when it fails: a staging, one under way or (`isStaged`) one that begins
 * with it, as a whole; and under OrderedReady not by a plain undo, which would block.
 */
export function backStep(set: StatefulSet, naming: Naming, isStaged = false): NextStep {
  const { name } = set.metadata;
  const undo = waitsForReady(set) ? `rollout undo ${name} --unstick` : `rollout undo ${name}`;
  const command = isStaged || stagingOf(set) ? `rollout abort ${name}` : undo;
  return { label: "go back", command: ownCommand(naming, command) };
}

/** Which revision an undo goes to: a number, the one before (`0`, as kubectl has it), or the one that healthy pods run. */
export type UndoRequest = { to: number } | { healthy: true };

/**
 * Finds the revision. Throws an Error, in kubectl's words, where the history does not have it.
 * @param revisions the set's own, lowest number first.
 */
export function chooseRevision(
  snapshot: Snapshot,
  revisions: readonly ControllerRevision[],
  request: UndoRequest,
): ControllerRevision {
  if ("healthy" in request) return healthyRevision(snapshot, revisions) ?? previous(snapshot, revisions);
  if (request.to === 0) return previous(snapshot, revisions);
  const found = revisions.find(({ revision }) => revision === request.to);
  if (found) return found;
  const known = listWords(revisions.map((each) => String(each.revision)));
  throw new Error(
    `unable to find specified revision ${request.to} in history; it has ${known || "none yet"}`,
  );
}

/**
 * The newest that is not the template's own. As kubectl's (the last but one), and also right before the controller has
 * numbered the last change.
 */
function previous({ set }: Snapshot, revisions: readonly ControllerRevision[]): ControllerRevision {
  const found = set && revisions.findLast((revision) => !isAtRevision(set, revision));
  if (!found) throw new Error("no last revision to roll back to");
  return found;
}

/**
 * What most of the healthy pods run, of those that the update is for if there are any. That may be the template's own
 * revision: after a plain undo, what is broken is at another one, and the template stays. Where nothing broken is
 * elsewhere, to stay would change nothing. Undefined where no healthy pod tells.
 */
function healthyRevision(
  snapshot: Snapshot,
  revisions: readonly ControllerRevision[],
): ControllerRevision | undefined {
  const { set, pods } = snapshot;
  if (!set) return undefined;
  const range = ordinalRange(set);
  const own = [...pods].filter(([ordinal, pod]) => inRange(range, ordinal) && !isTerminating(pod));
  const healthy = own.filter(([, pod]) => isReady(pod));
  const updated = healthy.filter(([ordinal]) => ordinal >= range.firstUpdated);
  const live = revisions.find((revision) => isAtRevision(set, revision));
  const count = ({ metadata }: ControllerRevision): number =>
    (updated.length > 0 ? updated : healthy).filter(([, pod]) => podRevision(pod) === metadata.name).length;
  const ranked = revisions
    .filter((revision) => count(revision) > 0)
    .sort((left, right) => count(right) - count(left) || Number(left === live) - Number(right === live));
  const [first = live] = ranked;
  const brokenElsewhere = own.some(([, pod]) => !isReady(pod) && podRevision(pod) !== live?.metadata.name);
  return first !== live || brokenElsewhere ? first : ranked.find((revision) => revision !== live);
}
