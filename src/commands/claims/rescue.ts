import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { SetFacts } from "../../core/claims/facts.js";
import { kinds } from "../../core/kinds.js";

/**
 * For a claim that became wanted while it was being deleted: no precondition closes that race, since scaling up does
 * not touch the claim. Its volume's reclaim policy is set to Retain at once, so that the data outlives the claim. The
 * claim's UID in the volume's claimRef is a precondition. Returns what came of it, and how to get the data back.
 */
export async function rescueVolume(
  cluster: Cluster,
  wanted: ClassifiedClaim,
  set: SetFacts | undefined,
): Promise<string> {
  const { volume, uid } = wanted.claim;
  if (!volume) return "it had no volume, so no data is lost";
  const body = [
    { op: "test", path: "/spec/claimRef/uid", value: uid },
    { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Retain" },
  ];
  try {
    const kept = await cluster.patch(kinds.volume, { name: volume }, { type: "json", body });
    if (kept.metadata.deletionTimestamp)
      return `its volume ${volume} is already being deleted: the data may be lost`;
  } catch (error) {
    if (isApiError(error, "NotFound")) return `its volume ${volume} is already gone, and the data with it`;
    const cause = error instanceof Error ? error.message : String(error);
    return `its volume ${volume} could not be set to Retain (${cause}): save its data now`;
  }
  return [
    `its volume ${volume} now has reclaim policy Retain and keeps the data. To get it back:`,
    ...wayBack(wanted, volume, set),
  ].join("\n");
}

/** A volume whose claimRef has no uid is reserved for the next claim of that name, which the controller makes. */
function wayBack({ claim, ordinal }: ClassifiedClaim, volume: string, set: SetFacts | undefined): string[] {
  const reset = `'{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'`;
  const free = [
    `  kubectl delete pvc ${claim.name} -n ${claim.namespace} --ignore-not-found`,
    `  kubectl patch pv ${volume} --type=merge -p ${reset}`,
  ];
  if (!set || ordinal === undefined) return free;
  const scale = (replicas: number) => `  sts scale ${set.name} -n ${set.namespace} --replicas=${replicas}`;
  return [scale(Math.max(0, ordinal - set.start)), ...free, scale(set.end - set.start)];
}
