import type { Cluster } from "../../cluster/index.js";
import { ConnectionError, isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import { claimFacts, type ClaimFacts, type SetFacts } from "../../core/claims/facts.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { changedSinceShown, isWanted } from "../../core/claims/plan.js";
import { kinds } from "../../core/kinds.js";
import type { LiveClaims } from "./live.js";
import { inPool } from "./pool.js";
import { rescueVolume } from "./rescue.js";

/** What became of one chosen claim. */
export interface ClaimResult {
  claim: ChosenClaim;
  /**
   * `deleted`: seen to be gone. `terminating`: accepted, and still there. `skipped`: left alone, it had changed.
   * `wanted`: deleted although it became wanted; its volume was taken care of. `failed`: refused by the server.
   * `planned`: would be deleted, in a dry run.
   */
  outcome: "planned" | "deleted" | "terminating" | "skipped" | "wanted" | "failed";
  /** Why, in plain words; empty for `deleted`. */
  message: string;
}

export interface DeletionOptions {
  concurrency: number;
  /** Wait until the claims are gone. */
  wait: boolean;
  /** Milliseconds of waiting; undefined is no limit. */
  timeout: number | undefined;
  /** Called with each result as soon as it is final. */
  onResult(result: ClaimResult): void;
  /** Called when a claim's deletion was accepted, and when it is gone. */
  onMove(claim: ChosenClaim, to: "Terminating" | "Gone"): void;
  /** Do not say what is waited for. */
  quiet: boolean;
}

const attempts = 5;
const heartbeatMs = 30_000;

/**
 * Deletes the chosen claims. Each is judged again just before, with all that the watches have told, and goes with its
 * UID and resourceVersion as preconditions. Until the end every change is looked at for claims that became wanted
 * after their deletion, and after the last one the sets are read once more. Killed at any point, it can be run again.
 */
export async function deleteClaims(
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  chosen: readonly ChosenClaim[],
  options: DeletionOptions,
): Promise<ClaimResult[]> {
  const run = new Deletion(context, cluster, live, options);
  const unsubscribe = live.onChange((changed) => run.look(changed));
  try {
    try {
      await inPool(chosen, options.concurrency, (claim) => run.delete(claim));
    } finally {
      await run.lookAfresh();
    }
    if (options.wait) await run.untilGone();
    return await run.finish();
  } finally {
    unsubscribe();
  }
}

class Deletion {
  /** By the claim's UID. */
  readonly #results = new Map<string, ClaimResult>();
  /** Accepted and not yet seen to be gone. */
  readonly #accepted = new Map<string, ChosenClaim>();
  /** Accepted, and watched for becoming wanted until the end. */
  readonly #watched = new Map<string, ChosenClaim>();
  readonly #rescues: Promise<void>[] = [];
  /** Called when nothing is accepted that is not gone. */
  #allGone: () => void = () => undefined;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly live: LiveClaims,
    private readonly options: DeletionOptions,
  ) {}

  async delete(chosen: ChosenClaim): Promise<void> {
    let current = this.live.claim(chosen.claim);
    for (let attempt = 1; ; attempt += 1) {
      await untilInContact(this.live, this.context.signal);
      if (this.context.signal.aborted) return;
      if (!current) return this.#accept(chosen);
      const change = changedSinceShown(chosen, this.live.judge(current));
      if (change) return this.#end(chosen, "skipped", change);
      if (current.deleting) return this.#accept(chosen);
      try {
        const { uid, resourceVersion } = current;
        await this.cluster.delete(kinds.claim, current, { uid, resourceVersion });
        return this.#accept(chosen);
      } catch (error) {
        if (isApiError(error, "NotFound")) return this.#accept(chosen);
        const again = isApiError(error, "Conflict") || error instanceof ConnectionError;
        if (isApiError(error) && (!again || attempt === attempts))
          return this.#end(chosen, "failed", error.message);
        if (!again || attempt === attempts) throw error;
      }
      // Another one's write, or no answer: decided again on the claim as it is now.
      current = await readClaim(this.cluster, chosen.claim);
    }
  }

  /** Looks at what the watches say of the claims whose deletion was accepted. */
  look(changed: "claims" | "surroundings"): void {
    for (const chosen of this.#accepted.values()) {
      if (!this.live.has(chosen.claim)) this.#end(chosen, "deleted", "");
    }
    if (this.#accepted.size === 0) this.#allGone();
    if (changed === "claims") return;
    for (const chosen of this.#watched.values()) this.#rescueIfWanted(chosen, this.live.judge(chosen.claim));
  }

  /** The same with the sets as the server has them now: the watch may be behind. */
  async lookAfresh(): Promise<void> {
    const watched = [...this.#watched.values()];
    if (watched.length === 0) return;
    const { judged, sets } = await this.live.judgeAfresh(watched.map(({ claim }) => claim));
    for (const [index, chosen] of watched.entries()) {
      const now = judged[index];
      if (now) this.#rescueIfWanted(chosen, now, sets);
    }
  }

  async untilGone(): Promise<void> {
    const { clock, signal, err } = this.context;
    if (this.#accepted.size === 0 || signal.aborted) return;
    const cancels: (() => void)[] = [];
    const beat = () => {
      if (!this.options.quiet) err.write(`waiting for ${describe([...this.#accepted.values()])} to go\n`);
      cancels.push(clock.after(heartbeatMs, beat));
    };
    await new Promise<void>((resolve) => {
      this.#allGone = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
      cancels.push(clock.after(heartbeatMs, beat));
      if (this.options.timeout !== undefined) cancels.push(clock.after(this.options.timeout, resolve));
    });
    for (const cancel of cancels) cancel();
  }

  async finish(): Promise<ClaimResult[]> {
    await Promise.all(this.#rescues);
    for (const chosen of this.#accepted.values()) {
      if (!this.#results.has(chosen.claim.uid))
        this.#end(chosen, "terminating", "accepted, and still Terminating");
    }
    return [...this.#results.values()];
  }

  #accept(chosen: ChosenClaim): void {
    this.#accepted.set(chosen.claim.uid, chosen);
    this.#watched.set(chosen.claim.uid, chosen);
    this.options.onMove(chosen, "Terminating");
    this.#rescueIfWanted(chosen, this.live.judge(chosen.claim));
    if (!this.live.has(chosen.claim)) this.#end(chosen, "deleted", "");
  }

  /** `sets` are those that the judgement rests on: the way back is counted from their replicas. */
  #rescueIfWanted(
    chosen: ChosenClaim,
    now: ClassifiedClaim,
    sets: readonly SetFacts[] = this.live.sets(),
  ): void {
    if (!isWanted(now) || !this.#watched.delete(chosen.claim.uid)) return;
    const rescue = async () => {
      const set = sets.find(({ namespace, name }) => namespace === now.claim.namespace && name === now.set);
      const outcome = await rescueVolume(this.cluster, now, set);
      this.#end(chosen, "wanted", `became wanted while it was being deleted (${now.reason}); ${outcome}`);
    };
    this.#rescues.push(rescue());
  }

  #end(claim: ChosenClaim, outcome: ClaimResult["outcome"], message: string): void {
    const result = { claim, outcome, message };
    if (outcome === "deleted") {
      this.#accepted.delete(claim.claim.uid);
      this.options.onMove(claim, "Gone");
    }
    // What was rescued stays that, also when it is seen to be gone afterwards.
    if (this.#results.get(claim.claim.uid)?.outcome === "wanted") return;
    this.#results.set(claim.claim.uid, result);
    this.options.onResult(result);
  }
}

/** Resolves when no watch is out of contact: nothing is decided on what may be stale. Also when `signal` aborts. */
async function untilInContact(live: LiveClaims, signal: AbortSignal): Promise<void> {
  if (!live.lost() || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      unsubscribe();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const unsubscribe = live.onChange(() => live.lost() ?? done());
    signal.addEventListener("abort", done, { once: true });
  });
}

async function readClaim(cluster: Cluster, { namespace, name }: ClaimFacts): Promise<ClaimFacts | undefined> {
  try {
    return claimFacts(await cluster.get(kinds.claim, { namespace, name }));
  } catch (error) {
    if (isApiError(error, "NotFound")) return undefined;
    throw error;
  }
}

function describe(claims: readonly ChosenClaim[]): string {
  const names = claims.slice(0, 3).map(({ claim }) => claim.name);
  return claims.length > 3 ? `${names.join(", ")} and ${claims.length - 3} more` : names.join(", ");
}
