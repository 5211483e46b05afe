import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { manifestOf } from "../../core/recreate/manifest.js";
import { recordName, type Interrupted } from "../../core/recreate/record.js";
import { enumerate } from "../../core/words.js";
import { ConflictError, ExitCode, ExitError } from "../../errors.js";
import { sanitizeLine } from "../../view/sanitize.js";
import { isUnanswered } from "../shared/try-again.js";
import { untilAdopted } from "./adoption.js";
import { sayOwnedClaims } from "./claims.js";
import { forget, readRecord, rewrite } from "./keep.js";
import { Lookout } from "./lookout.js";
import { setFree } from "./set-free.js";
import { create, deleteSaved, giveBackFields, isWanted, readSet, release } from "./steps.js";

/** All steps, each only where it has not been done. What is left when one fails is told, and how to go on. */
export async function proceed(
  context: Context,
  cluster: Cluster,
  interrupted: Interrupted,
  timeout: number | undefined,
): Promise<StatefulSet> {
  const lookout = new Lookout(context, cluster, interrupted.saved, timeout);
  let begun = interrupted;
  try {
    await lookout.ready();
    const live = await readSet(cluster, begun.saved);
    const isOld = live?.metadata.uid === begun.saved.metadata.uid;
    if (live && isOld) begun = await remove(context, cluster, lookout, begun, live);
    if (isOld || !live) await free(context, cluster, begun.saved);
    const { made, refusal, kept } = await make(context, cluster, begun, isOld ? undefined : live);
    begun = kept;
    const { set, pods, others } = await untilAdopted(lookout, begun, made.metadata.uid);
    const released = await giveBackFields(cluster, begun, await release(cluster, begun, set));
    await forget(cluster, begun);
    say(context, released, tookOver(pods.length));
    if (others.length > 0) {
      context.err.write(`warning: ${enumerate(others)} went away meanwhile, not by this command\n`);
    }
    await sayOwnedClaims(context, cluster, released, pods);
    if (refusal) throw refusal;
    return released;
  } catch (error) {
    await leave(context, cluster, begun, error);
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

/** Without the right to it the garbage collector has to be trusted: the set is away, and has to come back. */
async function free(context: Context, cluster: Cluster, gone: StatefulSet): Promise<void> {
  try {
    await setFree(cluster, gone);
  } catch (error) {
    if (!isApiError(error, "Forbidden")) throw error;
    context.err.write(`note: what the old set still owned may not be looked at here: ${error.message}\n`);
  }
}

interface Made {
  made: StatefulSet;
  kept: Interrupted;
  /** What is thrown in the end: the API took the set back as it was only. */
  refusal?: ExitError;
}

/** Creates the set, unless `live` is it. */
async function make(
  context: Context,
  cluster: Cluster,
  interrupted: Interrupted,
  live: StatefulSet | undefined,
): Promise<Made> {
  const { namespace, name } = interrupted.saved.metadata;
  let kept = interrupted;
  let refusal: ExitError | undefined;
  let made: StatefulSet;
  try {
    made = live ?? (await create(context, cluster, interrupted));
  } catch (error) {
    if (!isApiError(error, "Invalid", "Forbidden", "BadRequest")) throw error;
    kept = await rewrite(cluster, { ...interrupted, wanted: manifestOf(interrupted.saved) });
    made = await create(context, cluster, kept);
    const words = `error: ${namespace}/${name} was made anew as it was before, without the change: ${error.message}`;
    refusal = new ExitError(ExitCode.Failed, words);
  }
  if (!isWanted(kept, made)) {
    throw new ConflictError(
      `${namespace}/${name} was made anew by somebody else meanwhile, and not as it was wanted; ` +
        `ConfigMap ${recordName(name)} has what was there before; when that is settled: ` +
        `kubectl delete configmap ${recordName(name)} -n ${namespace}`,
    );
  }
  if (!live) say(context, made, "made anew");
  return { made, kept, ...(refusal && { refusal }) };
}

function tookOver(count: number): string {
  if (count === 0) return "it has no pods to take over";
  return `took over ${count === 1 ? "1 pod" : `all ${count} pods`}`;
}

/** Takes away what was kept where nothing has been done; otherwise says how to go on. Never throws. */
async function leave(
  context: Context,
  cluster: Cluster,
  interrupted: Interrupted,
  error: unknown,
): Promise<void> {
  const { saved, again } = interrupted;
  const { namespace, name } = saved.metadata;
  try {
    const live = await readSet(cluster, saved);
    if (live && !isUnanswered(error) && isBefore(live, saved)) return await forget(cluster, interrupted);
    // With the set of somebody else there is nothing to go on with; the error says what is left.
    const isOld = live?.metadata.uid === saved.metadata.uid;
    if (live && !isOld && !isWanted(interrupted, live)) return;
    const left = await readRecord(cluster, namespace ?? "", name);
    if (left?.record.uid !== interrupted.record.uid) return;
  } catch {
    // What cannot be seen is taken for what is left.
  }
  context.err.write(
    `${namespace}/${name}: not finished; ConfigMap ${recordName(name)} has the set as it was\n` +
      `  go on     ${sanitizeLine(again)}\n`,
  );
}

/** Whether it is the set that was saved, and nobody has begun to delete it. */
export function isBefore({ metadata }: StatefulSet, saved: StatefulSet): boolean {
  return metadata.uid === saved.metadata.uid && metadata.deletionTimestamp === undefined;
}

export function say({ err }: Context, { metadata: { namespace, name } }: StatefulSet, what: string): void {
  err.write(`${namespace}/${name}: ${what}\n`);
}
