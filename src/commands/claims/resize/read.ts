import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { classFacts, volumeOrigin } from "../../../core/claims/resize/obstacles.js";
import type { Found } from "../../../core/claims/resize/plan.js";
import type { Sizes } from "../../../core/claims/resize/sizes.js";
import { parsePodName } from "../../../core/identity.js";
import { kinds } from "../../../core/kinds.js";
import type { StatefulSet } from "../../../core/model.js";
import { projectIfAllowed } from "../../shared/optional.js";

/** Classes and volumes: what does not change under a resize, and is read once. */
export type Storage = Pick<Found, "classes" | "volumes">;

/** What may not be read is said, and left to the API server and to the resizer. */
export async function readStorage(context: Context, cluster: Cluster): Promise<Storage> {
  const [classes, volumes] = await Promise.all([
    projectIfAllowed(
      context,
      cluster,
      kinds.storageClass,
      {},
      "whether their volumes may grow is left to the API server, which is asked before anything is changed",
      classFacts,
    ),
    projectIfAllowed(
      context,
      cluster,
      kinds.volume,
      {},
      "a volume that was made by hand would not grow, and is waited for in vain",
      volumeOrigin,
    ),
  ]);
  return {
    classes: classes && new Map(classes.map((facts) => [facts.name, facts])),
    volumes: volumes && new Map(volumes.map((origin) => [origin.name, origin])),
  };
}

/** The set's claims of some templates, those out of its range among them. */
export async function readClaimsOf(
  cluster: Cluster,
  { metadata: { namespace, name } }: StatefulSet,
  sizes: Sizes,
): Promise<Found["claims"]> {
  const bases = new Set([...sizes.keys()].map((template) => `${template}-${name}`));
  const { items } = await cluster.list(kinds.claim, { namespace }, (claim) =>
    bases.has(parsePodName(claim.metadata.name)?.set ?? "") ? claim : undefined,
  );
  return new Map(items.flatMap((claim) => (claim ? [[claim.metadata.name, claim] as const] : [])));
}
