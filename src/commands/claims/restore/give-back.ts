import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import type { Restore } from "../../../core/claims/restore/decide.js";
import type { Claim } from "../../../core/model.js";
import { enumerate } from "../../../core/words.js";
import { startHeartbeat } from "../../shared/heartbeat.js";
import { mostAtATime } from "../pool.js";
import { atMost, type Limit } from "./at-most.js";
import { ClaimWatch } from "./claim-watch.js";
import { RestoreStopped, type RestoreResult } from "./result.js";
import { keyOf } from "./situation.js";
import type { RestoreSteps } from "./steps.js";

export interface GiveBackOptions {
  /** Wait until the claims are bound. */
  wait: boolean;
  /** Milliseconds of waiting; undefined is no limit. */
  timeout: number | undefined;
  /** Called with each result as soon as it is final. */
  onResult(result: RestoreResult): void;
}

/**
 * Gives every claim back: first all volumes are kept, then each is reserved for its claim, the claim is made, and waited
 * for. The order is what makes it safe to be killed anywhere: a volume that is reserved is taken by no other claim and
 * reclaimed by nobody. Rejects with the signal's reason when interrupted; the same run again goes on.
 */
export async function giveBack(
  context: Context,
  cluster: Cluster,
  steps: RestoreSteps,
  restores: readonly Restore[],
  options: GiveBackOptions,
): Promise<void> {
  const run = new GivingBack(context, cluster, steps, options);
  try {
    await run.all(restores);
  } finally {
    run.stop();
  }
}

class GivingBack {
  /** What is waited for, by the claim's key. */
  readonly #waiting = new Map<string, string>();
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #watch: ClaimWatch;
  readonly #writing: Limit = atMost(mostAtATime);
  #cancels: (() => void)[] = [];

  constructor(
    private readonly context: Context,
    cluster: Cluster,
    private readonly steps: RestoreSteps,
    private readonly options: GiveBackOptions,
  ) {
    this.#signal = AbortSignal.any([context.signal, this.#end.signal]);
    this.#watch = new ClaimWatch(cluster, this.#signal);
  }

  async all(restores: readonly Restore[]): Promise<void> {
    this.#startClocks();
    const kept = await this.#each(restores, (restore) => this.#keep(restore));
    const watched = kept.filter(({ leaving }) => this.options.wait || leaving);
    await this.#watch.follow(watched.map(({ saved }) => keyOf(saved.claim)));
    await this.#each(kept, (restore) => this.#giveBack(restore));
    this.context.signal.throwIfAborted();
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#end.abort(new Error("not needed any more"));
  }

  #startClocks(): void {
    const { clock, err } = this.context;
    const { timeout } = this.options;
    const late = new RestoreStopped(
      "unfinished",
      "not within the time given; the same command again goes on",
    );
    if (timeout !== undefined) this.#cancels.push(clock.after(timeout, () => this.#end.abort(late)));
    const say = () => {
      const [what] = this.#waiting.values();
      const names = [...this.#waiting].filter(([, other]) => other === what).map(([key]) => key);
      if (what) err.write(`waiting for ${enumerate(names)} ${what}\n`);
    };
    this.#cancels.push(startHeartbeat(this.context, say));
  }

  /** Works on all at a time; resolves to those that were not stopped. */
  async #each(restores: readonly Restore[], work: (restore: Restore) => Promise<void>): Promise<Restore[]> {
    const going = await Promise.all(restores.map((restore) => this.#one(restore, work)));
    return restores.filter((_restore, index) => going[index]);
  }

  /** What goes wrong with one claim is its result; only an interruption is nobody's. */
  async #one(restore: Restore, work: (restore: Restore) => Promise<void>): Promise<boolean> {
    try {
      this.#signal.throwIfAborted();
      await work(restore);
      return true;
    } catch (error) {
      if (this.context.signal.aborted) return false;
      const stopped = error instanceof RestoreStopped ? error : failed(error);
      this.options.onResult({ decision: restore, outcome: stopped.outcome, message: stopped.message });
      return false;
    } finally {
      this.#waiting.delete(keyOf(restore.saved.claim));
    }
  }

  async #keep(restore: Restore): Promise<void> {
    if (restore.keep) await this.#writing(this.#signal, () => this.steps.keep(restore));
  }

  async #giveBack(restore: Restore): Promise<void> {
    const { leaving, saved, volume } = restore;
    const key = keyOf(saved.claim);
    if (leaving) {
      this.#waiting.set(key, "to go (the old claim)");
      await this.#watch.until(key, (claim) => claim?.metadata.uid !== leaving.metadata.uid || undefined);
    }
    const made = await this.#writing(this.#signal, async () => {
      await this.steps.reserve(restore);
      return await this.steps.create(restore);
    });
    this.#waiting.set(key, `to be bound to ${volume.metadata.name}`);
    const bound = this.options.wait ? await this.#untilBound(restore, made) : boundTo(restore, made);
    if (bound) await this.steps.verify(restore, bound);
    else if (!made.spec.volumeName)
      throw new RestoreStopped("changed", "somebody made a claim of that name meanwhile");
    const outcome = bound ? "restored" : "created";
    this.options.onResult({ decision: restore, outcome, message: "", uid: made.metadata.uid });
  }

  /** Until the watch has seen the claim, what it shows is older. */
  #untilBound(restore: Restore, made: Claim): Promise<Claim> {
    const { uid } = made.metadata;
    return this.#watch.until(keyOf(made), (now) =>
      this.#watch.hasSeen(made) ? boundTo(restore, now?.metadata.uid === uid ? now : undefined) : undefined,
    );
  }
}

/** The claim when it is bound to the volume; throws when it cannot become so any more. */
function boundTo({ volume: { metadata } }: Restore, now: Claim | undefined): Claim | undefined {
  const stopped = (what: string, next = "") =>
    new RestoreStopped("changed", `${what}; its volume ${metadata.name} keeps the data${next}`);
  if (!now || now.metadata.deletionTimestamp) {
    throw stopped("somebody deleted it meanwhile", ": the same command again gives it back");
  }
  const { volumeName } = now.spec;
  if (volumeName && volumeName !== metadata.name) {
    throw stopped(`somebody made a claim of that name meanwhile, bound to ${volumeName}`);
  }
  if (now.status?.phase === "Lost") throw stopped("it is Lost");
  return volumeName && now.status?.phase === "Bound" ? now : undefined;
}

function failed(error: unknown): RestoreStopped {
  const message = error instanceof Error ? error.message : String(error);
  return new RestoreStopped(isApiError(error, "Conflict") ? "changed" : "failed", message);
}
