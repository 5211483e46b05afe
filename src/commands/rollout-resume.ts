import { ordinalRange } from "../core/identity.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { writersOf } from "../core/progress/managers.js";
import { namePods, ownCommand, type Naming } from "../core/progress/naming.js";
import { strategyOf } from "../core/revision.js";
import { partitionOf, planStage } from "../core/rollout/partition.js";
import { isOverridden, partitionField, partitionMove, pauseOf, resumePatch } from "../core/rollout/pause.js";
import { ConflictError } from "../errors.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";
import { namingFor } from "./shared/naming.js";

interface Options extends ChangeOptions {
  name: string;
  force: boolean;
}

/** Ends a pause: the partition from before it comes back, and the rollout goes on. */
export const rolloutResumeCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description:
    "The partition from before the pause comes back, be it of a staging or none. Then the rollout is watched.",
  examples: `
sts rollout resume web`,
  flags: [
    { name: "force", help: "bring the partition back even where somebody else has moved it since" },
    ...changeFlags,
  ],

  options: (input) => ({
    ...readChange(input),
    name: readOneSetName(input),
    force: input.boolean("force"),
  }),

  async run(options, context) {
    const { connection, name, force } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? "");
    if (!force) checkOurs(set, naming);
    return changeSet(context, cluster, resumption(set), options);
  },
});

/** Throws a ConflictError where the partition is not the one that the pause wrote. */
function checkOurs(set: StatefulSet, naming: Naming): void {
  if (!isOverridden(set)) return;
  const { name } = set.metadata;
  const { partition, partitionBefore } = pauseOf(set) ?? {};
  const who = writersOf(partitionField, set, undefined) || "somebody else";
  throw new ConflictError(
    `${name} was paused with partition ${partition}, and ${who} changed it to ${partitionOf(set)} since; ` +
      `${ownCommand(naming, `rollout resume ${name} --force`)} brings back ${partitionBefore}`,
  );
}

function resumption(set: StatefulSet): SetChange {
  const pause = pauseOf(set);
  const subject = `statefulset.apps/${set.metadata.name}`;
  if (!pause) {
    const title = "is not paused; nothing to change";
    return { set, title, notes: [], patch: undefined, result: `${subject} unchanged` };
  }
  return {
    set,
    ...announced(set, pause.partitionBefore),
    patch: (current) => ({ type: "merge", body: resumePatch(current) }),
    result: `${subject} resumed`,
  };
}

function announced(set: StatefulSet, partition: number): Pick<SetChange, "title" | "notes"> {
  const strategy = strategyOf(set);
  if (strategy !== "RollingUpdate") {
    return { title: `resumed: it is updated by ${strategy} by now, which has no partition`, notes: [] };
  }
  const { currentRevision, updateRevision } = set.status ?? {};
  const { start, firstUpdated } = ordinalRange(set);
  const first = start + partition;
  const freed =
    currentRevision === updateRevision ? "" : namePods(set.metadata.name, first, firstUpdated - 1);
  const { held } = planStage(set, { partition });
  return {
    title: `resumed: ${partitionMove(set, partition)}${freed && `, which lets ${freed} go on`}`,
    notes: held ? [`the partition from before the pause still holds ${held}`] : [],
  };
}
