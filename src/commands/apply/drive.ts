import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import type { ExitCode } from "../../errors.js";
import { abortStaging } from "../rollout/abort.js";
import { beginningNotes } from "../rollout/drive-words.js";
import { driveSteps } from "../rollout/drive.js";
import type { ReportPart } from "../shared/report.js";
import type { ApplyOptions } from "./options.js";
import type { Applied } from "./send.js";
import type { StepsBegun } from "./stage.js";
import { titleOf } from "./targets.js";

/** A set whose rollout goes by steps. */
export type Stepped = Applied & { prepared: { stage: StepsBegun } };

export function isStepped(applied: Applied): applied is Stepped {
  const { stage } = applied.prepared;
  return stage !== undefined && "plan" in stage;
}

export interface DriveParts {
  notes: readonly string[];
  options: ApplyOptions;
  /** Takes what there is to report. */
  parts: ReportPart[];
}

/** Goes on with the steps of a set whose first one was applied. Its line on stdout was written then. */
export function driveApplied(
  context: Context,
  cluster: Cluster,
  { prepared, answer }: Stepped,
  { notes, options, parts }: DriveParts,
): Promise<ExitCode> {
  const { plan, step, beginning, isChanged } = prepared.stage;
  const before = prepared.live as unknown as StatefulSet;
  const set = answer as unknown as StatefulSet;
  const { unstick, takeOver } = options;
  const rollout = {
    ...{ set, plan, step, gate: plan.gate, unstick, takeOver, parts, result: undefined },
    title: titleOf(prepared, before, set),
    notes: [...notes, ...beginningNotes(before, beginning, isChanged)],
    template: () => undefined,
  };
  return driveSteps(context, cluster, rollout, options);
}

/** Takes a set back that is at its first step, as the steps of one before it failed. */
export async function takeBackApplied(
  context: Context,
  cluster: Cluster,
  { answer }: Stepped,
  { options, parts }: Pick<DriveParts, "options" | "parts">,
): Promise<void> {
  const { namespace, name } = answer.metadata;
  const set = await cluster.get(kinds.statefulSet, { namespace, name });
  await abortStaging(context, cluster, set, { ...options, parts });
}
