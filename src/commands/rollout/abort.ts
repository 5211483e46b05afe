import type { Cluster, Patch } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { ControllerRevision, Pod, StatefulSet } from "../../core/model.js";
import { ownershipWarning } from "../../core/ownership.js";
import type { EndEvent } from "../../core/progress/events.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import {
  planAbort,
  restoreWords,
  returnPatch,
  returnWords,
  type AbortPlan,
  type StepWords,
} from "../../core/rollout/abort.js";
import {
  annotationPatch,
  stagingOf,
  stagingPatch,
  type Holder,
  type Staging,
} from "../../core/rollout/staging.js";
import { checkHasPartition } from "../../core/rollout/partition.js";
import { ConflictError, ExitCode, gravest } from "../../errors.js";
import type { ChangeOptions } from "../shared/change-set.js";
import { dryRunSuffixes, type WaitOptions } from "../shared/flags.js";
import { announcement, follow, type FollowTarget } from "../shared/follow.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import { reportRollout, type ReportPart } from "../shared/report.js";
import { patchSet } from "../shared/revise.js";
import { within } from "../shared/within.js";
import {
  askingFor,
  isSameHolder,
  refuseUnlessFree,
  releasePatience,
  thisHolder,
  type Asking,
} from "./holder.js";
import { readRevisions } from "./read-revisions.js";

export interface AbortOptions extends ChangeOptions {
  /** Take it away from the process that is said to drive it. */
  takeOver?: boolean;
  /** As part of another command, which takes what there is to report and has the line on stdout; left out, it is its own. */
  parts?: ReportPart[];
}

/**
 * Takes a staged rollout back: the template from before it, the staged pods after it, then the partition from before.
 * The partition stays until the staged pods are back, so that no other pod is touched. Always waits, as it has to.
 * Killed anywhere, it is finished by running it again: the annotation says how far it is. Returns the exit code.
 */
export async function abortStaging(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  options: AbortOptions,
): Promise<number> {
  const staging = stagingOf(set);
  const { namespace = cluster.namespace, name } = set.metadata;
  if (!staging) {
    context.err.write(`${namespace}/${name}: nothing is staged; nothing to change\n`);
    if (!options.parts) context.out.write(`statefulset.apps/${name} unchanged\n`);
    return ExitCode.Done;
  }
  checkHasPartition(set);
  const asking = askingFor(context, cluster, set, options);
  refuseUnlessFree(asking, set, "abort");
  const [revisions, pods] = await Promise.all([readRevisions(cluster, set), readPods(cluster, set)]);
  const plan = planAbort(set, staging, revisions, pods) ?? unknownRevision(set, revisions, asking.naming);
  return new Abort(context, cluster, { set, pods, staging, plan, asking, options }).run();
}

function unknownRevision(set: StatefulSet, revisions: readonly ControllerRevision[], naming: Naming): never {
  const { name } = set.metadata;
  const known = revisions.map(({ revision }) => revision).join(", ") || "none";
  throw new Error(
    `the revision that ${name} had before its staging is not known any more (known: ${known}); ` +
      `${ownCommand(naming, `rollout undo ${name} --to-revision=N`)} goes back to one of them, ` +
      `and ${ownCommand(naming, `rollout promote ${name}`)} then brings the partition back`,
  );
}

interface Task {
  set: StatefulSet;
  pods: readonly Pod[];
  staging: Staging;
  plan: AbortPlan;
  asking: Asking;
  options: AbortOptions;
}

/** One run of it: two patches, each followed. */
class Abort {
  private readonly parts: ReportPart[];
  private readonly startedAt: number;
  private readonly holder: Holder;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly task: Task,
  ) {
    this.parts = task.options.parts ?? [];
    this.startedAt = context.clock.now();
    this.holder = thisHolder(context.machine, this.startedAt);
  }

  async run(): Promise<number> {
    const { set, options } = this.task;
    const warning = ownershipWarning(set);
    if (warning) this.context.err.write(`${warning}\n`);
    if (options.dryRun !== "none") return this.rehearse();
    const code = await this.bothSteps();
    const reported = options.parts
      ? ExitCode.Done
      : await reportRollout(this.context, this.parts, options.report);
    if (code === ExitCode.Done && !options.parts) {
      this.context.out.write(`statefulset.apps/${set.metadata.name} aborted\n`);
    }
    return gravest([code, reported]);
  }

  private async bothSteps(): Promise<ExitCode> {
    const { needsReturn } = this.task.plan;
    let code: ExitCode = ExitCode.Error;
    try {
      const back = needsReturn ? await this.bringBack() : ExitCode.Done;
      code = back === ExitCode.Done ? await this.restore() : back;
      return code;
    } finally {
      // Ended before the end: whoever goes on with it must not take this process for one that is at work.
      if (needsReturn && code !== ExitCode.Done) {
        await within(this.context.clock, releasePatience, this.release());
      }
    }
  }

  /** The template goes back, and the staged pods after it; broken ones are not waited for. */
  private async bringBack(): Promise<ExitCode> {
    const { set, pods } = this.task;
    const written = await patchSet(this.cluster, set, (current) => this.returning(current));
    const again = ownCommand(this.task.asking.naming, `rollout abort ${set.metadata.name}`);
    const back = { label: "go on", command: again };
    const target = {
      ...this.target(returnWords(this.task.plan)),
      written,
      before: pods,
      unstick: true,
      back,
    };
    return this.follow(target, again);
  }

  /** The partition from before comes back, and the staging is over. */
  private async restore(): Promise<ExitCode> {
    const set = await this.readAgain();
    const written = await patchSet(this.cluster, set, (current) => this.restoring(current));
    const before = this.task.plan.needsReturn ? await readPods(this.cluster, set) : this.task.pods;
    return this.follow({ ...this.target(restoreWords(this.task.plan)), written, before, unstick: true });
  }

  private returning(current: StatefulSet): Patch {
    refuseUnlessFree(this.task.asking, current, "abort");
    return { type: "strategic", body: returnPatch(current, this.task.plan, this.holder) };
  }

  private restoring(current: StatefulSet): Patch {
    refuseUnlessFree(this.task.asking, current, "abort");
    this.checkOurs(current);
    return { type: "merge", body: stagingPatch(current, this.task.plan.partitionBefore, undefined) };
  }

  /** Rejects where the staging is over, somebody else's by now, or out of reach: nobody needs it then, or finds out. */
  private async release(): Promise<void> {
    await patchSet(this.cluster, await this.readAgain(), (current) => {
      this.checkOurs(current);
      const { holder: _own, ...staging } = stagingOf(current) ?? this.task.staging;
      return { type: "merge", body: annotationPatch(current, staging) };
    });
  }

  /** The set as it is after the waiting. */
  private async readAgain(): Promise<StatefulSet> {
    const { namespace, name } = this.task.set.metadata;
    if (!this.task.plan.needsReturn) return this.task.set;
    const set = await this.cluster.get(kinds.statefulSet, { namespace, name });
    this.checkOurs(set);
    return set;
  }

  /**
   * Throws a ConflictError where the staging that the first patch took is not ours any more. Before each write anew: who
   * takes it over changes no more than the annotation, which a write that is sent again would not notice.
   */
  private checkOurs({ metadata }: StatefulSet): void {
    if (!this.task.plan.needsReturn) return;
    const { uid, name } = this.task.set.metadata;
    const { aborting, holder } = stagingOf({ metadata }) ?? {};
    if (metadata.uid !== uid || !aborting || !isSameHolder(holder, this.holder)) {
      throw new ConflictError(`the staged rollout of ${name} was changed by somebody else meanwhile`);
    }
  }

  /** `again` goes on with it after Ctrl-C. */
  private async follow(target: FollowTarget, again?: string): Promise<ExitCode> {
    const { connection, wait } = this.task.options;
    const { code, ends } = await follow(this.context, this.cluster, {
      operation: "rollout",
      targets: [target],
      wait: this.remaining(wait),
      naming: namingFor(this.context.program, this.cluster, connection),
      ...(again !== undefined && { again: () => again }),
    });
    this.parts.push(...ends.map((end: EndEvent) => ({ title: target.title, end })));
    return code;
  }

  /** `--timeout` is for all of it. */
  private remaining(wait: WaitOptions): WaitOptions {
    if (wait.timeout === undefined) return { ...wait, wait: true };
    const left = this.startedAt + wait.timeout - this.context.clock.now();
    return { ...wait, wait: true, timeout: Math.max(1, left) };
  }

  private target(words: StepWords): FollowTarget {
    const { namespace = this.cluster.namespace, name } = this.task.set.metadata;
    return { namespace, name, goal: { type: "settled" }, ...words };
  }

  /** A dry run has one patch: the second is made of what the first leaves. */
  private async rehearse(): Promise<ExitCode> {
    const { set, plan, options } = this.task;
    const { needsReturn } = plan;
    if (options.dryRun === "server") {
      const patch = (current: StatefulSet): Patch =>
        needsReturn ? this.returning(current) : this.restoring(current);
      await patchSet(this.cluster, set, patch, { dryRun: true });
    }
    this.context.err.write(announcement(this.target(needsReturn ? returnWords(plan) : restoreWords(plan))));
    this.context.out.write(
      `statefulset.apps/${set.metadata.name} aborted${dryRunSuffixes[options.dryRun]}\n`,
    );
    return ExitCode.Done;
  }
}
