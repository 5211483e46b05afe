import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import {
  isDone,
  planResize,
  withSizes,
  type Found,
  type PlannedClaim,
  type ResizePlan,
} from "../../../core/claims/resize/plan.js";
import { kinds } from "../../../core/kinds.js";
import type { StatefulSet } from "../../../core/model.js";
import type { Naming } from "../../../core/progress/naming.js";
import { ordinalsOf } from "../../../core/rollout/ordinals.js";
import { listWords } from "../../../core/words.js";
import { ConflictError, ExitCode, ExitError, InterruptedError } from "../../../errors.js";
import { recreateSet } from "../../recreate/recreate-set.js";
import { readSet } from "../../recreate/steps.js";
import { untilObserved, untilSet } from "../../rollout/until-set.js";
import { namingFor } from "../../shared/naming.js";
import { finishInterrupted } from "./interrupted.js";
import { nextSteps } from "./next-steps.js";
import { resumeCommand, type ResizeOptions } from "./options.js";
import { askForSizes } from "./patch-claim.js";
import { checkAndAsk } from "./prepare.js";
import { readClaimsOf, readStorage, type Storage } from "./read.js";
import { restartMounts } from "./restart.js";
import { Results } from "./results.js";
import { Teller } from "./teller.js";
import { untilGrown } from "./until-grown.js";

/** A set that is scaled up meanwhile has further claims to grow; one that never comes to rest is given up. */
const mostRounds = 10;

/**
 * Grows the claims of a set, and then the templates they are made from. Each round looks at what there is and does what
 * is not done yet, so it does not matter whether a run before has begun it, and the last one verifies that all is done.
 * Returns the exit code.
 */
export async function resize(options: ResizeOptions, context: Context, cluster: Cluster): Promise<number> {
  const run = new Resize(context, cluster, options);
  try {
    return await run.run();
  } catch (error) {
    run.tellHowToGoOn(error);
    throw error;
  }
}

class Resize {
  private readonly naming: Naming;
  private readonly again: string;
  private readonly teller: Teller;
  private readonly results: Results;
  private deadline: number;
  private readonly restarted = new Set<number>();
  private hasWritten = false;
  /** Who is at work tells of an interruption itself. */
  private isTold = false;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly options: ResizeOptions,
  ) {
    const { namespace } = cluster;
    this.naming = namingFor(context.program, cluster, options.connection)(namespace);
    this.again = resumeCommand(this.naming, options);
    this.teller = new Teller(context, { namespace, name: options.name }, options.wait.progress);
    this.results = new Results(context, this.teller, { namespace, name: options.name }, options);
    this.deadline = this.newDeadline();
  }

  async run(): Promise<number> {
    const { context, cluster, options } = this;
    const gone = await finishInterrupted(context, cluster, { ...options, timeout: options.wait.timeout });
    if (gone === "rehearsed") return ExitCode.Done;
    if (gone === "finished") {
      this.hasWritten = true;
      this.results.changed([]);
    }
    const storage = await readStorage(context, cluster);
    for (let round = 1; round <= mostRounds; round += 1) {
      const found = await this.read(storage);
      const plan = this.plan(found);
      if (round === 1) await this.begin(plan, found);
      else if (plan.obstacles.length > 0) {
        await this.untilSettled(found.set, plan.obstacles);
        continue;
      }
      if (options.dryRun !== "none") return this.results.rehearsed(plan);
      if (isDone(plan)) return this.done();
      const code = await this.grow(plan.claims, found.set);
      if (code !== ExitCode.Done) return this.results.write(code);
      if (plan.templates.length > 0) await this.remake(plan, found.set);
    }
    throw new ConflictError(`${options.name} is changed all the time; "${this.again}" goes on with it`);
  }

  /** After an interruption or an error on the way. */
  tellHowToGoOn(error: unknown): void {
    // A conflict says itself what to look at: the same again might undo what somebody else does.
    if (!this.hasWritten || error instanceof ConflictError) return;
    const next = [{ label: "go on", command: this.again }];
    if (error instanceof InterruptedError) {
      if (this.isTold) return;
      const message = "left as it is";
      const code = error.signal === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated;
      this.teller.end("Interrupted", code, { reason: error.signal, message, next });
      return;
    }
    this.context.err.write(
      `${this.cluster.namespace}/${this.options.name}: not finished; ${this.again} goes on\n`,
    );
  }

  /** The time that a person takes for an answer does not count. */
  private newDeadline(): number {
    return this.context.clock.now() + (this.options.wait.timeout ?? Infinity);
  }

  private left(): number | undefined {
    return this.deadline === Infinity ? undefined : Math.max(1, this.deadline - this.context.clock.now());
  }

  private async read(storage: Storage): Promise<Found> {
    const { context, cluster, options } = this;
    const read = await cluster.get(kinds.statefulSet, { name: options.name });
    const { stallTimeout } = options.wait;
    const set =
      options.dryRun === "none"
        ? await untilObserved(context, cluster, read, { timeout: this.left(), stallTimeout })
        : read;
    return { set, claims: await readClaimsOf(cluster, set, options.sizes), ...storage };
  }

  private plan(found: Found): ResizePlan {
    const { sizes, ordinals } = this.options;
    const chosen = ordinals && ordinalsOf(found.set, ordinals);
    return planResize(found, { sizes, ordinals: chosen });
  }

  private async begin(plan: ResizePlan, found: Found): Promise<void> {
    const { context, cluster, naming, options } = this;
    await checkAndAsk(context, cluster, { plan, found, naming, options });
    this.deadline = this.newDeadline();
  }

  /** New replicas have their claims when they have come up. Throws an ExitError where that is not what is in the way. */
  private async untilSettled(set: StatefulSet, obstacles: readonly string[]): Promise<void> {
    const { context, cluster, options } = this;
    const met = ({ spec, status }: StatefulSet) => (status?.readyReplicas ?? 0) >= (spec.replicas ?? 1);
    if (met(set)) {
      const why = obstacles.join("; ");
      throw new ExitError(ExitCode.Unfinished, `error: ${options.name} has changed meanwhile: ${why}`);
    }
    const wait = { timeout: this.left(), stallTimeout: options.wait.stallTimeout };
    await untilSet(context, cluster, set, { met, what: "its new replicas to be ready", wait });
  }

  /** Asks for the sizes and waits until they are there. Returns the exit code; how it ended has been told. */
  private async grow(claims: readonly PlannedClaim[], set: StatefulSet): Promise<ExitCode> {
    if (claims.length === 0) return ExitCode.Done;
    const { context, cluster, options, restarted, deadline } = this;
    this.hasWritten = true;
    this.teller.start(`resize of ${claims.length === 1 ? "1 claim" : `${claims.length} claims`}`);
    await askForSizes(cluster, claims);
    this.results.begin(claims);
    for (;;) {
      const verdict = await untilGrown(
        context,
        cluster,
        { set, claims, restartAfter: options.restartAfter },
        this.teller,
        {
          deadline,
          stallTimeout: options.wait.stallTimeout,
          restarted,
          onLook: (standings) => this.results.look(standings),
        },
      );
      this.results.flush();
      if (verdict.state === "Grown") return ExitCode.Done;
      const next = nextSteps(this.naming, options, verdict.state, claims);
      if (verdict.state !== "Restart") return this.results.fail(verdict, next);
      if (!options.restartIfNeeded) {
        const reason = "FileSystemResizePending";
        return this.results.fail({ state: "InProgress", reason, message: verdict.message }, next);
      }
      const { ordinals } = verdict;
      for (const ordinal of ordinals) restarted.add(ordinal);
      const code = await this.restart(set, ordinals);
      if (code !== ExitCode.Done) {
        this.tellHowToGoOn(undefined);
        return code;
      }
    }
  }

  private async restart(set: StatefulSet, ordinals: readonly number[]): Promise<ExitCode> {
    const { context, cluster, options, again } = this;
    const wait = { ...options.wait, wait: true, timeout: this.left() };
    const naming = namingFor(context.program, cluster, options.connection);
    this.isTold = true;
    const code = await restartMounts(context, cluster, set, { ordinals, wait, naming, again });
    this.isTold = false;
    return code;
  }

  /** Around its pods. */
  private async remake({ templates }: ResizePlan, read: StatefulSet): Promise<void> {
    const { context, cluster, options } = this;
    const set = await readSet(cluster, read);
    if (set?.metadata.uid !== read.metadata.uid) {
      const what = set ? "made anew" : "deleted";
      throw new ConflictError(`${options.name} was ${what} by somebody else meanwhile`);
    }
    this.hasWritten = true;
    await recreateSet(context, cluster, set, {
      change: (manifest) => withSizes(manifest, options.sizes),
      purpose: `resize of ${listWords([...options.sizes].map((size) => size.join(" to ")))}`,
      again: this.again,
      timeout: this.left(),
      naming: this.naming,
      takeOver: options.takeOver,
    });
    this.results.changed(templates);
  }

  private done(): ExitCode {
    if (this.hasWritten) this.teller.end("Done", ExitCode.Done, { reason: "Resized", message: "resized" });
    return this.results.write(ExitCode.Done);
  }
}
