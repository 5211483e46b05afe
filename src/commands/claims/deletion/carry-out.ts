import type { Cluster, ConnectionFlags } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import type { ChosenClaim } from "../../../core/claims/plan.js";
import type { ReclaimPolicies } from "../../../core/claims/volumes.js";
import { isQuiet, type ProgressMode } from "../../../view/progress/mode.js";
import { claimEvent } from "../../../view/claims/cleanup.js";
import { keptSaid, theseClaims } from "../../../view/claims/keep.js";
import { confirm } from "../../shared/confirm.js";
import type { DryRun } from "../../shared/flags.js";
import { namingFor } from "../../shared/naming.js";
import { backUp, sayBackup, type Backup } from "./backup.js";
import { deleteClaims, type ClaimResult } from "./delete-claims.js";
import { inOrder } from "../in-order.js";
import type { KeepOptions } from "./keep-flags.js";
import type { LiveClaims } from "../live.js";
import { rehearse } from "./rehearse.js";
import { sayResult, type ReportOptions } from "./report.js";

export interface CarryOutOptions extends ReportOptions, KeepOptions {
  dryRun: DryRun;
  yes: boolean;
  wait: boolean;
  /** Milliseconds; undefined is no limit. */
  timeout: number | undefined;
  concurrency: number;
  progress: ProgressMode;
  /** What was given to reach the cluster: what is printed needs it again. */
  connection?: ConnectionFlags;
  /** Of the volumes, as they were shown. */
  policies?: ReclaimPolicies;
  /** Where the claims were saved already: nothing is saved again. */
  saved?: Backup | undefined;
}

/**
 * Asks, saves what is to be saved, and deletes what was shown. A dry run changes nothing; what is on its way already
 * needs no asking.
 */
export async function carryOut(
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  chosen: readonly ChosenClaim[],
  options: CarryOutOptions,
): Promise<ClaimResult[]> {
  const fresh = chosen.filter(({ claim }) => !claim.deleting);
  if (options.dryRun !== "none") {
    const affected = options.keepData || options.backup !== undefined ? chosen : fresh;
    return rehearse(context, cluster, affected, options);
  }
  if (fresh.length > 0) {
    await confirm(context, {
      text: question(fresh.length, options),
      yes: options.yes,
      otherwise: "no claim was deleted",
    });
  }
  const saved = options.saved ?? (await savedFirst(context, cluster, live, chosen, options));
  const results = await deleteInOrder(context, cluster, live, chosen, { ...options, saved });
  if (!isQuiet(options.progress)) context.err.write(keptSaid(results.flatMap(({ kept }) => kept ?? [])));
  const { aborted, reason } = context.signal;
  const late = options.wait && results.some(({ outcome }) => outcome === "terminating");
  if (aborted || late) context.err.write(stillToGo(results, chosen.length));
  if (aborted) throw reason;
  return results;
}

function stillToGo(results: readonly ClaimResult[], count: number): string {
  const gone = results.filter(({ outcome }) => outcome === "deleted").length;
  const claims = count === 1 ? "claim is" : "claims are";
  return `${gone} of ${count} ${claims} gone; the same command again goes on with the rest\n`;
}

function question(count: number, { keepData }: KeepOptions): string {
  const these = theseClaims(count);
  if (!keepData) return `Delete ${these}?`;
  return `Delete ${these} and keep ${count === 1 ? "its volume" : "their volumes"}?`;
}

/** A backup of those on their way, too, while they last. */
async function savedFirst(
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  chosen: readonly ChosenClaim[],
  options: CarryOutOptions,
): Promise<Backup | undefined> {
  if (options.backup === undefined || chosen.length === 0) return undefined;
  try {
    const backup = await backUp(context, cluster, live.scope, chosen, options.backup);
    if (!isQuiet(options.progress)) sayBackup(context, cluster, options.connection ?? {}, backup);
    return backup;
  } catch (error) {
    if (context.signal.aborted)
      context.err.write("interrupted before the first deletion; no claim is gone\n");
    throw error;
  }
}

async function deleteInOrder(
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  chosen: readonly ChosenClaim[],
  options: CarryOutOptions,
): Promise<ClaimResult[]> {
  const said = inOrder(
    chosen.map(({ claim }) => claim.uid),
    ({ claim }: ClaimResult) => claim.claim.uid,
    (result) => sayResult(context, result, options),
  );
  const { keepData = false, policies, connection = {} } = options;
  try {
    return await deleteClaims({ context, cluster, live, keepData, policies }, chosen, {
      ...options,
      backup: options.saved,
      naming: namingFor(context.program, cluster, connection),
      quiet: isQuiet(options.progress),
      onResult: said.tell,
      onMove: (claim, to) => {
        if (options.progress === "json") context.err.write(claimEvent(claim, to, context.clock.now()));
      },
    });
  } finally {
    said.flush();
  }
}
