import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import type { ChosenClaim } from "../../../core/claims/plan.js";
import { kinds } from "../../../core/kinds.js";
import { backupPlanned } from "../../../view/claims/keep.js";
import { dryRunSuffixes } from "../../shared/flags.js";
import { fileIn } from "./backup.js";
import type { CarryOutOptions } from "./carry-out.js";
import { inShownOrder, type ClaimResult } from "./delete-claims.js";
import { inOrder } from "../in-order.js";
import { keepVolume, whyNotKept } from "../keep-volume.js";
import { inPool } from "../pool.js";
import { sayResult } from "./report.js";

/**
 * Says what would be done to each chosen claim. `client` sends nothing; `server` lets the API check each deletion, and
 * each change of a volume before it. Nothing is written, neither to the cluster nor to the folder of a backup.
 */
export async function rehearse(
  context: Context,
  cluster: Cluster,
  chosen: readonly ChosenClaim[],
  options: CarryOutOptions,
): Promise<ClaimResult[]> {
  const { dryRun, backup, keepData } = options;
  const suffix = dryRunSuffixes[dryRun];
  const results: ClaimResult[] = [];
  if (backup !== undefined && chosen.length > 0) {
    context.err.write(backupPlanned(backup, chosen.length, suffix));
  }
  const said = inOrder(
    chosen.map(({ claim }) => claim.uid),
    ({ claim }: ClaimResult) => claim.claim.uid,
    (result) => sayResult(context, result, { ...options, suffix }),
  );
  await inPool(chosen, options.concurrency, async (claim) => {
    const refusal = dryRun === "server" ? await refusalOf(context, cluster, claim, options) : undefined;
    const result: ClaimResult = {
      claim,
      outcome: refusal === undefined ? "planned" : "failed",
      message: refusal ?? "",
      kept: keepData && refusal === undefined ? claim.claim.volume : undefined,
      savedTo: backup === undefined ? undefined : fileIn(backup, claim.claim),
    };
    results.push(result);
    said.tell(result);
  });
  return inShownOrder(results, chosen);
}

async function refusalOf(
  context: Context,
  cluster: Cluster,
  { claim }: ChosenClaim,
  { keepData }: CarryOutOptions,
): Promise<string | undefined> {
  if (keepData && claim.volume !== undefined) {
    const keeping = await keepVolume(context, cluster, claim.volume, claim, { dryRun: true });
    if (keeping !== "kept") {
      return `error: ${claim.name}: its volume ${claim.volume} could not be set to Retain: ${whyNotKept(keeping)}`;
    }
  }
  try {
    await cluster.delete(kinds.claim, claim, { uid: claim.uid, dryRun: true });
    return undefined;
  } catch (error) {
    if (isApiError(error)) return error.message;
    throw error;
  }
}
