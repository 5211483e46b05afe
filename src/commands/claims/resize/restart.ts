import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { podName } from "../../../core/identity.js";
import type { StatefulSet } from "../../../core/model.js";
import { diagnose } from "../../../core/progress/diagnosis.js";
import type { NamingFor } from "../../../core/progress/naming.js";
import { podsSnapshot } from "../../../core/progress/snapshot.js";
import { describeRestart, type RestartGoal } from "../../../core/rollout/restart.js";
import type { ExitCode } from "../../../errors.js";
import type { WaitOptions } from "../../shared/flags.js";
import { follow } from "../../shared/follow.js";
import { readPods } from "../../shared/read-pods.js";
import { untilObserved } from "../../rollout/until-set.js";

export interface Restart {
  ordinals: readonly number[];
  wait: WaitOptions;
  naming: NamingFor;
  /** The command that goes on after an interruption. */
  again: string;
}

/**
 * Restarts pods one at a time, the highest ordinal first, each when all others are available. Pods that are not, as those
 * of an interrupted run, are waited for. Returns the exit code; how it ended has been told.
 */
export async function restartMounts(
  context: Context,
  cluster: Cluster,
  read: StatefulSet,
  { ordinals, wait, naming, again }: Restart,
): Promise<ExitCode> {
  const set = await untilObserved(context, cluster, read, wait);
  const { namespace = cluster.namespace, name } = set.metadata;
  const before = await readPods(cluster, set);
  const uids = new Map(before.map(({ metadata }) => [metadata.name, metadata.uid]));
  const goal: RestartGoal = {
    type: "restarted",
    pods: new Map(ordinals.map((ordinal) => [ordinal, uids.get(podName(name, ordinal))])),
    maxUnready: 0,
    again,
  };
  const plan = describeRestart(diagnose(podsSnapshot(set, before, context.clock.now())), set, goal);
  const target = { namespace, name, goal, ...plan, written: set, before };
  const { code } = await follow(context, cluster, {
    operation: "rollout",
    targets: [target],
    wait,
    naming,
    again: () => again,
  });
  return code;
}
