import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import type { Pod } from "../../core/model.js";
import { ownCommand, type NamingFor } from "../../core/progress/naming.js";
import { ExitCode, gravest } from "../../errors.js";
import type { LocatedObject } from "../bundle/plan.js";
import { announcement, follow, type FollowTarget } from "../shared/follow.js";
import { reportRollout, type ReportPart } from "../shared/report.js";
import { driveApplied, isStepped, takeBackApplied, type Stepped } from "./drive.js";
import type { ApplyOptions } from "./options.js";
import type { Prepared } from "./prepare.js";
import type { Applied } from "./send.js";
import { followTarget } from "./targets.js";

export interface Waiting {
  /** The pods of the sets that were there, before anything was written. */
  before: ReadonlyMap<Prepared, Pod[]>;
  /** What is worth knowing of a set. */
  notes(object: LocatedObject): string[];
  naming: NamingFor;
  options: ApplyOptions;
}

/** Follows the sets together; those that go by steps one after the other. Returns the gravest exit code. */
export async function waitForSets(
  context: Context,
  cluster: Cluster,
  sets: readonly Applied[],
  waiting: Waiting,
): Promise<ExitCode> {
  const { before, notes, naming, options } = waiting;
  const stepped = sets.filter(isStepped);
  const together = sets.filter((set) => !isStepped(set));
  const targets = together.map((set) =>
    followTarget(set, before.get(set.prepared), {
      ...{ naming, notes: notes(set.prepared.object), unstick: options.unstick },
    }),
  );
  if (!options.wait.wait) {
    for (const target of targets) context.err.write(announcement(target));
    return ExitCode.Done;
  }
  const parts: ReportPart[] = [];
  const codes: ExitCode[] = [];
  try {
    const isStart = sets.every(({ prepared: { live } }) => !live);
    codes.push(await followTogether(context, cluster, targets, isStart, waiting, parts));
    codes.push(await driveInTurn(context, cluster, stepped, waiting, parts));
  } finally {
    codes.push(await reportRollout(context, parts, options.report));
  }
  return gravest(codes);
}

async function followTogether(
  context: Context,
  cluster: Cluster,
  targets: FollowTarget[],
  isStart: boolean,
  { naming, options: { wait } }: Waiting,
  parts: ReportPart[],
): Promise<ExitCode> {
  if (targets.length === 0) return ExitCode.Done;
  const operation = isStart ? "create" : "rollout";
  const { code, ends } = await follow(context, cluster, { operation, targets, wait, naming });
  parts.push(...ends.map((end, index) => ({ title: targets[index]?.title ?? "", end })));
  return code;
}

/**
 * A set whose steps fail stops those after it, which are at their first step by then: what is wrong with one release is
 * likely wrong with the others. They go back with it where that was asked for.
 */
async function driveInTurn(
  context: Context,
  cluster: Cluster,
  sets: readonly Stepped[],
  { notes, naming, options }: Waiting,
  parts: ReportPart[],
): Promise<ExitCode> {
  for (const [index, set] of sets.entries()) {
    const drive = { notes: notes(set.prepared.object), options, parts };
    const code = await driveApplied(context, cluster, set, drive);
    if (code === ExitCode.Done) continue;
    const goesBack = code === ExitCode.Failed && set.prepared.stage.plan.onFailure === "undo";
    for (const left of sets.slice(index + 1)) {
      const { namespace = "", name } = left.answer.metadata;
      const abort = ownCommand(naming(namespace), `rollout abort ${name}`);
      const next = goesBack ? "going back, too" : `the same command goes on, ${abort} takes it back`;
      context.err.write(`${namespace}/${name}: left at its step, because of the set before it; ${next}\n`);
      if (goesBack) await takeBackApplied(context, cluster, left, { options, parts });
    }
    return code;
  }
  return ExitCode.Done;
}
