import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { nameOrdinals } from "../core/progress/naming.js";
import type { Snapshot } from "../core/progress/snapshot.js";
import { explicitPartition, wouldBlock } from "../core/rollout/unstick.js";
import { untilObserved } from "./rollout/until-set.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";
import { inspect } from "./shared/inspect.js";
import { namingFor } from "./shared/naming.js";

interface Options extends ChangeOptions {
  name: string;
}

/** Gets an update past the broken pods of an old revision that OrderedReady waits for. */
export const rolloutUnstickCommand = defineCommand<Options>({
  args: "NAME",
  completes: "statefulset",
  description: `Under OrderedReady the update of a set comes to a pod only when all of them are ready, so a pod of a bad revision
that never becomes ready blocks the fix as well. Such pods are deleted, the lowest first, one at a time; the controller
makes them anew from the template as it is now. Healthy pods are not touched.`,
  examples: `
# After a fix, or after an undo, that does not come through
sts rollout unstick web`,
  flags: changeFlags,

  options(input) {
    const options = { ...readChange(input), name: readOneSetName(input) };
    if (!options.wait.wait) {
      throw new UsageError("--wait=false: pods are deleted one at a time, so unstick has to wait for each");
    }
    return options;
  },

  async run(options, context) {
    const { name, connection } = options;
    const cluster = await context.cluster(connection);
    const read = await cluster.get(kinds.statefulSet, { name });
    const set = await untilObserved(context, cluster, read, options.wait);
    const naming = namingFor(context.program, cluster, connection);
    const { snapshot } = await inspect(context, cluster, set, naming);
    return changeSet(context, cluster, unsticking(set, snapshot), options);
  },
});

function unsticking(set: StatefulSet, snapshot: Snapshot): SetChange {
  const { name } = set.metadata;
  const stuck = wouldBlock(snapshot, set.status?.updateRevision ?? "");
  const subject = `statefulset.apps/${name}`;
  const change = { set, patch: undefined, unstick: true };
  if (stuck.length === 0) {
    return { ...change, title: "nothing is stuck", notes: [], result: `${subject} unchanged` };
  }
  const ordinals = stuck.map(({ ordinal }) => ordinal);
  const order = stuck.length > 1 ? ", one at a time" : "";
  const partition = explicitPartition(set);
  const why = "the set gets its default partition 0 by name: without one a pod comes back as it was";
  return {
    ...change,
    title: `${nameOrdinals(name, ordinals)} to be deleted and made anew${order}`,
    notes: [
      ...stuck.map(({ name: pod, trouble }) => `${pod} ${trouble?.words ?? "is not ready"}`),
      ...(partition ? [why] : []),
    ],
    patch:
      partition &&
      (({ metadata: { resourceVersion } }) => ({
        type: "merge",
        body: { metadata: { resourceVersion }, spec: partition },
      })),
    result: `${subject} un-stuck`,
  };
}
