import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { ownershipWarning } from "../../core/ownership.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import { Reason } from "../../core/progress/reasons.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { heldPods } from "../../core/rollout/partition.js";
import { pauseOf } from "../../core/rollout/pause.js";
import type { StepPlan } from "../../core/rollout/staging.js";
import { nextMove, type PlannedStep } from "../../core/rollout/step-plan.js";
import { ExitCode, exitCodeOf, gravest, InterruptedError } from "../../errors.js";
import type { ChangeOptions } from "../shared/change-set.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { announcement } from "../shared/follow.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import { reportRollout, type ReportPart } from "../shared/report.js";
import { abortStaging } from "./abort.js";
import { DriveEnd } from "./drive-end.js";
import { elsewhere, stepCount, stepLines, stepPods, waysOn } from "./drive-words.js";
import { DriveWrites, type FirstWrite } from "./drive-writes.js";
import { askingFor } from "./holder.js";
import { StepWatch, type StepEnd } from "./step-watch.js";

/** A rollout that goes by steps; its first write is counted out for the set as it was read. */
export interface SteppedRollout extends FirstWrite {
  plan: StepPlan;
  /** `postgres → postgres:17.2`; the number of steps is added. */
  title: string;
  notes: string[];
  /** What the user wants to be run after each step; never what an annotation says. */
  gate: string | undefined;
  /** Stop after the first step. */
  once?: boolean;
  unstick: boolean;
  /** Take it away from the process that is said to drive it. */
  takeOver: boolean;
  /** The line on stdout, without a suffix: `statefulset.apps/web image updated`; undefined where another one tells. */
  result: string | undefined;
  /** Takes what there is to report, for one report of several rollouts; it is written here when left out. */
  parts?: ReportPart[];
}

/**
 * Drives a rollout step by step: a patch, the wait, the soak and the gate of each, then the next. Returns the exit code.
 * Ended anywhere, the annotation says how far it is, and any later run goes on from there.
 */
export async function driveSteps(
  context: Context,
  cluster: Cluster,
  rollout: SteppedRollout,
  options: ChangeOptions,
): Promise<ExitCode> {
  const drive = new Drive(context, cluster, rollout, options);
  if (options.dryRun !== "none") return drive.rehearse();
  return drive.run();
}

class Drive {
  private readonly writes: DriveWrites;
  private readonly watch: StepWatch;
  private readonly end: DriveEnd;
  private readonly naming: Naming;
  private readonly past = new Map<number, { pods: string; words: string }>();
  /** The one that is under way. */
  private step: PlannedStep;
  /** A step has failed, and the staging is being taken back. */
  private isGoingBack = false;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly rollout: SteppedRollout,
    private readonly options: ChangeOptions,
  ) {
    const { namespace = cluster.namespace, name } = rollout.set.metadata;
    const { wait } = options;
    const namingOf = namingFor(context.program, cluster, options.connection);
    const { takeOver } = rollout;
    const asking = askingFor(context, cluster, rollout.set, { connection: options.connection, takeOver });
    this.naming = asking.naming;
    this.step = rollout.step;
    this.writes = new DriveWrites(context.clock, cluster, rollout.plan, asking);
    const { plan, gate, unstick } = rollout;
    // One step alone has a title that says all of it.
    const change = rollout.once ? undefined : rollout.title;
    const about = { namespace, change, plan, gate, unstick, wait, naming: namingOf };
    this.watch = new StepWatch(context, cluster, about);
    this.end = new DriveEnd(context, { namespace, name, wait });
  }

  async run(): Promise<ExitCode> {
    const warning = ownershipWarning(this.rollout.set);
    if (warning) this.context.err.write(`${warning}\n`);
    let code: ExitCode = ExitCode.Done;
    let reported: ExitCode = ExitCode.Done;
    try {
      code = await this.walk();
    } catch (error) {
      if (error instanceof InterruptedError) {
        const where = this.isGoingBack ? "on the way back" : `at ${this.which()}`;
        const message = `stopped ${where}, and left as it is`;
        const how = { state: "Interrupted", reason: error.signal, code: exitCodeOf(error) } as const;
        this.end.tell({ ...how, message, next: this.waysOn() });
      }
      // Said before: a server that is silent may outlast the time that is left to us.
      await this.writes.release();
      throw error;
    } finally {
      reported = await this.report();
    }
    return gravest([code, reported]);
  }

  private async report(): Promise<ExitCode> {
    const { parts } = this.watch;
    this.rollout.parts?.push(...parts);
    return this.rollout.parts ? ExitCode.Done : reportRollout(this.context, parts, this.options.report);
  }

  /** Says what would be done; the server is asked about the first patch. */
  async rehearse(): Promise<ExitCode> {
    const { set } = this.rollout;
    const { dryRun } = this.options;
    if (dryRun === "server") await this.writes.begin(this.rollout, true);
    const { namespace = this.cluster.namespace, name } = set.metadata;
    const target = { namespace, name, goal: { type: "settled" } as const, ...this.header(set, "first") };
    this.context.err.write(announcement(target));
    this.sayResult(dryRunSuffixes[dryRun]);
    return ExitCode.Done;
  }

  private sayResult(suffix = ""): void {
    const { result } = this.rollout;
    if (result !== undefined) this.context.out.write(`${result}${suffix}\n`);
  }

  private async walk(): Promise<ExitCode> {
    const { plan, once } = this.rollout;
    let before = await readPods(this.cluster, this.rollout.set);
    let set = await this.writes.begin(this.rollout);
    for (;;) {
      const end = await this.watch.see(set, before, this.step, this.header(set));
      this.past.set(this.step.index, { pods: stepPods(set, this.step), words: end.words });
      if (end.code !== ExitCode.Done) return this.stop(end);
      const now = await this.watch.inTime(this.writes.read());
      // Called off while nobody looked: no step is begun that nobody would watch.
      this.context.signal.throwIfAborted();
      const move = nextMove(now, plan);
      if (move.type === "finish") return this.finish(now);
      if (move.type === "hold" || once) return this.hold(now);
      if (this.watch.isOver()) return this.leave(ExitCode.Unfinished, "is through");
      this.step = move.step;
      before = await this.watch.inTime(readPods(this.cluster, now));
      set = await this.watch.inTime(this.writes.advance(now, this.step));
    }
  }

  /** Everything is updated. */
  private async finish(set: StatefulSet): Promise<ExitCode> {
    const written = await this.writes.finish(set);
    const held = heldPods(written);
    const back = held && `, and the partition from before, which holds ${held}, is back`;
    return this.succeed(written, `all are updated; all steps are through${back}`);
  }

  /** The plan, or what was asked of it, ends before all are updated. */
  private async hold(set: StatefulSet): Promise<ExitCode> {
    const written = await this.writes.rest(set);
    return this.succeed(written, `${this.which()} is through; ${heldPods(written)} held`, this.waysOn());
  }

  private succeed(set: StatefulSet, message: string, next: NextStep[] = []): ExitCode {
    this.listSteps(set);
    this.end.tell({ state: "Done", reason: Reason.Settled, code: ExitCode.Done, message, next });
    this.sayResult();
    return ExitCode.Done;
  }

  private async stop({ code, message, told }: StepEnd): Promise<ExitCode> {
    const why = told ? "" : `: ${message}`;
    if (code === ExitCode.Unfinished) return this.leave(code, `is not finished${why}`);
    if (code !== ExitCode.Failed && code !== ExitCode.Stalled) return this.leave(code, undefined);
    const set = await this.writes.rest(await this.writes.read(), message);
    this.listSteps(set);
    const how =
      code === ExitCode.Stalled
        ? ({ state: "Stalled", reason: Reason.Stalled, code } as const)
        : ({ state: "Failed", reason: told ? Reason.StepFailed : Reason.GateFailed, code } as const);
    const failed = `${this.which()} ${how.state.toLowerCase()}${why}`;
    if (this.rollout.plan.onFailure === "pause") {
      const held = heldPods(set);
      const message = held ? `${failed}; ${held} held` : failed;
      this.end.tell({ ...how, message, next: this.waysOn() });
      return code;
    }
    this.end.tell({ ...how, message: `${failed}; going back` });
    this.isGoingBack = true;
    await abortStaging(this.context, this.cluster, set, { ...this.options, parts: this.watch.parts });
    return ExitCode.Failed;
  }

  /** Ends with everything as it is, for whoever goes on. `words`: what is to be said of the step. */
  private async leave(code: ExitCode, words: string | undefined): Promise<ExitCode> {
    const set = await this.writes.release();
    const { name } = this.rollout.set.metadata;
    if (words !== undefined) {
      const message = `${this.which()} ${words}`;
      this.end.tell({ state: "TimedOut", reason: Reason.Timeout, code, message, next: this.waysOn() });
    } else if (set && pauseOf(set)) {
      const resume = { label: "go on", command: ownCommand(this.naming, `rollout resume ${name}`) };
      const message = "paused meanwhile; after that the same command goes on";
      this.end.tell({ state: "Conflict", reason: Reason.Changed, code, message, next: [resume] });
    }
    return code;
  }

  private which(): string {
    return `step ${this.step.index + 1} of ${this.rollout.plan.steps.length}`;
  }

  private waysOn(): NextStep[] {
    const ways = waysOn(this.naming, this.rollout.set.metadata.name);
    return this.isGoingBack ? ways.filter(({ label }) => label === "go back") : ways;
  }

  private listSteps(set: StatefulSet): void {
    const { plan } = this.rollout;
    if (this.options.wait.progress === "none") return;
    for (const line of stepLines({ set, plan, at: this.step, past: this.past })) {
      this.context.err.write(`  ${line}\n`);
    }
  }

  /** `now`: what is said of the step at hand in a dry run, after which there is nothing to look after. */
  private header(set: StatefulSet, now?: string): { title: string; notes: string[] } {
    const { plan, title, notes, once } = this.rollout;
    const lines = stepLines({ set, plan, at: this.step, past: this.past }, now);
    const begun = this.past.size > 0;
    const ways = now === undefined ? elsewhere(this.naming, set.metadata.name) : [];
    return {
      title: once ? title : `${title}, ${stepCount(set, plan)}`,
      notes: begun ? lines : [...notes, ...lines, ...ways],
    };
  }
}
