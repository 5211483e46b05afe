import { ordinalRange } from "../identity.js";
import type { ControllerRevision, StatefulSet } from "../model.js";
import { isReady, isTerminating } from "../pod-state.js";
import { diagnose, type Diagnosed } from "../progress/diagnosis.js";
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
 * revision: after a plain undo, or an earlier run that was killed, what is broken is at another one, or has been deleted
 * already, and the template stays. While pods of another revision are healthy too and nothing broken is elsewhere, it is
 * that one. Undefined where no healthy pod tells and the template's own pods are broken.
 */
function healthyRevision(
  snapshot: Snapshot,
  revisions: readonly ControllerRevision[],
): ControllerRevision | undefined {
  const { set } = snapshot;
  if (!set) return undefined;
  const { firstUpdated } = ordinalRange(set);
  const own = diagnose(snapshot).filter(({ wanted, pod }) => wanted && pod && !isTerminating(pod));
  const healthy = own.filter(({ pod }) => pod && isReady(pod));
  const updated = healthy.filter(({ ordinal }) => ordinal >= firstUpdated);
  const live = revisions.find((revision) => isAtRevision(set, revision));
  const count = (revision: ControllerRevision): number =>
    (updated.length > 0 ? updated : healthy).filter((one) => isMadeAt(one, revision)).length;
  const ranked = revisions
    .filter((revision) => count(revision) > 0)
    .sort((left, right) => count(right) - count(left) || Number(left === live) - Number(right === live));
  const [first] = ranked;
  if (first && first !== live) return first;
  const unready = own.filter(({ pod }) => pod && !isReady(pod));
  if (unready.some((one) => !isMadeAt(one, live))) return live;
  const isBad = unready.some(({ broken, phase }) => broken || phase === "notReady");
  return ranked.find((revision) => revision !== live) ?? (isBad ? undefined : live);
}

function isMadeAt({ pod }: Diagnosed, revision: ControllerRevision | undefined): boolean {
  return pod !== undefined && podRevision(pod) === revision?.metadata.name;
}
