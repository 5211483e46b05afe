import type { Cluster, ConnectionFlags } from "../cluster/index.js";
import type { Context } from "../context.js";
import type { StatefulSet } from "../core/model.js";
import type { NamingFor } from "../core/progress/naming.js";
import type { Verdict } from "../core/progress/verdict.js";
import { gravest } from "../errors.js";
import { defineCommand } from "./shared/command.js";
import { readConnection, readWait, waitFlags, type WaitOptions } from "./shared/flags.js";
import { follow } from "./shared/follow.js";
import { verdictCodes } from "./shared/following/verdict-codes.js";
import { inspect } from "./shared/inspect.js";
import { namingFor } from "./shared/naming.js";
import { readPods } from "./shared/read-pods.js";
import { readSetSelection, readSets, selectionFlags, type SetSelection } from "./shared/select-sets.js";

interface Options {
  connection: ConnectionFlags;
  sets: SetSelection;
  watch: boolean;
  wait: WaitOptions;
}

/** Waits for rollouts, whoever started them, and says how they ended. */
export const rolloutStatusCommand = defineCommand<Options>({
  path: "rollout status",
  group: "rollout",
  summary: "Wait for a rollout and say how it ended",
  args: "NAME…",
  completes: "statefulset",
  description: `Every strategy is judged by the revision of each pod. What a partition holds on purpose counts as done, and is
said. It ends at once, with exit code 4 and the cause, when the rollout cannot succeed as it stands.`,
  examples: `
sts rollout status web --timeout=10m

# Only look: 0 done, 3 under way, 4 failed
sts rollout status web --watch=false`,
  flags: [
    ...selectionFlags,
    { name: "watch", short: "w", help: "wait until it is done (default true); false answers at once" },
    ...waitFlags.filter(({ name }) => name !== "wait"),
  ],

  options(input) {
    return {
      connection: readConnection(input),
      sets: readSetSelection(input),
      watch: input.boolean("watch", true),
      wait: readWait(input),
    };
  },

  async run({ connection, sets: selection, watch, wait }, context) {
    const cluster = await context.cluster(connection);
    const naming = namingFor(context.program, cluster, connection);
    const sets = await readSets(cluster, selection);
    const { code, verdicts } = watch
      ? await watchAll(context, cluster, sets, wait, naming)
      : await look(context, cluster, sets, naming);
    sets.forEach(({ metadata: { name } }, index) => {
      const verdict = verdicts[index];
      if (verdict && (verdict.state === "Done" || !watch))
        context.out.write(`statefulset.apps/${name}: ${verdict.message}\n`);
    });
    return code;
  },
});

async function look(context: Context, cluster: Cluster, sets: readonly StatefulSet[], naming: NamingFor) {
  const verdicts: Verdict[] = [];
  for (const set of sets) verdicts.push((await inspect(context, cluster, set, naming)).verdict);
  return { code: gravest(verdicts.map(({ state }) => verdictCodes[state])), verdicts };
}

async function watchAll(
  context: Context,
  cluster: Cluster,
  sets: readonly StatefulSet[],
  wait: WaitOptions,
  naming: NamingFor,
) {
  const targets = sets.map(async (set) => {
    const { namespace = cluster.namespace, name } = set.metadata;
    const before = await readPods(cluster, set);
    return {
      namespace,
      name,
      goal: { type: "settled" as const },
      title: "waiting for its rollout",
      notes: [],
      before,
    };
  });
  return follow(context, cluster, {
    operation: "rollout",
    targets: await Promise.all(targets),
    wait,
    naming,
  });
}
