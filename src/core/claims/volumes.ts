import type { Volume } from "../model.js";
import type { ClaimFacts } from "./facts.js";

/** What is kept of a PersistentVolume. */
export interface VolumeFacts {
  name: string;
  reclaimPolicy: string;
}

export function volumeFacts({ metadata, spec }: Volume): VolumeFacts {
  return { name: metadata.name, reclaimPolicy: spec.persistentVolumeReclaimPolicy ?? "Delete" };
}

/** The same of what the server shows of volumes (`kubectl get pv`). */
export const volumeColumns = {
  titles: ["Name", "Reclaim Policy"],
  project: ([name = "", reclaimPolicy = ""]: readonly string[]): VolumeFacts => ({ name, reclaimPolicy }),
};

/** What becomes of a claim's data when the claim is deleted. */
export type DataFate = "Delete" | "Recycle" | "Retain" | "none" | "unknown";

const fates: Readonly<Record<DataFate, { short: string; long: string }>> = {
  Delete: { short: "data destroyed", long: "the volume and its data are destroyed" },
  Recycle: { short: "data wiped", long: "the data is wiped, the volume is used again" },
  Retain: { short: "volume kept, Released", long: "the volume stays, Released" },
  none: { short: "no volume yet", long: "it has no volume" },
  unknown: {
    short: "may destroy data",
    long: "may destroy data: the volume's reclaim policy could not be read",
  },
};

/** In plain words: `short` for a column, `long` for a sentence. */
export function describeFate(fate: DataFate): { short: string; long: string } {
  return fates[fate];
}

/** Reclaim policies of volumes by name; undefined where volumes may not be read. */
export type ReclaimPolicies = ReadonlyMap<string, string> | undefined;

/** Whether the volume of one of the claims does not outlive it, as far as is known. */
export function losesData(
  claims: readonly { claim: Pick<ClaimFacts, "volume"> }[],
  policies: ReclaimPolicies,
): boolean {
  return claims.some(({ claim }) => !["Retain", "none"].includes(fateOf(claim, policies)));
}

/** A policy that is not one of the three known ones counts as unknown. */
export function fateOf(claim: Pick<ClaimFacts, "volume">, policies: ReclaimPolicies): DataFate {
  if (!claim.volume) return "none";
  const policy = policies?.get(claim.volume);
  return policy === "Delete" || policy === "Recycle" || policy === "Retain" ? policy : "unknown";
}
