import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import type { Naming } from "../../core/progress/naming.js";
import { manifestOf } from "../../core/recreate/manifest.js";
import { differsAsMadeAnew, recordName, type Interrupted } from "../../core/recreate/record.js";
import { podsToKeep, recreateRefusal } from "../../core/recreate/refusal.js";
import { enumerate } from "../../core/words.js";
import { ConflictError, RefusedError } from "../../errors.js";
import { sanitizeLine } from "../../view/sanitize.js";
import { isAlive, nameHolder, thisHolder } from "../rollout/holder.js";
import { untilObserved } from "../rollout/until-set.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import { untilAdopted } from "./adoption.js";
import { forget, keepInCluster, keepInFile, readRecord, rewrite } from "./keep.js";
import { Lookout } from "./lookout.js";
import { rehearse } from "./rehearse.js";
import { create, deleteSaved, giveBackFields, isWanted, readSet, release } from "./steps.js";

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
  const interrupted = await findInterrupted(context, cluster, name, namespace);
  const found = interrupted ? await resume(context, cluster, interrupted, recreation) : set;
  if (isSame(found, change(found))) return found;
  const observed = await untilObserved(context, cluster, found, { timeout, stallTimeout: undefined });
  if (observed.metadata.generation !== found.metadata.generation) {
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
  await rehearse(cluster, wanted);
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
  _context: Context,
  cluster: Cluster,
  name: string,
  namespace: string = cluster.namespace,
): Promise<Interrupted | undefined> {
  return readRecord(cluster, namespace, name);
}

/** Brings it to its end from wherever it stands. Errors as of `recreateSet`. */
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
  say(context, saved, `going on with what was interrupted: ${sanitizeLine(purpose)}`);
  const taken = await rewrite(cluster, {
    ...interrupted,
    holder: thisHolder(context.machine, context.clock.now()),
  });
  return proceed(context, cluster, taken, timeout);
}

/** All steps, each only where it has not been done. What is left when one fails is told, and how to go on. */
async function proceed(
  context: Context,
  cluster: Cluster,
  interrupted: Interrupted,
  timeout: number | undefined,
): Promise<StatefulSet> {
  const lookout = new Lookout(context, cluster, interrupted.saved, timeout);
  let begun = interrupted;
  try {
    await lookout.ready();
    const old = await readSet(cluster, begun.saved);
    if (old?.metadata.uid === begun.saved.metadata.uid)
      begun = await remove(context, cluster, lookout, begun, old);
    const made = await make(context, cluster, begun);
    const { set, pods, others } = await untilAdopted(lookout, begun, made.metadata.uid);
    const released = await giveBackFields(cluster, begun, await release(cluster, begun, set));
    await forget(cluster, begun);
    say(context, released, `took over ${pods.length === 1 ? "1 pod" : `all ${pods.length} pods`}`);
    if (others.length > 0) {
      context.err.write(
        `warning: ${enumerate(others)} went away meanwhile, which was not this command's doing\n`,
      );
    }
    return released;
  } catch (error) {
    if (await isUntouched(cluster, begun, error)) await forget(cluster, begun);
    else tellHowToGoOn(context, begun);
    throw error;
  } finally {
    lookout.stop();
  }
}

async function remove(
  context: Context,
  cluster: Cluster,
  lookout: Lookout,
  interrupted: Interrupted,
  old: StatefulSet,
): Promise<Interrupted> {
  const { uid } = old.metadata;
  const deleting = await deleteSaved(cluster, interrupted, old);
  say(context, old, "deleted without its pods, which run on");
  await lookout.until(
    () => (lookout.current()?.metadata.uid === uid ? undefined : true),
    () => finalizersOf(lookout.current()) ?? "the old set to be gone",
  );
  return deleting;
}

function finalizersOf(set: StatefulSet | undefined): string | undefined {
  const names = set?.metadata.finalizers ?? [];
  return names.length > 0 ? `${enumerate(names)} to let go of the old set` : undefined;
}

async function make(context: Context, cluster: Cluster, interrupted: Interrupted): Promise<StatefulSet> {
  const { namespace, name } = interrupted.saved.metadata;
  const made = await create(context, cluster, interrupted);
  if (!isWanted(interrupted, made)) {
    throw new ConflictError(
      `${namespace}/${name} was made anew by somebody else meanwhile, and not as it was wanted; ` +
        `ConfigMap ${recordName(name)} has what was there before: remove it when that is settled`,
    );
  }
  say(context, made, "made anew");
  return made;
}

/** A conflict before the delete: there is nothing to go on with. */
async function isUntouched(cluster: Cluster, { saved }: Interrupted, error: unknown): Promise<boolean> {
  if (!(error instanceof ConflictError)) return false;
  const set = await readSet(cluster, saved);
  return set?.metadata.uid === saved.metadata.uid && set.metadata.deletionTimestamp === undefined;
}

function tellHowToGoOn({ err }: Context, { saved, again }: Interrupted): void {
  const { namespace, name } = saved.metadata;
  err.write(
    `${namespace}/${name}: not finished; ConfigMap ${recordName(name)} has the set as it was\n` +
      `  go on     ${sanitizeLine(again)}\n`,
  );
}

function say({ err }: Context, { metadata: { namespace, name } }: StatefulSet, what: string): void {
  err.write(`${namespace}/${name}: ${what}\n`);
}

function isSame(left: StatefulSet, right: StatefulSet): boolean {
  return left === right || JSON.stringify(left.spec) === JSON.stringify(right.spec);
}
