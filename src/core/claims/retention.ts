import type { StatefulSet } from "../model.js";

/** `persistentVolumeClaimRetentionPolicy` with its defaults. */
function retentionOf({ spec }: StatefulSet): { whenScaled: string; whenDeleted: string } {
  const { whenScaled = "Retain", whenDeleted = "Retain" } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenScaled, whenDeleted };
}

/** Which of a set's retention policies would destroy claims when it is deleted, after scaling it to 0 or not. */
export function destroyingPolicies(set: StatefulSet, ordered: boolean): ("whenScaled" | "whenDeleted")[] {
  if ((set.spec.volumeClaimTemplates ?? []).length === 0) return [];
  const { whenScaled, whenDeleted } = retentionOf(set);
  const scaled = ordered && whenScaled === "Delete" ? (["whenScaled"] as const) : [];
  return [...scaled, ...(whenDeleted === "Delete" ? (["whenDeleted"] as const) : [])];
}
