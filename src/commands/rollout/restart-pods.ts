import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { podName } from "../../core/identity.js";
import { kinds } from "../../core/kinds.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import { diagnose, type Diagnosed } from "../../core/progress/diagnosis.js";
import { ownCommand } from "../../core/progress/naming.js";
import { podsSnapshot } from "../../core/progress/snapshot.js";
import { ordinalsOf, type OrdinalSpan } from "../../core/rollout/ordinals.js";
import {
  describeRestart,
  restartObstacle,
  restartState,
  type RestartGoal,
} from "../../core/rollout/restart.js";
import { RefusedError } from "../../errors.js";
import { followChange, type ChangeOptions } from "../shared/change-set.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { announcement, type FollowTarget } from "../shared/follow.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import { untilObserved } from "./until-set.js";

export interface RestartOptions extends ChangeOptions {
  ordinals: readonly OrdinalSpan[];
  /** How many other pods may be unready when one is deleted. */
  maxUnready: number | undefined;
}

/**
 * Restarts the pods of some ordinals: each is deleted, by its UID, and waited for until it is available again before
 * the next. The template stays as it is. Returns the exit code; throws a RefusedError while other pods are not ready.
 */
export async function restartPods(
  context: Context,
  cluster: Cluster,
  read: StatefulSet,
  options: RestartOptions,
): Promise<number> {
  const { connection, wait, dryRun, report } = options;
  const set = await untilObserved(context, cluster, read, wait);
  const { namespace = cluster.namespace, name } = set.metadata;
  const before = await readPods(cluster, set);
  const goal = goalOf(set, before, options);
  const diagnosed = diagnose(podsSnapshot(set, before, context.clock.now()));
  const naming = namingFor(context.program, cluster, connection);
  const obstacle = restartObstacle(diagnosed, set, goal);
  if (obstacle !== undefined) {
    const look = ownCommand(naming(namespace), `rollout status ${name}`);
    throw new RefusedError(`${obstacle}: nothing was restarted; ${look} tells more`);
  }
  const plan = describeRestart(diagnosed, set, goal);
  const target: FollowTarget = { namespace, name, goal, ...plan, written: set, before };
  const result = `statefulset.apps/${name} restarted${dryRunSuffixes[dryRun]}\n`;
  if (dryRun !== "none") {
    context.err.write(announcement(target));
    if (dryRun === "server") await tryDeletes(cluster, restartState(diagnosed, set, goal).left);
    context.out.write(result);
    return 0;
  }
  return followChange(context, cluster, target, { connection, wait, report, result });
}

function goalOf(
  set: StatefulSet,
  pods: readonly Pod[],
  { ordinals, maxUnready = 0 }: RestartOptions,
): RestartGoal {
  const named = new Map(pods.map(({ metadata }) => [metadata.name, metadata.uid]));
  const uids = ordinalsOf(set, ordinals).map(
    (ordinal) => [ordinal, named.get(podName(set.metadata.name, ordinal))] as const,
  );
  return { type: "restarted", pods: new Map(uids), maxUnready };
}

async function tryDeletes(cluster: Cluster, left: readonly Diagnosed[]): Promise<void> {
  for (const { pod } of left) {
    if (!pod) continue;
    const { namespace, name, uid } = pod.metadata;
    await cluster.delete(kinds.pod, { namespace, name }, { uid, dryRun: true });
  }
}
