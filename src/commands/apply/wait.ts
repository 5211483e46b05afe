import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import type { Pod } from "../../core/model.js";
import type { NamingFor } from "../../core/progress/naming.js";
import { ExitCode, gravest } from "../../errors.js";
import type { LocatedObject } from "../bundle/plan.js";
import { announcement, follow, type FollowTarget } from "../shared/follow.js";
import { reportRollout, type ReportPart } from "../shared/report.js";
import { driveApplied, isStepped, type Stepped } from "./drive.js";
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

/** A set whose steps fail stops those after it: what is wrong with one release is likely wrong with the others. */
async function driveInTurn(
  context: Context,
  cluster: Cluster,
  sets: readonly Stepped[],
  { notes, options }: Waiting,
  parts: ReportPart[],
): Promise<ExitCode> {
  for (const [index, set] of sets.entries()) {
    const code = await driveApplied(context, cluster, set, {
      ...{ notes: notes(set.prepared.object), options, parts },
    });
    if (code === ExitCode.Done) continue;
    for (const { answer } of sets.slice(index + 1)) {
      const { namespace = "", name } = answer.metadata;
      context.err.write(
        `${namespace}/${name}: left at its step, because of the set before it; the same command goes on\n`,
      );
    }
    return code;
  }
  return ExitCode.Done;
}
