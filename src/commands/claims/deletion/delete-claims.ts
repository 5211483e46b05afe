import type { ClassifiedClaim } from "../../../core/claims/classify.js";
import type { ClaimFacts, SetFacts } from "../../../core/claims/facts.js";
import type { ChosenClaim } from "../../../core/claims/plan.js";
import { isWanted } from "../../../core/claims/plan.js";
import { enumerate } from "../../../core/words.js";
import { startHeartbeat } from "../../shared/heartbeat.js";
import type { Backup } from "./backup.js";
import { deleteOne, type DeletionTools } from "./delete-one.js";
import { inPool } from "../pool.js";
import { rescueVolume, type WayBack } from "./rescue.js";

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
  /** Its volume, where its reclaim policy was set to Retain on request. */
  kept?: string | undefined;
  /** The file that the claim and its volume were saved in. */
  savedTo?: string | undefined;
}

export interface DeletionOptions extends Pick<WayBack, "naming"> {
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
  /** Where the claims were saved. */
  backup?: Backup | undefined;
}

/**
 * Deletes the chosen claims. Each is judged again just before, with all that the watches have told, and goes with its
 * UID and resourceVersion as preconditions. Until the end every change is looked at for claims that became wanted
 * after their deletion, and after the last one the sets are read once more. Killed at any point, it can be run again.
 */
export async function deleteClaims(
  tools: DeletionTools,
  chosen: readonly ChosenClaim[],
  options: DeletionOptions,
): Promise<ClaimResult[]> {
  const { live } = tools;
  const run = new Deletion(tools, options);
  const unsubscribe = live.onChange((changed, gone) => run.look(changed, gone));
  try {
    try {
      await inPool(chosen, options.concurrency, (claim) => run.delete(claim));
    } finally {
      await run.lookAfresh();
    }
    if (options.wait) await run.untilGone();
    await run.rescued();
    return inShownOrder(run.finish(), chosen);
  } finally {
    unsubscribe();
    // Also when all else failed: what was begun for somebody's data is brought to its end.
    await run.rescued();
  }
}

/** Results come as they come; who reads them in a document looks for them as they were shown. */
export function inShownOrder(results: readonly ClaimResult[], chosen: readonly ChosenClaim[]): ClaimResult[] {
  const places = new Map(chosen.map(({ claim }, index) => [claim.uid, index]));
  const placeOf = ({ claim }: ClaimResult) => places.get(claim.claim.uid) ?? chosen.length;
  return results.toSorted((left, right) => placeOf(left) - placeOf(right));
}

class Deletion {
  /** By the claim's UID. */
  readonly #results = new Map<string, ClaimResult>();
  /** Accepted and not yet seen to be gone. */
  readonly #accepted = new Map<string, ChosenClaim>();
  /** Volumes that were kept on request. */
  readonly #kept = new Map<string, string>();
  /** Accepted, and watched for becoming wanted until the end. */
  readonly #watched = new Map<string, ChosenClaim>();
  readonly #rescues: Promise<void>[] = [];
  /** Called when nothing is accepted that is not gone. */
  #allGone: () => void = () => undefined;

  constructor(
    private readonly tools: DeletionTools,
    private readonly options: DeletionOptions,
  ) {}

  async delete(chosen: ChosenClaim): Promise<void> {
    const asked = await deleteOne(this.tools, chosen);
    if ("message" in asked) return this.#end(chosen, asked.end, asked.message);
    if (asked.end === "interrupted") return;
    if (asked.kept !== undefined) this.#kept.set(chosen.claim.uid, asked.kept);
    this.#accept(chosen);
  }

  /** Looks at what the watches say of the claims whose deletion was accepted. */
  look(changed: "claims" | "surroundings", gone?: ClaimFacts): void {
    const chosen = gone && this.#accepted.get(gone.uid);
    if (chosen) this.#end(chosen, "deleted", "");
    if (this.#accepted.size === 0) this.#allGone();
    if (changed === "claims") return;
    for (const chosen of this.#watched.values())
      this.#rescueIfWanted(chosen, this.tools.live.judge(chosen.claim));
  }

  /** The same with the sets as the server has them now: the watch may be behind. */
  async lookAfresh(): Promise<void> {
    const watched = [...this.#watched.values()];
    if (watched.length === 0) return;
    const { judged, sets } = await this.tools.live.judgeAfresh(watched.map(({ claim }) => claim));
    for (const [index, chosen] of watched.entries()) {
      const now = judged[index];
      if (now) this.#rescueIfWanted(chosen, now, sets);
    }
  }

  async untilGone(): Promise<void> {
    const { context } = this.tools;
    const { clock, signal, err } = context;
    if (this.#accepted.size === 0 || signal.aborted) return;
    const say = () => {
      if (!this.options.quiet) err.write(`waiting for ${this.#names()} to go\n`);
    };
    const cancels = [startHeartbeat(context, say)];
    await new Promise<void>((resolve) => {
      this.#allGone = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (this.options.timeout !== undefined) cancels.push(clock.after(this.options.timeout, resolve));
    });
    for (const cancel of cancels) cancel();
  }

  /** Of those that are waited for. */
  #names(): string {
    return enumerate([...this.#accepted.values()].map(({ claim }) => claim.name));
  }

  async rescued(): Promise<void> {
    await Promise.all(this.#rescues);
  }

  finish(): ClaimResult[] {
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
    this.#rescueIfWanted(chosen, this.tools.live.judge(chosen.claim));
    if (!this.tools.live.has(chosen.claim)) this.#end(chosen, "deleted", "");
  }

  /** `sets` are those that the judgement rests on: the way back is counted from their replicas. */
  #rescueIfWanted(
    chosen: ChosenClaim,
    now: ClassifiedClaim,
    sets: readonly SetFacts[] = this.tools.live.sets(),
  ): void {
    if (!isWanted(now) || !this.#watched.delete(chosen.claim.uid)) return;
    const rescue = async () => {
      const set = sets.find(({ namespace, name }) => namespace === now.claim.namespace && name === now.set);
      const { backup, naming } = this.options;
      const savedIn = backup?.files.has(now.claim.uid) ? backup.dir : undefined;
      const outcome = await rescueVolume(this.tools, now, set, { naming, savedIn });
      this.#end(
        chosen,
        "wanted",
        `became wanted while it was being deleted (${now.wanted ?? now.reason}); ${outcome}`,
      );
    };
    this.#rescues.push(rescue());
  }

  #end(claim: ChosenClaim, outcome: ClaimResult["outcome"], message: string): void {
    const { uid } = claim.claim;
    const kept = this.#kept.get(uid);
    const result = { claim, outcome, message, kept, savedTo: this.options.backup?.files.get(uid) };
    if (outcome === "deleted") {
      this.#accepted.delete(uid);
      this.options.onMove(claim, "Gone");
    }
    // What was rescued stays that, also when it is seen to be gone afterwards.
    if (this.#results.get(uid)?.outcome === "wanted") return;
    this.#results.set(uid, result);
    this.options.onResult(result);
  }
}
