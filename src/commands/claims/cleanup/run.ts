import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { unusedSince } from "../../../core/claims/age.js";
import { byPlace, type ClassifiedClaim } from "../../../core/claims/classify.js";
import { planCleanup, type CleanupPlan } from "../../../core/claims/plan.js";
import { mayCleanUp } from "../../../core/claims/states.js";
import { losesData, type ReclaimPolicies } from "../../../core/claims/volumes.js";
import { UsageError } from "../../../core/errors.js";
import { ownCommand, type Naming } from "../../../core/progress/naming.js";
import { cleanupPlan, leftAlone } from "../../../view/claims/cleanup.js";
import { keepHint, managersWarning } from "../../../view/claims/keep.js";
import { namingFor } from "../../shared/naming.js";
import { isQuiet } from "../../../view/progress/mode.js";
import { cannotBackUp } from "../deletion/backup.js";
import { carryOut } from "../deletion/carry-out.js";
import { checkNames, claimFilter, scopeWords } from "../choose.js";
import type { CleanupOptions } from "./options.js";
import type { LiveClaims } from "../live.js";
import { readDeletionsFor, readPolicies } from "../read.js";
import { exitCodeOfResults, writeDocument } from "../deletion/report.js";

/** Reads, shows, asks and deletes; returns the exit code. */
export async function cleanUp(
  options: CleanupOptions,
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
): Promise<number> {
  const [mayReadAutoscalers, policies, isChosen] = await Promise.all([
    live.ready(),
    readPolicies(context, cluster),
    filterOf(cluster, options),
  ]);
  if (!mayReadAutoscalers) {
    context.err.write(
      "note: horizontalpodautoscalers may not be read here: any claim out of range may be wanted again\n",
    );
  }
  checkGone(options, live);
  const claims = live
    .claims()
    .map((claim) => live.judge(claim))
    .filter(isChosen);
  if (options.gone.length === 0) await checkNames(cluster, options.scope, live.sets(), claims);
  const now = context.clock.now();
  const plan = await makePlan(claims, options, context, cluster, live, now);
  const bound = plan.chosen.some(({ claim }) => claim.volume !== undefined);
  if (options.backup !== undefined && bound && !policies)
    throw cannotBackUp("persistentvolumes may not be read here");
  if (!options.yes || !isQuiet(options.progress)) {
    const named = namingFor(context.program, cluster, options.connection)(cluster.namespace);
    const naming = options.scope.allNamespaces ? { ...named, namespace: undefined } : named;
    show(context, live, plan, { ...options, policies, now, naming });
  }
  const results = await carryOut(context, cluster, live, plan.chosen, { ...options, policies });
  writeDocument(context, results, policies, options.output);
  return exitCodeOfResults(results, options.wait);
}

/** All that a person needs to answer the question that follows. */
function show(
  { err }: Context,
  live: LiveClaims,
  { chosen, left, young }: CleanupPlan,
  options: CleanupOptions & { policies: ReclaimPolicies; now: number; naming: Naming },
): void {
  const { policies, now, keepData = false, scope, yes, dryRun, naming } = options;
  const columns = err.isTerminal ? err.columns : undefined;
  const list = ownCommand(naming, ["pvc list", ...scopeWords(scope)].join(" "));
  err.write(cleanupPlan(chosen, live.sets(), { policies, now, keepData, columns }));
  err.write(leftAlone(left, young, list));
  if (chosen.length === 0) return err.write("Nothing to clean up.\n");
  err.write(managersWarning(chosen, live.sets()));
  const asks = !yes && dryRun === "none" && chosen.some(({ claim }) => !claim.deleting);
  if (asks) err.write(keepHint(options, losesData(chosen, policies)));
}

/** Of a set that is named as deleted only the templates that are named, though others may be recognised as its own. */
async function filterOf(
  cluster: Cluster,
  { gone, scope }: CleanupOptions,
): Promise<(claim: ClassifiedClaim) => boolean> {
  if (gone.length === 0) return claimFilter(cluster, scope);
  return ({ sets, template }) =>
    gone.some((named) => sets.includes(named.set) && (template ?? named.template) === named.template);
}

function checkGone({ gone: [named] }: CleanupOptions, live: LiveClaims): void {
  if (named && live.sets().some(({ name }) => name === named.set)) {
    throw new UsageError(`StatefulSet ${named.set} exists: clean up after it by its name, without --set`);
  }
}

async function makePlan(
  claims: readonly ClassifiedClaim[],
  { included, olderThan }: CleanupOptions,
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  now: number,
): Promise<CleanupPlan> {
  const eligible = claims.filter((claim) => mayCleanUp(claim, included));
  const deletions = await readDeletionsFor(eligible, context, cluster, live.scope);
  const plan = planCleanup(claims, { included, olderThan, now }, (claim) =>
    unusedSince(claim, deletions, now),
  );
  return { ...plan, chosen: plan.chosen.sort(byPlace) };
}
