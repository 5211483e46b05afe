import type { Context } from "../context.js";
import { kinds } from "../core/kinds.js";
import type { ControllerRevision, StatefulSet } from "../core/model.js";
import { nameOrdinals } from "../core/progress/naming.js";
import type { Snapshot } from "../core/progress/snapshot.js";
import { historyOf } from "../core/rollout/history.js";
import { isAtRevision, templateReplacement } from "../core/rollout/revisions.js";
import { chooseRevision, type UndoRequest } from "../core/rollout/undo.js";
import { wouldBlock } from "../core/rollout/unstick.js";
import { readRevisions } from "./rollout/read-revisions.js";
import {
  changeTemplate,
  readTemplateOptions,
  templateFlags,
  type TemplateChange,
  type TemplateOptions,
} from "./rollout/template-change.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";
import { inspect } from "./shared/inspect.js";
import { namingFor } from "./shared/naming.js";

interface Options extends TemplateOptions {
  name: string;
  request: UndoRequest;
}

/** Goes back to an earlier template, and past the pods that would block the way. */
export const rolloutUndoCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description: `Without --to-revision it is the revision before, so that two undos come back to where it was. Under OrderedReady
a pod that never became ready blocks the way back as well: --unstick deletes such pods once the template has gone back,
one at a time, and goes back to the revision that the healthy pods run unless another is named.`,
  examples: `
sts rollout undo web

# The new revision never became ready
sts rollout undo web --unstick

# As rollout history numbers them
sts rollout undo web --to-revision=3`,
  flags: [
    {
      name: "to-revision",
      value: "N",
      help: "number of the revision to go back to; 0 (default) is the one before",
    },
    ...templateFlags,
  ],

  options(input) {
    const options = { ...readTemplateOptions(input), name: readOneSetName(input) };
    const to = input.integer("to-revision");
    return { ...options, request: options.unstick && to === undefined ? { healthy: true } : { to: to ?? 0 } };
  },

  async run(options, context) {
    const { connection, name, request, unstick } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const naming = namingFor(context.program, cluster, connection);
    const [revisions, { snapshot }] = await Promise.all([
      readRevisions(cluster, set),
      inspect(context, cluster, set, naming),
    ]);
    const revision = chooseRevision(snapshot, revisions, request);
    if (!unstick) warnOfBlock(context, snapshot, revision);
    return changeTemplate(context, cluster, undoing(set, revision), options);
  },
});

/** Said before anything is written; what was asked is done all the same. */
function warnOfBlock({ err }: Context, snapshot: Snapshot, { metadata }: ControllerRevision): void {
  const blocking = wouldBlock(snapshot, metadata.name);
  if (blocking.length === 0) return;
  const names = nameOrdinals(
    snapshot.name,
    blocking.map(({ ordinal }) => ordinal),
  );
  const [are, them] = blocking.length === 1 ? ["is", "it"] : ["are", "them"];
  err.write(
    `warning: ${names} ${are} broken, and OrderedReady waits for ${them} before it replaces any pod: ` +
      "this undo alone would wait for ever; --unstick deletes what blocks it\n",
  );
}

function undoing(set: StatefulSet, revision: ControllerRevision): TemplateChange {
  const { name } = set.metadata;
  const number = revision.revision;
  const images = historyOf(set, [revision], [])[0]?.images.join(", ");
  const template = images ? `revision ${number} (${images})` : `revision ${number}`;
  return {
    set,
    title: `back to ${template}`,
    notes: [],
    unchanged: `the template is that of ${template} already`,
    template: (current) => (isAtRevision(current, revision) ? undefined : templateReplacement(revision)),
    subject: `statefulset.apps/${name}`,
    verb: "rolled back",
    verbUnchanged: `skipped rollback (current template already matches revision ${number})`,
  };
}
