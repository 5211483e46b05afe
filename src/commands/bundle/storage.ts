import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import type { ClaimFacts } from "../../core/claims/facts.js";
import { kinds } from "../../core/kinds.js";
import { isCore } from "../../core/manifest/bundle.js";
import { setSpec } from "../../core/manifest/service.js";
import {
  storageProblems,
  wantedClaims,
  type VolumeFacts,
  type WantedClaim,
} from "../../core/manifest/volumes.js";
import type { Manifest, StatefulSet, StorageClass } from "../../core/model.js";
import { scaleNotes } from "../../core/scaling.js";
import { listIfAllowed } from "../shared/optional.js";
import { readOldClaims, withAges } from "../shared/returning.js";
import type { LocatedObject } from "./plan.js";

/**
 * Looks at the claims of sets that are to be created, warns about those that will find no volume, and returns what is
 * worth knowing of each set while it starts. `objects` is the whole bundle.
 */
export async function startNotes(
  context: Context,
  cluster: Cluster,
  objects: readonly LocatedObject[],
  sets: readonly LocatedObject[],
): Promise<Map<LocatedObject, string[]>> {
  const old = await oldClaims(context, cluster, sets);
  const notes = new Map<LocatedObject, string[]>();
  const wanted: WantedClaim[] = [];
  for (const set of sets) {
    const claims = old.get(set.manifest.metadata.namespace) ?? [];
    notes.set(set, await returningNotes(context, cluster, set.manifest, claims));
    wanted.push(...wantedClaims(set.manifest, new Set(claims.map(({ name }) => name))));
  }
  for (const problem of await findStorageProblems(context, cluster, objects, wanted))
    context.err.write(`warning: ${problem}\n`);
  return notes;
}

/** By namespace: claims that are there already, and may be from a set of the same name before. */
async function oldClaims(
  context: Context,
  cluster: Cluster,
  sets: readonly LocatedObject[],
): Promise<Map<string | undefined, ClaimFacts[]>> {
  const withClaims = sets.filter(({ manifest }) => setSpec(manifest).volumeClaimTemplates?.length);
  const found = new Map<string | undefined, ClaimFacts[]>();
  for (const namespace of new Set(withClaims.map(({ manifest }) => manifest.metadata.namespace))) {
    found.set(namespace, (await readOldClaims(context, cluster, { namespace })) ?? []);
  }
  return found;
}

async function returningNotes(
  context: Context,
  cluster: Cluster,
  set: Manifest,
  claims: readonly ClaimFacts[],
): Promise<string[]> {
  const { replicas = 1 } = setSpec(set);
  const atZero = { ...set, spec: { ...setSpec(set), replicas: 0 } } as unknown as StatefulSet;
  const returning = await withAges(context, cluster, atZero, replicas, claims);
  return scaleNotes(atZero, replicas, { returning, autoscalers: [], now: context.clock.now() });
}

async function findStorageProblems(
  context: Context,
  cluster: Cluster,
  objects: readonly LocatedObject[],
  claims: readonly WantedClaim[],
): Promise<string[]> {
  if (claims.length === 0) return [];
  const without = "whether the claims will find volumes is not known";
  const liveClasses = await listIfAllowed(context, cluster, kinds.storageClass, {}, without);
  if (!liveClasses) return [];
  const classes = [...liveClasses, ...planned<StorageClass>(objects, "StorageClass")];
  const volumes = planned<VolumeFacts>(objects, "PersistentVolume");
  if (storageProblems(claims, { classes, volumes }).length === 0) return [];
  const liveVolumes = await listIfAllowed(context, cluster, kinds.volume, {}, without);
  return liveVolumes ? storageProblems(claims, { classes, volumes: [...liveVolumes, ...volumes] }) : [];
}

function planned<T>(objects: readonly LocatedObject[], kind: "StorageClass" | "PersistentVolume"): T[] {
  const ofKind = objects.filter(
    ({ manifest }) => isCore(manifest, kind) || (kind === "StorageClass" && manifest.kind === kind),
  );
  return ofKind.map(({ manifest }) => manifest as unknown as T);
}
