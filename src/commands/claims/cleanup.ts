import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { needsEvents, unusedSince } from "../../core/claims/age.js";
import { byPlace, type ClassifiedClaim } from "../../core/claims/classify.js";
import { planCleanup } from "../../core/claims/plan.js";
import { mayCleanUp } from "../../core/claims/states.js";
import { UsageError } from "../../core/errors.js";
import { cleanupPlan, leftAlone } from "../../view/claims-cleanup.js";
import { carryOut } from "./carry-out.js";
import { checkNames, claimFilter } from "./choose.js";
import type { CleanupOptions } from "./cleanup-options.js";
import type { LiveClaims } from "./live.js";
import { readPodDeletions, readPolicies } from "./read.js";
import { exitCodeOfResults, writeDocument } from "./report.js";

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
  const words = [
    context.program,
    "pvc list",
    ...(options.scope.allNamespaces ? ["-A"] : []),
    ...options.scope.names,
  ];
  if (!options.yes || !["json", "none"].includes(options.progress)) {
    context.err.write(cleanupPlan(plan.chosen, live.sets(), { policies, now }));
    context.err.write(leftAlone(plan.left, plan.young, words.join(" ")));
    if (plan.chosen.length === 0) context.err.write("Nothing to clean up.\n");
  }
  const results = await carryOut(context, cluster, live, plan.chosen, options);
  writeDocument(context, results, policies, options.output);
  return exitCodeOfResults(results, options.wait);
}

async function filterOf(
  cluster: Cluster,
  { gone, scope }: CleanupOptions,
): Promise<(claim: ClassifiedClaim) => boolean> {
  const [named] = gone;
  return named ? ({ sets }) => sets.includes(named.set) : claimFilter(cluster, scope);
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
) {
  const unclear = claims.some((claim) => mayCleanUp(claim, included) && needsEvents(claim));
  const deletions = unclear
    ? await readPodDeletions(context, cluster, live.scope)
    : new Map<string, number>();
  const plan = planCleanup(claims, { included, olderThan, now }, (claim) =>
    unusedSince(claim, deletions, now),
  );
  return { ...plan, chosen: plan.chosen.sort(byPlace) };
}
