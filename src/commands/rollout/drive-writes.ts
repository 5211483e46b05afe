import type { Cluster, Patch } from "../../cluster/cluster.js";
import type { Clock } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { judgeChange } from "../../core/progress/rules/change.js";
import { pauseOf } from "../../core/rollout/pause.js";
import {
  annotationPatch,
  atRest,
  stagingFrom,
  stagingOf,
  stagingPatch,
  type Holder,
  type Staging,
  type StepPlan,
} from "../../core/rollout/staging.js";
import type { PlannedStep } from "../../core/rollout/step-plan.js";
import { ConflictError } from "../../errors.js";
import { patchSet } from "../shared/revise.js";
import { within } from "../shared/within.js";
import {
  isSameHolder,
  nameHolder,
  refuseUnlessFree,
  releasePatience,
  resumeFirst,
  thisHolder,
  type Asking,
} from "./holder.js";

/** The first write of a run. */
export interface FirstWrite {
  set: StatefulSet;
  step: PlannedStep;
  /** What goes below `spec.template`, for the set as it is when it is sent. */
  template(set: StatefulSet): object | undefined;
}

/**
 * What a process writes that drives a staging, each a single patch. From the first on, which names it as the holder,
 * all of them refuse a set that somebody else has taken over or changed.
 */
export class DriveWrites {
  readonly holder: Holder;
  private written: StatefulSet | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly cluster: Cluster,
    private readonly plan: StepPlan,
    private readonly asking: Asking,
  ) {
    this.holder = thisHolder(asking.machine, clock.now());
  }

  /** Takes the staging: template, partition and annotation at once, so that no pod is touched before its turn. */
  async begin({ set, step, template }: FirstWrite, dryRun = false): Promise<StatefulSet> {
    const make = (current: StatefulSet): Patch => {
      refuseUnlessFree(this.asking, current, "stage");
      const changed = template(current);
      const staging = stagingFrom(current, changed !== undefined);
      const staged = stagingPatch(current, step.partition, this.under(staging, step));
      const spec = { ...staged.spec, ...(changed && { template: changed }) };
      return { type: "strategic", body: { ...staged, spec } };
    };
    try {
      this.written = await patchSet(this.cluster, set, make, { dryRun });
    } catch (error) {
      if (error instanceof ConflictError) await this.blame(set);
      throw error;
    }
    return this.written;
  }

  /** Says who, where the one that changed the set before our first write drives it now. */
  private async blame({ metadata: { namespace, name } }: StatefulSet): Promise<void> {
    const now = await this.cluster.get(kinds.statefulSet, { namespace, name });
    refuseUnlessFree(this.asking, now, "stage");
  }

  advance(set: StatefulSet, step: PlannedStep): Promise<StatefulSet> {
    return this.write(set, (current, staging) => {
      this.refuseWhilePaused(current);
      return stagingPatch(current, step.partition, this.under(staging, step));
    });
  }

  /** Keeps what is held, and lets go of it: anybody may go on. `failed`: why the step failed, in plain words. */
  rest(set: StatefulSet, failed?: string): Promise<StatefulSet> {
    return this.write(set, (current, staging) =>
      annotationPatch(current, { ...atRest(staging), ...(failed !== undefined && { failed }) }),
    );
  }

  /** The partition from before comes back, and the staging is over. */
  finish(set: StatefulSet): Promise<StatefulSet> {
    return this.write(set, (current, { partitionBefore }) => {
      this.refuseWhilePaused(current);
      return stagingPatch(current, partitionBefore, undefined);
    });
  }

  /** The set as it is now. Throws a ConflictError that says who has changed what our last write relies on. */
  async read(): Promise<StatefulSet> {
    const set = await this.readAny();
    this.refuseWhilePaused(set);
    const question = { goal: { type: "settled" } as const, naming: this.asking.naming };
    const changed = judgeChange({ set }, { ...question, written: this.written });
    if (changed) throw new ConflictError(`${set.metadata.name}: ${changed.message}`);
    this.ours(set);
    return set;
  }

  /**
   * Lets go of a staging that is left as it is. Best effort, as whoever comes next finds out that we are gone, too, and
   * not for long, as the cluster may be out of reach. Resolves to the set as it is, where that is known.
   */
  release(): Promise<StatefulSet | undefined> {
    return within(this.clock, releasePatience, this.letGo());
  }

  private async letGo(): Promise<StatefulSet | undefined> {
    let set: StatefulSet | undefined;
    try {
      if (!this.written) return undefined;
      set = await this.readAny();
      return await this.write(set, (current, { holder: _own, ...staging }) =>
        annotationPatch(current, staging),
      );
    } catch {
      // It is somebody else's by now, or gone, or out of reach.
      return set;
    }
  }

  private under(staging: Staging, { index }: PlannedStep): Staging {
    return { ...atRest(staging), plan: this.plan, step: index, holder: this.holder };
  }

  private async readAny(): Promise<StatefulSet> {
    const { namespace, name = "" } = this.written?.metadata ?? {};
    return this.cluster.get(kinds.statefulSet, { namespace, name });
  }

  private async write(
    set: StatefulSet,
    make: (current: StatefulSet, staging: Staging) => object,
  ): Promise<StatefulSet> {
    const merge = (current: StatefulSet): Patch => ({
      type: "merge",
      body: make(current, this.ours(current)),
    });
    this.written = await patchSet(this.cluster, set, merge);
    return this.written;
  }

  private ours(set: StatefulSet): Staging {
    const { name } = set.metadata;
    const staging = stagingOf(set);
    if (!staging)
      throw new ConflictError(`the staged rollout of ${name} was ended by somebody else meanwhile`);
    const { holder } = staging;
    if (isSameHolder(holder, this.holder)) return staging;
    const who = holder ? nameHolder(holder) : "somebody else";
    throw new ConflictError(`the staged rollout of ${name} was taken over by ${who} meanwhile`);
  }

  /**
   * Throws a ConflictError for a set that was paused. A pause that leaves the partition as it is changes no more than an
   * annotation, which a write that was decided before would not notice.
   */
  private refuseWhilePaused(set: StatefulSet): void {
    const { name } = set.metadata;
    if (pauseOf(set)) {
      throw new ConflictError(`${name} was paused meanwhile: ${resumeFirst(this.asking.naming, name)}`);
    }
  }
}
