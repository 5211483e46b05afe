import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { podFacts } from "../../../core/claims/facts.js";
import { mayOwn, type Owner } from "../../../core/claims/restore/manifest.js";
import type { SavedFile } from "../../../core/claims/restore/decide.js";
import { kinds, type Kind } from "../../../core/kinds.js";
import type { Claim, KubeObject, Volume } from "../../../core/model.js";
import { RefusedError } from "../../../errors.js";
import { getIfThere, projectIfAllowed } from "../../shared/optional.js";
import { inPool, mostAtATime } from "../pool.js";

/** What a restore is decided on, as the server has it now. Claims and pods by `namespace/name` of the claim. */
export interface Surroundings {
  claims: ReadonlyMap<string, Claim>;
  volumes: ReadonlyMap<string, Volume>;
  /** Names of the pods that mount the claim. */
  users: ReadonlyMap<string, readonly string[]>;
}

export function keyOf({ metadata: { namespace, name } }: Pick<Claim, "metadata">): string {
  return `${namespace}/${name}`;
}

/** Throws a RefusedError where volumes may not be read: they are nobody's namespace. */
export async function readSurroundings(
  context: Context,
  cluster: Cluster,
  saved: readonly SavedFile[],
): Promise<Surroundings> {
  const namespaces = [...new Set(saved.map(({ claim }) => claim.metadata.namespace ?? ""))];
  const inNamespace = (namespace: string) =>
    saved
      .filter(({ claim }) => claim.metadata.namespace === namespace)
      .map(({ claim }) => claim.metadata.name);
  const volumeNames = saved.flatMap(({ claim }) => claim.spec.volumeName ?? []);
  const volumes = await readVolumes(cluster, volumeNames);
  const [claims, users] = await Promise.all([
    Promise.all(
      namespaces.map((namespace) => readNamed(cluster, kinds.claim, inNamespace(namespace), namespace)),
    ),
    Promise.all(namespaces.map((namespace) => readUsers(context, cluster, namespace))),
  ]);
  return {
    claims: new Map(claims.flat().map((claim) => [keyOf(claim), claim])),
    volumes: new Map(volumes.map((volume) => [volume.metadata.name, volume])),
    users: new Map(users.flatMap((found) => [...found])),
  };
}

async function readVolumes(cluster: Cluster, names: readonly string[]): Promise<Volume[]> {
  try {
    return await readNamed(cluster, kinds.volume, names);
  } catch (error) {
    if (!isApiError(error, "Forbidden")) throw error;
    throw new RefusedError(
      `nothing was restored: volumes may not be read here, and a restore has to read and change them (${error.status.message})`,
    );
  }
}

/** So many are read one by one; of more the whole list is read, and only what is wanted is kept. */
const mostReadOneByOne = 50;

async function readNamed<T extends { metadata: { name: string } }>(
  cluster: Cluster,
  kind: Kind<T>,
  names: readonly string[],
  namespace?: string,
): Promise<T[]> {
  const wanted = new Set(names);
  if (wanted.size > mostReadOneByOne) {
    const keep = (object: T) => (wanted.has(object.metadata.name) ? object : undefined);
    const { items } = await cluster.list(kind, { namespace }, keep);
    return items.filter((item) => item !== undefined);
  }
  const found: T[] = [];
  await inPool([...wanted], mostAtATime, async (name) => {
    const object = await getIfThere(cluster, kind, { namespace, name });
    if (object) found.push(object);
  });
  return found;
}

/** Pods that may not be read are nothing that a restore rests on. */
async function readUsers(
  context: Context,
  cluster: Cluster,
  namespace: string,
): Promise<Map<string, string[]>> {
  const without = "which of them wait for these claims is not known";
  const pods = await projectIfAllowed(context, cluster, kinds.pod, { namespace }, without, podFacts);
  const users = new Map<string, string[]>();
  for (const pod of pods ?? []) {
    for (const claim of pod.claims) {
      const key = `${namespace}/${claim}`;
      users.set(key, [...(users.get(key) ?? []), pod.name]);
    }
  }
  return users;
}

/**
 * Tells which of a claim's owners may own it again. Each is asked for once; one that cannot be read counts as gone:
 * garbage collection would take a claim whose owner is.
 */
export function ownersReader(cluster: Cluster): (claim: Claim) => Promise<Owner[]> {
  const known = new Map<string, Promise<boolean>>();
  const isThere = async (owner: Owner, namespace: string | undefined) => {
    if (owner.kind === "Pod") return false;
    try {
      const kind: Kind<KubeObject> = await cluster.kindOf(owner);
      return mayOwn(owner, await getIfThere(cluster, kind, { namespace, name: owner.name }));
    } catch (error) {
      if (isApiError(error)) return false;
      throw error;
    }
  };
  return async ({ metadata: { namespace, ownerReferences = [] } }) => {
    const answers = await Promise.all(
      ownerReferences.map((owner) => {
        const key = `${namespace}/${owner.uid}`;
        const answer = known.get(key) ?? isThere(owner, namespace);
        known.set(key, answer);
        return answer;
      }),
    );
    return ownerReferences.filter((_owner, index) => answers[index]);
  };
}
