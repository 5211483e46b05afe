import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { unusedSince } from "../../core/claims/age.js";
import { byPlace, type ClassifiedClaim } from "../../core/claims/classify.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { addedClaims } from "../../core/claims/returning.js";
import type { ClaimState } from "../../core/claims/states.js";
import { losesData, type ReclaimPolicies } from "../../core/claims/volumes.js";
import type { StatefulSet } from "../../core/model.js";
import { ownCommand } from "../../core/progress/naming.js";
import { ConflictError, ExitCode, RefusedError } from "../../errors.js";
import { cleanupPlan } from "../../view/claims/cleanup.js";
import { isQuiet } from "../../view/progress/mode.js";
import { keepHint, theseClaims } from "../../view/claims/keep.js";
import { carryOut } from "../claims/deletion/carry-out.js";
import { LiveClaims } from "../claims/live.js";
import { mostAtATime } from "../claims/pool.js";
import { readDeletionsFor, readPolicies } from "../claims/read.js";
import { exitCodeOfResults } from "../claims/deletion/report.js";
import { confirm } from "../shared/confirm.js";
import { namingFor } from "../shared/naming.js";
import type { ScaleOptions } from "./options.js";

/**
 * States in which a claim is the set's own and in nobody's use. `policy` is one that the garbage collector is about to
 * take; one that an autoscaler might bring back is brought back here.
 */
const removable: readonly ClaimState[] = ["scaled-down", "set-at-zero", "autoscaled", "policy"];

/**
 * Deletes the claims that scaling these sets up would attach again, and waits until they are gone: a claim that is
 * still Terminating blocks the pod that would use it. Shows them and asks first. Throws a RefusedError, before anything
 * is deleted, for a claim that is not surely the set's to give up. Run again after a kill, it goes on with the rest.
 */
export async function removeOldClaims(
  context: Context,
  cluster: Cluster,
  sets: readonly StatefulSet[],
  options: ScaleOptions,
): Promise<ExitCode> {
  const { namespace } = cluster;
  for (const set of sets) sayWhereUseless(context, set, options.replicas);
  const live = new LiveClaims(cluster, { namespace }, [], context.signal);
  try {
    const [policies] = await Promise.all([readPolicies(context, cluster), live.ready()]);
    const wanted = sets.flatMap((set) => claimsBack(live, set, options.replicas));
    refuseUnlessRemovable(wanted, (name) => {
      const naming = namingFor(context.program, cluster, options.connection)(namespace);
      return ownCommand(naming, `pvc list ${name} -o wide`);
    });
    if (wanted.length === 0) return ExitCode.Done;
    const chosen = await withAges(context, cluster, live, wanted);
    await agree(context, live, chosen, { ...options, policies });
    const results = await carryOut(context, cluster, live, chosen, {
      ...options.keep,
      ...{ output: undefined, allNamespaces: false, concurrency: mostAtATime, wait: true, yes: true },
      ...{ dryRun: options.dryRun, timeout: options.wait.timeout, progress: options.wait.progress },
      ...{ connection: options.connection, policies },
    });
    const code = exitCodeOfResults(results, true);
    if (code !== ExitCode.Done) context.err.write("nothing was scaled; the same command again goes on\n");
    else if (options.dryRun === "none") checkGone(live, sets, options.replicas);
    return code;
  } finally {
    live.stop();
  }
}

/** Where sets are chosen by label some may have to go down: that is no error, and no claim comes back then. */
function sayWhereUseless({ err }: Context, { metadata, spec }: StatefulSet, replicas: number): void {
  if (replicas > (spec.replicas ?? 1)) return;
  err.write(`${metadata.namespace}/${metadata.name}: not scaled up, so no claim comes back (--fresh)\n`);
}

function claimsBack(live: LiveClaims, set: StatefulSet, replicas: number): ClassifiedClaim[] {
  const places = addedClaims(set, replicas);
  return live
    .claims()
    .filter(({ namespace, name }) => namespace === set.metadata.namespace && places.has(name))
    .map((claim) => live.judge(claim))
    .sort(byPlace);
}

function refuseUnlessRemovable(claims: readonly ClassifiedClaim[], list: (set: string) => string): void {
  const held = claims.filter(({ state }) => !removable.includes(state));
  const [first] = held;
  if (!first) return;
  const reasons = held.map(({ claim, state, reason }) => `\n  ${claim.name} is ${state}: ${reason}`).join("");
  const see = list(first.set ?? first.sets[0] ?? "");
  throw new RefusedError(
    `nothing was deleted or scaled: --fresh deletes only what is surely left over${reasons}\nsee ${see}`,
  );
}

async function withAges(
  context: Context,
  cluster: Cluster,
  live: LiveClaims,
  claims: readonly ClassifiedClaim[],
): Promise<ChosenClaim[]> {
  const deletions = await readDeletionsFor(claims, context, cluster, live.scope);
  const now = context.clock.now();
  return claims.map((claim) => ({ ...claim, unused: unusedSince(claim, deletions, now) }));
}

interface Agreement extends Pick<ScaleOptions, "yes" | "dryRun" | "keep" | "wait" | "replicas"> {
  policies: ReclaimPolicies;
}

async function agree(
  context: Context,
  live: LiveClaims,
  chosen: readonly ChosenClaim[],
  { yes, dryRun, keep, wait, replicas, policies }: Agreement,
): Promise<void> {
  const { err, clock } = context;
  const sure = yes || dryRun !== "none" || chosen.every(({ claim }) => claim.deleting);
  if (!yes || !isQuiet(wait.progress)) {
    const columns = err.isTerminal ? err.columns : undefined;
    const { keepData = false } = keep;
    err.write(cleanupPlan(chosen, live.sets(), { policies, now: clock.now(), keepData, columns }));
    if (!sure) err.write(keepHint(keep, losesData(chosen, policies)));
  }
  const question = {
    text: `Delete ${theseClaims(chosen.length)} and scale to ${replicas}?`,
    otherwise: "nothing was deleted or scaled",
  };
  await confirm(context, { ...question, yes: sure });
}

/** Made anew under the same name meanwhile: whose data that is, nobody has been told. */
function checkGone(live: LiveClaims, sets: readonly StatefulSet[], replicas: number): void {
  const [back] = sets.flatMap((set) => claimsBack(live, set, replicas));
  if (!back) return;
  throw new ConflictError(`${back.claim.name} was made anew meanwhile; nothing was scaled`);
}
