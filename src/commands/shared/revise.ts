import type { Cluster, Patch } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import { kinds, type Kind } from "../../core/kinds.js";
import type { Scale, StatefulSet } from "../../core/model.js";
import { ConflictError } from "../../errors.js";

/** How often a write is tried again because of somebody's unrelated write in between. */
const attempts = 5;

/**
 * Sends a change that was decided on `set`; `send` makes it from the set as it now is, with its resourceVersion as
 * the precondition. Every status write of the controller moves that version, so after a 409 the set is read again and
 * the change is sent again as long as what the decision rested on (the UID, and `generation`, which counts changes of
 * spec) is the same. Otherwise it is a ConflictError.
 */
export async function revise<Answer>(
  cluster: Cluster,
  set: StatefulSet,
  send: (set: StatefulSet) => Promise<Answer>,
): Promise<Answer> {
  const { namespace, name } = set.metadata;
  let current = set;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(current);
    } catch (error) {
      if (!isApiError(error, "Conflict") || attempt === attempts) throw error;
    }
    current = await cluster.get(kinds.statefulSet, { namespace, name });
    if (
      current.metadata.uid !== set.metadata.uid ||
      current.metadata.generation !== set.metadata.generation
    ) {
      throw new ConflictError(
        `${namespace}/${name} was changed by somebody else meanwhile; look at it and try again`,
      );
    }
  }
}

/** The same for a patch of the set. Resolves to the set as it is from then on; `dryRun`: as it would be. */
export function patchSet(
  cluster: Cluster,
  set: StatefulSet,
  patch: (set: StatefulSet) => Patch,
  { dryRun = false } = {},
): Promise<StatefulSet> {
  const { namespace, name } = set.metadata;
  return revise(cluster, set, (current) =>
    cluster.patch(kinds.statefulSet, { namespace, name }, patch(current), { dryRun }),
  );
}

/** The same for its replicas, through the scale subresource, which needs less rights than the set itself. */
export async function scaleSet(
  cluster: Cluster,
  set: StatefulSet,
  replicas: number,
  { dryRun = false } = {},
): Promise<StatefulSet> {
  const scaled = await revise(cluster, set, ({ metadata: { namespace, name, resourceVersion } }) =>
    cluster.patch(
      scaleKind,
      { namespace, name },
      { type: "merge", body: { metadata: { resourceVersion }, spec: { replicas } } },
      { subresource: "scale", dryRun },
    ),
  );
  const { resourceVersion } = scaled.metadata;
  return { ...set, metadata: { ...set.metadata, resourceVersion }, spec: { ...set.spec, replicas } };
}

/** The scale subresource of StatefulSets answers with a Scale. */
const scaleKind = kinds.statefulSet as Kind<unknown> as Kind<Scale>;
