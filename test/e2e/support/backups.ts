import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { savedPath, toList, type SavedClaim } from "../../../src/core/claims/saved.js";
import { kinds } from "../../../src/core/kinds.js";
import type { Claim, Manifest, Volume } from "../../../src/core/model.js";
import type { Scenario } from "./cluster.js";
import { runningSet, scaled } from "./sets.js";
import { claimsOf } from "./walk.js";

/** Writes claims and their volumes into a folder of the scenario's directory as `pvc cleanup --backup` does. */
export async function savedByHand(
  scenario: Scenario,
  folder: string,
  ...claims: string[]
): Promise<SavedClaim[]> {
  return await Promise.all(
    claims.map(async (name) => {
      const claim = await there(scenario.read(kinds.claim, name), name);
      const volumeName = claim.spec.volumeName;
      const saved = volumeName
        ? { claim, volume: await there(scenario.read(kinds.volume, volumeName), volumeName) }
        : { claim };
      writeSaved(scenario, folder, saved);
      return saved;
    }),
  );
}

/** Writes one, and returns the path of its file. */
export function writeSaved(scenario: Scenario, folder: string, saved: SavedClaim): string {
  const file = path.join(scenario.directory, folder, savedPath(saved.claim.metadata));
  mkdirSync(path.dirname(file), { recursive: true });
  const typed = {
    claim: { ...saved.claim, apiVersion: "v1", kind: "PersistentVolumeClaim" },
    ...(saved.volume && { volume: { ...saved.volume, apiVersion: "v1", kind: "PersistentVolume" } }),
  };
  writeFileSync(file, JSON.stringify(toList(typed as SavedClaim)));
  return file;
}

async function there<T>(reading: Promise<T | undefined>, name: string): Promise<T> {
  const object = await reading;
  if (object === undefined) throw new Error(`${name} is not there`);
  return object;
}

/** Keeps the volumes, deletes the claims as anybody else would, and waits until they are gone and the volumes Released. */
export async function gone(scenario: Scenario, saved: readonly SavedClaim[]): Promise<void> {
  for (const { volume } of saved) {
    const body = { spec: { persistentVolumeReclaimPolicy: "Retain" } };
    if (volume) await scenario.cluster.patch(kinds.volume, volume.metadata, { type: "merge", body });
  }
  await released(scenario, saved);
}

/** The same without keeping the volumes. */
export async function released(scenario: Scenario, saved: readonly SavedClaim[]): Promise<void> {
  for (const { claim } of saved) await scenario.cluster.delete(kinds.claim, claim.metadata);
  const names = saved.map(({ claim }) => claim.metadata.name);
  await scenario.until(`${names.join(", ")} to go`, kinds.claim, (claims) =>
    names.every((name) => !claims.has(name)),
  );
  await scenario.until("the volumes to be Released", kinds.volume, (volumes) =>
    saved.every(({ volume }) => !volume || volumes.get(volume.metadata.name)?.status?.phase === "Released"),
  );
}

/** The claim is there, bound to that volume, and the volume to it. Returns the claim. */
export async function boundAgain(
  scenario: Scenario,
  name: string,
  volumeName: string | undefined,
): Promise<Claim> {
  const claim = await there(scenario.read(kinds.claim, name), name);
  const volume = await there(scenario.read(kinds.volume, volumeName ?? ""), volumeName ?? "");
  const { uid } = claim.metadata;
  const seen = {
    phase: claim.status?.phase,
    volume: claim.spec.volumeName,
    holder: volume.spec.claimRef?.uid,
  };
  const wanted = { phase: "Bound", volume: volumeName, holder: uid };
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
    throw new Error(`${name} is not bound again: ${JSON.stringify(seen)}, and not ${JSON.stringify(wanted)}`);
  }
  return claim;
}

/** A volume of nobody's driver: no one provisions or destroys it, and it can be of any shape. */
export function plainVolume(name: string, fields: Partial<Volume["spec"]> = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "by-hand",
      csi: { driver: "nobody.example.com", volumeHandle: `disk-of-${name}` },
      ...fields,
    },
  };
}

/** A claim that asks for a volume by name. */
export function plainClaim(name: string, volumeName: string, fields: Partial<Claim["spec"]> = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "by-hand",
      resources: { requests: { storage: "1Gi" } },
      volumeName,
      ...fields,
    },
  };
}

/** The claims that `leftBehind` leaves over. */
export const left = ["www-web-1", "www-web-2"];

/** `web` of three, scaled down to one. Returns the volumes of the claims that are left over. */
export async function leftBehind(scenario: Scenario): Promise<Map<string, string | undefined>> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass });
  await scaled(scenario, "web", 1);
  const claims = await claimsOf(scenario);
  return new Map(left.map((name) => [name, claims.get(name)?.spec.volumeName]));
}

/** Each claim is bound to its volume, and the volume to it. */
export async function volumesAre(
  scenario: Scenario,
  volumes: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  for (const [name, volume] of volumes) await boundAgain(scenario, name, volume);
}
