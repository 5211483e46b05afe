import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { ClaimFacts } from "../../core/claims/facts.js";
import { kinds } from "../../core/kinds.js";
import type { Volume } from "../../core/model.js";
import { mayTryAgain } from "../shared/try-again.js";

/** Whether a claim's volume will outlive it; `going` and `gone`: it is being deleted already, or is not there. */
export type Keeping = "kept" | "going" | "gone" | { refused: string };

/**
 * Sets the reclaim policy of a claim's volume to Retain, so that the data outlives the claim. The claim's UID in the
 * volume's claimRef is the precondition; no resourceVersion, which every status write moves. A controller that has not
 * seen the patch by the time the claim goes destroys nothing: it first writes the phase Released, with the
 * resourceVersion from before, and fails (pv_controller.go, syncVolume). Whoever may read volumes but not change them
 * is answered by the policy that the volume has.
 */
export async function keepVolume(
  context: Pick<Context, "clock" | "random">,
  cluster: Cluster,
  name: string,
  { uid }: Pick<ClaimFacts, "uid">,
  { dryRun = false } = {},
): Promise<Keeping> {
  const body = [
    { op: "test", path: "/spec/claimRef/uid", value: uid },
    { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Retain" },
  ];
  const patch = { type: "json", body } as const;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return keepingOf(await cluster.patch(kinds.volume, { name }, patch, { dryRun }));
    } catch (error) {
      if (isApiError(error, "NotFound")) return "gone";
      // A test that fails has no causes; what the API has against the change itself has some.
      if (isApiError(error, "Invalid") && !error.status.details?.causes?.length)
        return { refused: "it is not bound to this claim" };
      if (isApiError(error, "Forbidden") && (await isKept(cluster, name, uid))) return "kept";
      if (!(await mayTryAgain(context, error, attempt)))
        return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** Why a volume is not kept, for a person. */
export function whyNotKept(keeping: Exclude<Keeping, "kept">): string {
  if (keeping === "going") return "it is being deleted already";
  if (keeping === "gone") return "there is no such volume any more";
  return keeping.refused;
}

function keepingOf({ metadata, spec }: Volume): Keeping {
  if (metadata.deletionTimestamp !== undefined) return "going";
  const { persistentVolumeReclaimPolicy: policy } = spec;
  return policy === "Retain" ? "kept" : { refused: `the server keeps its reclaim policy ${policy}` };
}

async function isKept(cluster: Cluster, name: string, uid: string): Promise<boolean> {
  try {
    const volume = await cluster.get(kinds.volume, { name });
    return volume.spec.claimRef?.uid === uid && keepingOf(volume) === "kept";
  } catch {
    return false; // the refusal of the patch is what is said
  }
}
