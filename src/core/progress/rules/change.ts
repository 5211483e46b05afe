import { sameJson } from "../../equal.js";
import type { StatefulSet } from "../../model.js";
import { writersOf } from "../managers.js";
import { Reason } from "../reasons.js";
import type { Snapshot } from "../snapshot.js";
import type { Question, Verdict } from "../verdict.js";

/** A part of the spec that a command relies on. */
interface Part {
  /** Where managedFields has it. */
  path: readonly string[];
  read(set: StatefulSet): unknown;
  describe(set: StatefulSet): string;
}

const replicas: Part = {
  path: ["f:spec", "f:replicas"],
  read: ({ spec }) => spec.replicas ?? 1,
  describe: ({ spec }) => `spec.replicas to ${spec.replicas ?? 1}`,
};
const template: Part = {
  path: ["f:spec", "f:template"],
  read: ({ spec }) => spec.template,
  describe: () => "the pod template",
};
const strategy: Part = {
  path: ["f:spec", "f:updateStrategy"],
  read: ({ spec }) => spec.updateStrategy,
  describe: ({ spec }) => {
    const partition = spec.updateStrategy?.rollingUpdate?.partition;
    return `the update strategy${partition === undefined ? "" : ` (partition ${partition})`}`;
  },
};

/** Whether somebody else took away what the command waits for: the set itself, or what it wrote to it. */
export function judgeChange(
  { set }: Pick<Snapshot, "set">,
  { goal, written }: Question,
): Verdict | undefined {
  if (set?.metadata.deletionTimestamp !== undefined)
    return conflict(Reason.Deleted, "the set is being deleted");
  if (!set) return conflict(Reason.Deleted, "the set was deleted");
  if (written && written.metadata.uid !== set.metadata.uid) {
    return conflict(Reason.Deleted, "the set was deleted and made anew");
  }
  if (goal.type === "scaled" && replicas.read(set) !== goal.replicas) return changed(replicas, set, written);
  if ((goal.type !== "settled" && goal.type !== "restarted") || !written) return undefined;
  const part = [template, strategy].find(({ read }) => !sameJson(read(written), read(set)));
  return part && changed(part, set, written);
}

function changed({ path, describe }: Part, set: StatefulSet, written: StatefulSet | undefined): Verdict {
  const who = writersOf(path, set, written);
  return conflict(Reason.Changed, `${who || "somebody else"} changed ${describe(set)} meanwhile`);
}

function conflict(reason: Reason, message: string): Verdict {
  return { state: "Conflict", reason, message, next: [] };
}
