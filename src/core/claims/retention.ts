import type { StatefulSet } from "../model.js";

/** `persistentVolumeClaimRetentionPolicy`. Any string: a newer server may know more than Retain and Delete. */
export interface RetentionPolicy {
  whenScaled: string;
  whenDeleted: string;
}

/** The policy of a set, with the API's defaults. */
export function retentionOf({ spec }: Pick<StatefulSet, "spec">): RetentionPolicy {
  const { whenScaled = "Retain", whenDeleted = "Retain" } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenScaled, whenDeleted };
}

/** As `pvc retention` takes it: `scaled=Retain deleted=Delete`. */
export function describePolicy({ whenScaled, whenDeleted }: RetentionPolicy): string {
  return `scaled=${whenScaled} deleted=${whenDeleted}`;
}

/** A change of it: `scaled=Retain → Delete, deleted=Retain`; as it is where nothing changes. */
export function describePolicyChange(now: RetentionPolicy, next: RetentionPolicy): string {
  if (samePolicy(now, next)) return describePolicy(now);
  const change = (field: keyof RetentionPolicy): string =>
    now[field] === next[field] ? now[field] : `${now[field]} → ${next[field]}`;
  return `scaled=${change("whenScaled")}, deleted=${change("whenDeleted")}`;
}

export function samePolicy(left: RetentionPolicy, right: RetentionPolicy): boolean {
  return left.whenScaled === right.whenScaled && left.whenDeleted === right.whenDeleted;
}

/** The fields that delete under `next` and did not under `now`. */
export function newlyDeleting(now: RetentionPolicy, next: RetentionPolicy): (keyof RetentionPolicy)[] {
  const fields = ["whenScaled", "whenDeleted"] as const;
  return fields.filter((field) => next[field] === "Delete" && now[field] !== "Delete");
}

/** Which of a set's retention policies would destroy claims when it is deleted, after scaling it to 0 or not. */
export function destroyingPolicies(set: StatefulSet, ordered: boolean): ("whenScaled" | "whenDeleted")[] {
  if ((set.spec.volumeClaimTemplates ?? []).length === 0) return [];
  const { whenScaled, whenDeleted } = retentionOf(set);
  const scaled = ordered && whenScaled === "Delete" ? (["whenScaled"] as const) : [];
  return [...scaled, ...(whenDeleted === "Delete" ? (["whenDeleted"] as const) : [])];
}
