import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { sameJson } from "../../core/equal.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import type { Naming } from "../../core/progress/naming.js";
import { manifestOf } from "../../core/recreate/manifest.js";
import { differsAsMadeAnew, recordName, type Interrupted } from "../../core/recreate/record.js";
import { podsToKeep, recreateRefusal } from "../../core/recreate/refusal.js";
import { ConflictError, RefusedError } from "../../errors.js";
import { sanitizeLine } from "../../view/sanitize.js";
import { isAlive, nameHolder, thisHolder } from "../rollout/holder.js";
import { untilObserved } from "../rollout/until-set.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import { refuseWhereTaken, rehearse } from "./check.js";
import { forget, keepInCluster, keepInFile, readRecord, rewrite } from "./keep.js";
import { isBefore, proceed, say } from "./proceed.js";
import { readSet } from "./steps.js";

export type { Interrupted } from "../../core/recreate/record.js";

/** A change of a set's spec that the API takes of no set that exists. */
export interface Recreation {
  /**
   * Makes the set that is wanted of the one that is there; pure, and without an effect on what is as wanted already.
   * It may change `serviceName`, `podManagementPolicy` and `volumeClaimTemplates` of the spec.
   */
  change: (manifest: StatefulSet) => StatefulSet;
  /** What it is for, for people: `resize of data to 2Gi`. */
  purpose: string;
  /** The command that goes on after an interruption. */
  again: string;
  /** Milliseconds, for all waits together; undefined is no limit. */
  timeout?: number | undefined;
  /** How commands are written in what is said; left out: as without connection flags. */
  naming?: Naming | undefined;
  /** Go on with what another process, which has ended, has begun, although it cannot be seen that it has. */
  takeOver?: boolean | undefined;
  /** `rehearse` and `refuseWhereTaken` (check.ts) have found nothing wrong just before. */
  checked?: boolean | undefined;
}

/**
 * Deletes a set around its pods and claims, and makes it anew as `change` wants it. Every step can be repeated: what was
 * interrupted before is brought to its end first. Resolves to the set as it then is; without a write where it is as
 * wanted already.
 *
 * Throws a RefusedError (7) before the first write where that would replace pods, a ConflictError (6) where somebody
 * else changes the set or makes it meanwhile or another `sts` is at work on it, an ExitError (3) when the time is up and
 * (4) where the new set did not take the pods over.
 */
export async function recreateSet(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  recreation: Recreation,
): Promise<StatefulSet> {
  const { change, purpose, again, timeout } = recreation;
  const { namespace = cluster.namespace, name } = set.metadata;
  const interrupted = await findInterrupted(cluster, name, namespace);
  const found = interrupted ? await resume(context, cluster, interrupted, recreation) : set;
  if (isSame(found, change(found))) return found;
  await untilObserved(context, cluster, found, { timeout, stallTimeout: undefined });
  // It may have been read long ago, before a person was asked.
  const observed = await readSet(cluster, found);
  const { uid, generation } = found.metadata;
  if (observed?.metadata.uid !== uid || observed.metadata.generation !== generation) {
    throw new ConflictError(
      `${namespace}/${name} was changed by somebody else meanwhile; look at it and try again`,
    );
  }
  const naming = recreation.naming ?? namingFor(context.program, cluster, {})(namespace);
  const pods = await readPods(cluster, observed);
  refuseUnlessRecreatable(naming, observed, pods);
  const wanted = manifestOf(change(observed));
  if (!differsAsMadeAnew(observed, wanted)) {
    throw new Error("a recreation changes nothing but what can be changed in no other way");
  }
  if (!recreation.checked) {
    await refuseWhereTaken(cluster, observed);
    await rehearse(cluster, wanted);
  }
  const file = await keepInFile(context, observed);
  const begun = await keepInCluster(cluster, {
    ...{ saved: observed, wanted, purpose, again },
    pods: podsToKeep(observed, pods),
    holder: thisHolder(context.machine, context.clock.now()),
  });
  say(context, set, `saved in ${file} and in ConfigMap ${recordName(name)}`);
  return proceed(context, cluster, begun, timeout);
}

/** Throws a RefusedError (7) where a set may not be made anew around its pods now. */
export function refuseUnlessRecreatable(naming: Naming, set: StatefulSet, pods: readonly Pod[]): void {
  const refusal = recreateRefusal(set, pods, naming);
  if (refusal !== undefined) throw new RefusedError(refusal);
}

/**
 * A recreation that was begun and has not come to its end; the set may be gone. `namespace` is the cluster's own where it
 * is left out.
 */
export function findInterrupted(
  cluster: Cluster,
  name: string,
  namespace: string = cluster.namespace,
): Promise<Interrupted | undefined> {
  return readRecord(cluster, namespace, name);
}

/**
 * Brings it to its end from wherever it stands. Errors as of `recreateSet`. Where it had not begun, and somebody has
 * changed the set since, only what was kept of it is removed, and the set is what it resolves to.
 */
export async function resume(
  context: Context,
  cluster: Cluster,
  interrupted: Interrupted,
  { timeout, takeOver = false }: Pick<Recreation, "timeout" | "takeOver"> = {},
): Promise<StatefulSet> {
  const { saved, holder, purpose } = interrupted;
  if (!takeOver && isAlive(context.machine, holder)) {
    throw new ConflictError(
      `${saved.metadata.name} is being made anew by ${nameHolder(holder)} since ${sanitizeLine(holder.since)}; ` +
        "where that has ended, the same with --take-over goes on with it",
    );
  }
  const live = await readSet(cluster, saved);
  if (live && isBefore(live, saved) && live.metadata.generation !== saved.metadata.generation) {
    await forget(cluster, interrupted);
    say(
      context,
      saved,
      `what was interrupted had not begun, and the set was changed since: ${sanitizeLine(purpose)}`,
    );
    return live;
  }
  say(context, saved, `going on with what was interrupted: ${sanitizeLine(purpose)}`);
  const taken = await rewrite(cluster, {
    ...interrupted,
    holder: thisHolder(context.machine, context.clock.now()),
  });
  return proceed(context, cluster, taken, timeout);
}

function isSame(left: StatefulSet, right: StatefulSet): boolean {
  return sameJson(left.spec, right.spec);
}
