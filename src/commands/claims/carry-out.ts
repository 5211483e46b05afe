import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { kinds } from "../../core/kinds.js";
import { claimEvent } from "../../view/claims-cleanup.js";
import { confirm } from "../shared/confirm.js";
import { dryRunSuffixes, type DryRun } from "../shared/flags.js";
import { deleteClaims, type ClaimResult } from "./delete-claims.js";
import { inOrder } from "./in-order.js";
import type { LiveClaims } from "./live.js";
import { inPool } from "./pool.js";
import { sayResult, type ReportOptions } from "./report.js";
import type { ProgressMode } from "../../view/progress/mode.js";

export interface CarryOutOptions extends ReportOptions {
  dryRun: DryRun;
  yes: boolean;
  wait: boolean;
  /** Milliseconds; undefined is no limit. */
  timeout: number | undefined;
  concurrency: number;
  progress: ProgressMode;
}

/** Asks, and deletes what was shown. A dry run changes nothing; what is on its way already needs no asking. */
export async function carryOut(
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  chosen: readonly ChosenClaim[],
  options: CarryOutOptions,
): Promise<ClaimResult[]> {
  const fresh = chosen.filter(({ claim }) => !claim.deleting);
  if (options.dryRun !== "none") return rehearse(context, cluster, fresh, options);
  if (fresh.length > 0) {
    const these = fresh.length === 1 ? "this claim" : `these ${fresh.length} claims`;
    await confirm(context, { text: `Delete ${these}?`, yes: options.yes, otherwise: "no claim was deleted" });
  }
  const said = inOrder(
    chosen.map(({ claim }) => claim.uid),
    ({ claim }: ClaimResult) => claim.claim.uid,
    (result) => sayResult(context, result, options),
  );
  let results: ClaimResult[];
  try {
    results = await deleteClaims(context, cluster, live, chosen, {
      ...options,
      quiet: options.progress === "json" || options.progress === "none",
      onResult: said.tell,
      onMove: (claim, to) => {
        if (options.progress === "json") context.err.write(claimEvent(claim, to, context.clock.now()));
      },
    });
  } finally {
    said.flush();
  }
  if (!context.signal.aborted) return results;
  const gone = results.filter(({ outcome }) => outcome === "deleted").length;
  context.err.write(
    `${gone} of ${chosen.length} claims are gone; the same command again goes on with the rest\n`,
  );
  throw context.signal.reason;
}

/** `client` sends nothing; `server` lets the API check each deletion. */
async function rehearse(
  context: Context,
  cluster: Cluster,
  chosen: readonly ChosenClaim[],
  options: CarryOutOptions,
): Promise<ClaimResult[]> {
  const results: ClaimResult[] = [];
  const suffix = dryRunSuffixes[options.dryRun];
  await inPool(chosen, options.concurrency, async (claim) => {
    const refusal = options.dryRun === "server" ? await refusalOf(cluster, claim) : undefined;
    const result: ClaimResult = { claim, outcome: refusal ? "failed" : "planned", message: refusal ?? "" };
    results.push(result);
    sayResult(context, result, { ...options, suffix });
  });
  return results;
}

async function refusalOf(cluster: Cluster, { claim }: ChosenClaim): Promise<string | undefined> {
  try {
    await cluster.delete(kinds.claim, claim, { uid: claim.uid, dryRun: true });
    return undefined;
  } catch (error) {
    if (isApiError(error)) return error.message;
    throw error;
  }
}
