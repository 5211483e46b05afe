import type { Cluster, Ref } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import type { Context } from "../../context.js";
import { kinds, type Kind } from "../../core/kinds.js";
import { isCore, isStatefulSet } from "../../core/manifest/bundle.js";
import { headlessService, serviceProblems, setSpec } from "../../core/manifest/service.js";
import {
  storageProblems,
  wantedClaims,
  type VolumeFacts,
  type WantedClaim,
} from "../../core/manifest/volumes.js";
import type { Claim, KubeObject, Manifest, Service, StatefulSet, StorageClass } from "../../core/model.js";
import { scaleNotes } from "../../core/scaling.js";
import { listIfAllowed } from "../shared/optional.js";
import { locateObject } from "./locate.js";
import { madeHere, missingServices, serviceInPlan, withServices, type LocatedObject } from "./objects.js";

/** The plan after a look at the cluster: with the Services that sets lack, and what to say of each set. */
export interface Preflight {
  objects: LocatedObject[];
  /** By set: what is worth knowing while it starts. */
  notes: Map<LocatedObject, string[]>;
}

/** Looks at what the sets will rely on, warns about what will not work, and adds headless Services that are missing. */
export async function preflight(
  context: Context,
  cluster: Cluster,
  plan: readonly LocatedObject[],
  makeServices: boolean,
): Promise<Preflight> {
  const say = (text: string): void => context.err.write(`${text}\n`);
  const objects = await addServices(cluster, plan, makeServices, say);
  const sets = objects.filter(({ manifest }) => isStatefulSet(manifest));
  const old = await oldClaims(context, cluster, sets);
  const notes = new Map<LocatedObject, string[]>();
  const wanted: WantedClaim[] = [];
  for (const set of sets) {
    const claims = old.get(set.manifest.metadata.namespace) ?? [];
    notes.set(set, returningClaims(set.manifest, claims, context.clock.now()));
    wanted.push(...wantedClaims(set.manifest, new Set(claims.map(({ metadata }) => metadata.name))));
  }
  for (const problem of await findStorageProblems(context, cluster, objects, wanted))
    say(`warning: ${problem}`);
  return { objects, notes };
}

async function addServices(
  cluster: Cluster,
  plan: readonly LocatedObject[],
  makeServices: boolean,
  say: (text: string) => void,
): Promise<LocatedObject[]> {
  const added: LocatedObject[] = [];
  for (const { set, service } of missingServices(plan)) {
    const { name, namespace } = service.metadata;
    const live = await look(cluster, kinds.service, { name, namespace });
    if (live && live !== "forbidden") {
      const problems = serviceProblems(set.manifest, live);
      if (problems.length === 0) say(`service/${name} exists already and is used`);
      for (const problem of problems) say(`warning: ${problem}`);
    } else if (makeServices) {
      say(`no Service ${name} yet: a headless one is made from the ports of ${set.manifest.metadata.name}`);
      const kind = kinds.service as Kind<unknown> as Kind<KubeObject>;
      added.push(locateObject(madeHere(service, true), kind, cluster.namespace));
    } else if (live === undefined) {
      say(`warning: Service ${name} does not exist: the pods get no DNS names of their own`);
    }
  }
  sayServiceProblems(plan, say);
  return withServices(plan, added);
}

/** What is wrong with Services of the plan itself. */
function sayServiceProblems(plan: readonly LocatedObject[], say: (text: string) => void): void {
  for (const { manifest } of plan.filter((object) => isStatefulSet(object.manifest))) {
    const wanted = headlessService(manifest);
    if (!wanted) {
      say(
        `warning: StatefulSet ${manifest.metadata.name} has no spec.serviceName: its pods get no DNS names of their own`,
      );
      continue;
    }
    const service = serviceInPlan(plan, wanted)?.manifest;
    const problems = service ? serviceProblems(manifest, service as unknown as Service) : [];
    for (const problem of problems) say(`warning: ${problem}`);
  }
}

/** Undefined: it does not exist. */
async function look<T>(cluster: Cluster, kind: Kind<T>, ref: Ref): Promise<T | "forbidden" | undefined> {
  try {
    return await cluster.get(kind, ref);
  } catch (error) {
    if (isApiError(error, "NotFound")) return undefined;
    if (isApiError(error, "Forbidden")) return "forbidden";
    throw error;
  }
}

/** By namespace: claims that are there already, and may be from a set of the same name before. */
async function oldClaims(
  context: Context,
  cluster: Cluster,
  sets: readonly LocatedObject[],
): Promise<Map<string | undefined, Claim[]>> {
  const withClaims = sets.filter(({ manifest }) => setSpec(manifest).volumeClaimTemplates?.length);
  const found = new Map<string | undefined, Claim[]>();
  for (const namespace of new Set(withClaims.map(({ manifest }) => manifest.metadata.namespace))) {
    const claims = await listIfAllowed(
      context,
      cluster,
      kinds.claim,
      { namespace },
      "old claims are not shown",
    );
    found.set(namespace, claims ?? []);
  }
  return found;
}

function returningClaims(set: Manifest, claims: readonly Claim[], now: number): string[] {
  const { replicas = 1 } = setSpec(set);
  const atZero = { ...set, spec: { ...setSpec(set), replicas: 0 } } as unknown as StatefulSet;
  return scaleNotes(atZero, replicas, { claims, autoscalers: [], now });
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
