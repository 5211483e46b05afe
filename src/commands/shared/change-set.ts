import type { Cluster, Patch } from "../../cluster/cluster.js";
import type { ConnectionFlags } from "../../cluster/kubeconfig/flags.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { ownershipWarning } from "../../core/ownership.js";
import { applierNotes } from "../../core/rollout/appliers.js";
import { gravest } from "../../errors.js";
import type { Flag } from "./command.js";
import {
  dryRunFlag,
  dryRunSuffixes,
  readConnection,
  readDryRun,
  readWait,
  waitFlags,
  type DryRun,
  type WaitOptions,
} from "./flags.js";
import { announcement, follow, type FollowTarget } from "./follow.js";
import type { Input } from "./input.js";
import { namingFor } from "./naming.js";
import { readPods } from "./read-pods.js";
import { readReport, reportFlag, reportRollout } from "./report.js";
import { patchSet } from "./revise.js";

/** Flags of every command that changes one set and follows its rollout. */
export const changeFlags: readonly Flag[] = [...waitFlags, dryRunFlag, reportFlag];

export interface ChangeOptions {
  connection: ConnectionFlags;
  dryRun: DryRun;
  wait: WaitOptions;
  /** Where to write down how it went. */
  report: string | undefined;
}

export function readChange(input: Input): ChangeOptions {
  return {
    connection: readConnection(input),
    dryRun: readDryRun(input),
    wait: readWait(input),
    report: readReport(input),
  };
}

/** One change of one set that its pods then roll out. */
export interface SetChange {
  set: StatefulSet;
  /** What happens, in a line; `notes` below it. */
  title: string;
  notes: string[];
  /**
   * Made from the set as it is when it is sent; carries that set's resourceVersion. Undefined where the set is as
   * asked already: nothing is sent, and its rollout is followed all the same, as an earlier run may have been killed.
   */
  patch: ((set: StatefulSet) => Patch) | undefined;
  /** The line on stdout, without a suffix: `statefulset.apps/web image updated`. */
  result: string;
  /** How to take it back, offered when it fails. */
  back?: NextStep;
  /** Delete broken pods of an old revision that would block it for ever. */
  unstick?: boolean;
}

/** Sends a change in one patch and follows its rollout. Returns the exit code. */
export async function changeSet(
  context: Context,
  cluster: Cluster,
  change: SetChange,
  { connection, dryRun, wait, report }: ChangeOptions,
): Promise<number> {
  const { set, title, patch, back, unstick = false } = change;
  const { namespace = cluster.namespace, name } = set.metadata;
  const warning = patch && ownershipWarning(set);
  if (warning) context.err.write(`${warning}\n`);
  const notes = [...change.notes, ...(patch ? partitionAppliers(set, patch(set)) : [])];
  const following = dryRun === "none" && wait.wait;
  const before = following ? await readPods(cluster, set) : [];
  const written =
    dryRun === "client" || !patch
      ? set
      : await patchSet(cluster, set, patch, { dryRun: dryRun === "server" });
  const result = `${change.result}${dryRunSuffixes[dryRun]}\n`;
  const target: FollowTarget = {
    ...{ namespace, name, goal: { type: "settled" }, title, notes, written, before, unstick },
    ...(back && { back }),
  };
  if (!following) {
    context.err.write(announcement(target));
    context.out.write(result);
    return 0;
  }
  return followChange(context, cluster, target, { connection, wait, report, result });
}

/** Follows one set that was changed, and writes down how it went. Returns the exit code. */
export async function followChange(
  context: Context,
  cluster: Cluster,
  target: FollowTarget,
  { connection, wait, report, result }: Omit<ChangeOptions, "dryRun"> & { result: string },
): Promise<number> {
  const { code, ends } = await follow(context, cluster, {
    operation: "rollout",
    targets: [target],
    wait,
    naming: namingFor(context.program, cluster, connection),
  });
  const parts = ends.map((end) => ({ title: target.title, end }));
  const reported = await reportRollout(context, parts, report);
  if (code === 0) context.out.write(result);
  return gravest([code, reported]);
}

/** Who else applies the partition that a patch changes. Of a change of the template its preflight has said that. */
function partitionAppliers(set: StatefulSet, { body }: Patch): string[] {
  const { spec } = body as { spec?: { template?: object } };
  return !spec || spec.template ? [] : applierNotes(set, body);
}
