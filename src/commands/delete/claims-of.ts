import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { unusedSince } from "../../core/claims/age.js";
import { byPlace, classifier, type ClassifiedClaim } from "../../core/claims/classify.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { doomedClaims } from "../../view/claims-cleanup.js";
import type { ExitCode } from "../../errors.js";
import { carryOut, type CarryOutOptions } from "../claims/carry-out.js";
import { mostAtATime } from "../claims/cleanup-options.js";
import { LiveClaims } from "../claims/live.js";
import { readClaims, readPolicies } from "../claims/read.js";
import { exitCodeOfResults } from "../claims/report.js";
import { confirm } from "../shared/confirm.js";
import { nextChange } from "../claims/next-change.js";
import type { DeleteOptions } from "./options.js";

/** Every claim of these sets, whether a set is there or gone, left-over ones included. Those of others are not chosen. */
export async function claimsOf(
  context: Context,
  cluster: Cluster,
  namespace: string,
  sets: readonly string[],
): Promise<ClassifiedClaim[]> {
  const { surroundings, claims } = await readClaims(context, cluster, { namespace });
  return claims
    .map(classifier(surroundings, claims))
    .filter(({ state, set }) => set !== undefined && sets.includes(set) && state !== "ambiguous")
    .sort(byPlace);
}

/** Shows each claim with what becomes of its data, and asks. Throws a RefusedError without a yes. */
export async function agreeTo(
  context: Context,
  cluster: Cluster,
  claims: readonly ClassifiedClaim[],
  { yes, dryRun }: DeleteOptions,
): Promise<void> {
  if (claims.length === 0) return;
  const policies = await readPolicies(context, cluster);
  for (const set of new Set(claims.map((claim) => claim.set))) {
    context.err.write(
      doomedClaims(
        claims.filter((claim) => claim.set === set),
        policies,
      ),
    );
  }
  const these = claims.length === 1 ? "this claim" : `these ${claims.length} claims`;
  const question = { text: `Delete ${these} with the set?`, otherwise: "nothing was deleted" };
  await confirm(context, { ...question, yes: yes || dryRun !== "none" });
}

/**
 * Deletes the claims that were agreed to, once their sets and pods are gone: each is judged anew, and left alone when
 * somebody wants it by then, or when another claim has its name.
 */
export async function deleteClaimsOf(
  context: Context,
  cluster: Cluster,
  namespace: string,
  agreed: readonly ClassifiedClaim[],
  options: DeleteOptions,
): Promise<ExitCode> {
  const report: CarryOutOptions = {
    output: options.nameOnly ? "name" : undefined,
    allNamespaces: false,
    dryRun: options.dryRun,
    yes: true,
    wait: options.wait.wait,
    timeout: options.wait.timeout,
    progress: options.wait.progress,
    concurrency: mostAtATime,
  };
  const live = new LiveClaims(cluster, { namespace }, agreed.flatMap(placeOf), context.signal);
  try {
    await live.ready();
    if (options.dryRun === "none") await untilPodsAreGone(context, live, agreed, options.wait.timeout);
    const now = context.clock.now();
    const asGone = agreed.map((claim): ChosenClaim => ({
      ...claim,
      unused: unusedSince(claim, new Map(), now),
    }));
    const chosen = options.dryRun === "none" ? asGone.map((claim) => judgedGone(claim, live)) : asGone;
    return exitCodeOfResults(await carryOut(context, cluster, live, chosen, report), true);
  } finally {
    live.stop();
  }
}

/** Garbage collection may still be at the pods of a set that an earlier run deleted; their claims go after them. */
async function untilPodsAreGone(
  context: Context,
  live: LiveClaims,
  agreed: readonly ClassifiedClaim[],
  timeout: number | undefined,
): Promise<void> {
  const deadline = timeout === undefined ? undefined : context.clock.now() + timeout;
  for (let said = ""; ;) {
    const pods = agreed.flatMap(({ claim }) => live.judge(claim).pod ?? []);
    const left = [...new Set(pods.filter((pod) => live.isOrphaned(live.scope.namespace ?? "", pod)))];
    if (left.length === 0) return;
    const waiting = `waiting for ${left.join(", ")} to go`;
    if (said !== waiting) context.err.write(`${waiting}\n`);
    said = waiting;
    await nextChange(live, context, deadline, () => `error: timed out ${waiting}; no claim was deleted`);
  }
}

function placeOf({ set, template }: ClassifiedClaim): { set: string; template: string }[] {
  return set === undefined || template === undefined ? [] : [{ set, template }];
}

/**
 * As it must be when it is deleted: of a set that is gone, or on its way by the retention policy. Anything else is a
 * change, which the deletion finds by itself. The `Unused` condition may have come meanwhile: the pods are gone.
 */
function judgedGone(chosen: ChosenClaim, live: LiveClaims): ChosenClaim {
  const current = live.claim(chosen.claim);
  const { state } = current ? live.judge(current) : chosen;
  const claim = {
    ...chosen.claim,
    unusedSince: undefined,
    deleting: current?.deleting ?? chosen.claim.deleting,
  };
  return { ...chosen, claim, state: state === "policy" ? "policy" : "set-deleted" };
}
