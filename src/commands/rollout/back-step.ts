import type { StatefulSet } from "../../core/model.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { stagingOf } from "../../core/rollout/staging.js";
import { undoStep } from "../../core/rollout/undo.js";
import { waitsForReady } from "../../core/rollout/unstick.js";

/**
 * How a change of the template is taken back when it fails: a staging, one under way or one that begins with it, as a
 * whole; and under OrderedReady not by a plain undo, which would block.
 */
export function backStep(set: StatefulSet, naming: Naming, isStaged: boolean): NextStep {
  const { name } = set.metadata;
  if (isStaged || stagingOf(set))
    return { label: "go back", command: ownCommand(naming, `rollout abort ${name}`) };
  if (waitsForReady(set)) return undoStep(name, naming);
  return { label: "go back", command: ownCommand(naming, `rollout undo ${name}`) };
}
