import {
  decideRestore,
  type RestoreDecision,
  type SavedFile,
  type Situation,
} from "../../../../src/core/claims/restore/decide.js";
import type { Claim, Volume } from "../../../../src/core/model.js";

export type Fields = Record<string, unknown>;

export const name = "www-web-2";

export function claimOf(
  uid: string,
  spec: Fields = {},
  more: { metadata?: Fields; status?: Fields } = {},
): Claim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace: "default",
      name,
      uid,
      resourceVersion: "1",
      creationTimestamp: "2026-11-01T00:00:00Z",
      ...more.metadata,
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      resources: { requests: { storage: "1Gi" } },
      volumeName: "pv-1",
      ...spec,
    },
    status: more.status ?? {},
  } as unknown as Claim;
}

/** The volume `pv-1`, Released, kept, as the claim `old` left it. */
export function volumeOf(spec: Fields = {}, more: { metadata?: Fields; status?: Fields } = {}): Volume {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: "pv-1",
      uid: "volume-1",
      resourceVersion: "1",
      creationTimestamp: "",
      ...more.metadata,
    },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      persistentVolumeReclaimPolicy: "Retain",
      csi: { driver: "disk", volumeHandle: "disk-1" },
      claimRef: { namespace: "default", name, uid: "old" },
      ...spec,
    },
    status: more.status ?? { phase: "Released" },
  } as unknown as Volume;
}

export const without = { volumeName: undefined };
export const reserved = { claimRef: { namespace: "default", name } };
export const bound = { status: { phase: "Bound" } };
export const terminating = { metadata: { deletionTimestamp: "2026-11-21T00:00:00Z" } };

export function savedOf(claim = claimOf("old"), volume: Volume | null = volumeOf(), file = "f"): SavedFile {
  return volume ? { file, claim, volume } : { file, claim };
}

export interface Now {
  living?: Claim;
  volumes?: Volume[];
  wait?: boolean;
  users?: string[];
}

export function decide(saved: SavedFile | [SavedFile, ...SavedFile[]], now: Now): RestoreDecision {
  const volumes = new Map((now.volumes ?? [volumeOf()]).map((volume) => [volume.metadata.name, volume]));
  const situation: Situation = {
    living: now.living,
    volume: (volume) => volumes.get(volume),
    users: now.users ?? [],
    wait: now.wait ?? true,
    naming: { program: "sts", namespace: "default" },
  };
  return decideRestore(Array.isArray(saved) ? saved : [saved], situation);
}

/** `restore made` and the like, or the reason of a refusal. */
export function words(decision: RestoreDecision): string {
  if (decision.action === "refused") return `refused: ${decision.reason}`;
  if (decision.action === "unchanged") return "unchanged";
  const { made, leaving, keep } = decision;
  return [
    "restore",
    ...(made ? ["made"] : []),
    ...(leaving ? ["leaving"] : []),
    ...(keep ? ["keep"] : []),
  ].join(" ");
}
