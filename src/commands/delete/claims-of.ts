import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { unusedSince } from "../../core/claims/age.js";
import { byPlace, classifier, type ClassifiedClaim } from "../../core/claims/classify.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { losesData, type ReclaimPolicies } from "../../core/claims/volumes.js";
import { enumerate } from "../../core/words.js";
import { ExitCode, gravest } from "../../errors.js";
import { doomedClaims } from "../../view/claims/cleanup.js";
import { keepHint, theseClaims } from "../../view/claims/keep.js";
import { isQuiet } from "../../view/progress/mode.js";
import { sanitizeLine } from "../../view/sanitize.js";
import { backUp, sayBackup, type Backup } from "../claims/deletion/backup.js";
import { carryOut, type CarryOutOptions } from "../claims/deletion/carry-out.js";
import { LiveClaims } from "../claims/live.js";
import { mostAtATime } from "../claims/pool.js";
import { readClaims, readPolicies } from "../claims/read.js";
import { exitCodeOfResults } from "../claims/deletion/report.js";
import { nextChange } from "../claims/next-change.js";
import { confirm } from "../shared/confirm.js";
import type { DeleteOptions } from "./options.js";

/** The claims of sets that are to be deleted with them. */
export interface DoomedClaims {
  chosen: ClassifiedClaim[];
  /** Those that could be a set's, and are not surely: left alone. */
  left: ClassifiedClaim[];
  /** Reclaim policies of the volumes. */
  policies: ReclaimPolicies;
  /** Where they were saved, once that was done. */
  saved?: Backup | undefined;
}

/** Every claim of these sets, whether a set is there or gone, left-over ones included. */
export async function claimsOf(
  context: Context,
  cluster: Cluster,
  namespace: string,
  sets: readonly string[],
): Promise<DoomedClaims> {
  const { surroundings, claims } = await readClaims(context, cluster, { namespace });
  const theirs = claims
    .map(classifier(surroundings, claims))
    .filter(({ sets: possible }) => possible.some((set) => sets.includes(set)))
    .sort(byPlace);
  const isSure = ({ state, set }: ClassifiedClaim) => set !== undefined && state !== "ambiguous";
  const chosen = theirs.filter(isSure);
  const left = theirs.filter((claim) => !isSure(claim));
  return { chosen, left, policies: chosen.length > 0 ? await readPolicies(context, cluster) : undefined };
}

/** Shows each claim with what becomes of its data, and asks. Throws a RefusedError without a yes. */
export async function agreeTo(
  context: Context,
  { chosen, left, policies }: DoomedClaims,
  { yes, dryRun, keep }: DeleteOptions,
): Promise<void> {
  const { keepData = false } = keep;
  const sure = yes || dryRun !== "none";
  const kept = chosen.flatMap(({ claim }): [string, string][] =>
    claim.volume === undefined ? [] : [[claim.volume, "Retain"]],
  );
  const columns = context.err.isTerminal ? context.err.columns : undefined;
  for (const set of new Set(chosen.map((claim) => claim.set))) {
    const claims = chosen.filter((claim) => claim.set === set);
    context.err.write(doomedClaims(claims, keepData ? new Map(kept) : policies, columns));
  }
  for (const { claim, state, reason } of left) {
    context.err.write(sanitizeLine(`left alone: ${claim.name} (${state}: ${reason})`) + "\n");
  }
  if (chosen.length === 0) return;
  if (!sure) context.err.write(keepHint(keep, losesData(chosen, policies)));
  const volumes = keepData ? ", and keep the data" : "";
  const question = {
    text: `Delete ${theseClaims(chosen.length)} with the set${volumes}?`,
    otherwise: "nothing was deleted",
  };
  await confirm(context, { ...question, yes: sure });
}

/** Saves what was agreed to, before the first deletion: with the set the retention policy may take claims. */
export async function saveFirst(
  context: Context,
  cluster: Cluster,
  namespace: string,
  chosen: readonly ClassifiedClaim[],
  { keep: { backup: dir }, connection, dryRun, wait }: DeleteOptions,
): Promise<Backup | undefined> {
  if (dir === undefined || chosen.length === 0 || dryRun !== "none") return undefined;
  const saved = await backUp(context, cluster, { namespace }, withAges(context, chosen), dir);
  if (!isQuiet(wait.progress)) sayBackup(context, cluster, connection, saved);
  return saved;
}

function withAges({ clock }: Context, claims: readonly ClassifiedClaim[]): ChosenClaim[] {
  const now = clock.now();
  return claims.map((claim) => ({ ...claim, unused: unusedSince(claim, new Map(), now) }));
}

/**
 * Deletes the claims that were agreed to, once their sets and pods are gone: each is judged anew, and left alone when
 * somebody wants it by then, or when another claim has its name.
 */
export async function deleteClaimsOf(
  context: Context,
  cluster: Cluster,
  namespace: string,
  { chosen: agreed, policies, saved }: DoomedClaims,
  options: DeleteOptions,
): Promise<ExitCode> {
  const { keep, connection, dryRun, wait } = options;
  const report: CarryOutOptions = {
    output: options.nameOnly ? "name" : undefined,
    allNamespaces: false,
    yes: true,
    ...{ dryRun, connection, policies, concurrency: mostAtATime },
    ...{ wait: wait.wait, timeout: wait.timeout, progress: wait.progress },
    // What is really deleted has been saved by now.
    ...{ saved, keepData: keep.keepData ?? false, backup: dryRun === "none" ? undefined : keep.backup },
  };
  const live = new LiveClaims(cluster, { namespace }, agreed.flatMap(placeOf), context.signal);
  try {
    await live.ready();
    if (dryRun === "none") await untilPodsAreGone(context, live, agreed, wait.timeout);
    const asGone = withAges(context, agreed);
    const chosen = dryRun === "none" ? asGone.map((claim) => judgedGone(claim, live)) : asGone;
    const results = await carryOut(context, cluster, live, chosen, report);
    const code = exitCodeOfResults(results, true);
    return dryRun === "none" ? gravest([code, sayUnseen(context, live, agreed)]) : code;
  } finally {
    live.stop();
  }
}

/** Claims that the sets made after the question: nobody agreed to them. */
function sayUnseen({ err }: Context, live: LiveClaims, agreed: readonly ClassifiedClaim[]): ExitCode {
  const known = new Set(agreed.map(({ claim }) => claim.name));
  const sets = new Set(agreed.map(({ set }) => set));
  const unseen = live
    .claims()
    .filter(({ name, deleting }) => !known.has(name) && !deleting)
    .map((claim) => live.judge(claim))
    .filter(({ state, set }) => state === "set-deleted" && sets.has(set));
  if (unseen.length === 0) return ExitCode.Done;
  const names = enumerate(unseen.map(({ claim }) => claim.name));
  err.write(`left alone: ${names}: made after the claims were shown; the same command again shows them\n`);
  return ExitCode.Conflict;
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
