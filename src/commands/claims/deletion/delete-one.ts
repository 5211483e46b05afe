import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { claimFacts, type ClaimFacts } from "../../../core/claims/facts.js";
import { changedSinceShown, type ChosenClaim } from "../../../core/claims/plan.js";
import type { ReclaimPolicies } from "../../../core/claims/volumes.js";
import { kinds } from "../../../core/kinds.js";
import { getIfThere } from "../../shared/optional.js";
import { mayTryAgain } from "../../shared/try-again.js";
import { keepVolume, whyNotKept, type Keeping } from "../keep-volume.js";
import type { LiveClaims } from "../live.js";
import { untilInContact } from "../next-change.js";

/** What came of asking for the deletion of one claim; `interrupted`: nothing was asked for. */
export type Asked =
  | { end: "accepted" | "interrupted"; kept?: string | undefined }
  | { end: "skipped" | "failed"; message: string };

/** What deletions work with. */
export interface DeletionTools {
  context: Context;
  cluster: Cluster;
  live: LiveClaims;
  /** Set the reclaim policy of its volume to Retain before a claim is deleted. */
  keepData: boolean;
  /** As they were when the claims were shown. */
  policies: ReclaimPolicies;
}

/**
 * Deletes one claim, with all that the watches have told before it: it is judged again, its volume is kept where that
 * was asked, after which it is judged once more, and its UID and resourceVersion are preconditions. A claim whose volume
 * cannot be kept is not deleted. One that is on its way already, or gone, counts as accepted.
 */
export async function deleteOne(tools: DeletionTools, chosen: ChosenClaim): Promise<Asked> {
  const { context, cluster, live } = tools;
  const { signal } = context;
  const { volume } = chosen.claim;
  const toKeep = tools.keepData ? volume : undefined;
  let current = live.claim(chosen.claim);
  let kept: string | undefined;
  /** A request may have been carried out though there was no good answer to it. */
  let unanswered = false;
  for (let attempt = 1; ;) {
    await untilInContact(live, context);
    if (signal.aborted) return { end: "interrupted" };
    // Gone by that request, then, and made anew by whoever wants it.
    if (unanswered && current?.uid !== chosen.claim.uid) return { end: "accepted", kept };
    // What is on its way cannot be left alone any more: whoever wants it now has to be helped otherwise.
    const isGoing = current?.deleting && current.uid === chosen.claim.uid;
    const change = current && !isGoing && changedSinceShown(chosen, live.judge(current));
    if (change) return { end: "skipped", message: `${change}${stillRetain(kept, tools.policies)}` };
    if (toKeep !== undefined && kept === undefined) {
      const keeping = await keepVolume(context, cluster, toKeep, chosen.claim);
      if (keeping !== "kept") return { end: "failed", message: notKept(chosen, toKeep, keeping, current) };
      kept = toKeep;
      current = live.claim(chosen.claim);
      continue;
    }
    if (!current || current.deleting) return { end: "accepted", kept };
    try {
      const { uid, resourceVersion } = current;
      await cluster.delete(kinds.claim, current, { uid, resourceVersion });
      return { end: "accepted", kept };
    } catch (error) {
      if (isApiError(error, "NotFound")) return { end: "accepted", kept };
      if (!(await mayTryAgain(context, error, attempt, signal))) {
        if (!isApiError(error)) throw error;
        return { end: "failed", message: `${error.message}${stillRetain(kept, tools.policies)}` };
      }
      unanswered ||= !isApiError(error, "Conflict");
    }
    attempt += 1;
    // Another one's write, or no answer: decided again on the claim as it is now.
    current = await readClaim(cluster, chosen.claim);
  }
}

/** A claim that stays has a volume that was changed for nothing: said, with the way back. */
function stillRetain(volume: string | undefined, policies: ReclaimPolicies): string {
  const before = volume === undefined ? undefined : policies?.get(volume);
  if (volume === undefined || before === "Retain") return "";
  if (before === undefined) return `; its volume ${volume} has reclaim policy Retain now`;
  const body = `'{"spec":{"persistentVolumeReclaimPolicy":"${before}"}}'`;
  return `; its volume ${volume} has reclaim policy Retain now, before it was ${before}: kubectl patch pv ${volume} -p ${body}`;
}

function notKept(
  { claim: { name } }: ChosenClaim,
  volume: string,
  keeping: Exclude<Keeping, "kept">,
  current: ClaimFacts | undefined,
): string {
  const stands = !current
    ? "is gone already"
    : current.deleting
      ? "was Terminating already"
      : "was not deleted";
  return `error: ${name} ${stands}: its volume ${volume} could not be set to Retain: ${whyNotKept(keeping)}`;
}

async function readClaim(cluster: Cluster, ref: ClaimFacts): Promise<ClaimFacts | undefined> {
  const claim = await getIfThere(cluster, kinds.claim, ref);
  return claim && claimFacts(claim);
}
