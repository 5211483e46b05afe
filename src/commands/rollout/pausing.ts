import type { Cluster, Patch } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { ordinalRange } from "../../core/identity.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import { ownershipWarning } from "../../core/ownership.js";
import { isReady, isTerminating } from "../../core/pod-state.js";
import { nameOrdinals, ownCommand, type Naming } from "../../core/progress/naming.js";
import { writersOf } from "../../core/progress/managers.js";
import { podsSnapshot } from "../../core/progress/snapshot.js";
import { partitionOf } from "../../core/rollout/partition.js";
import {
  checkCanPause,
  heldWhole,
  isOverridden,
  partitionField,
  partitionMove,
  pauseOf,
  pausePatch,
  planPause,
  type PausePlan,
} from "../../core/rollout/pause.js";
import { stagingOf } from "../../core/rollout/staging.js";
import { podRevision, shortRevision } from "../../core/revision.js";
import { ConflictError } from "../../errors.js";
import type { DryRun, WaitOptions } from "../shared/flags.js";
import { announcement } from "../shared/follow.js";
import { readPods } from "../shared/read-pods.js";
import { patchSet } from "../shared/revise.js";
import { nameHolder } from "./holder.js";
import { untilObserved, untilSet } from "./until-set.js";

export interface Pausing {
  dryRun: DryRun;
  wait: Pick<WaitOptions, "timeout" | "stallTimeout">;
  naming: Naming;
}

/** How long the status may take to call a rollout done whose pods all are, in milliseconds. */
const completion = 10_000;

/**
 * Writes the partition that pauses a set, and looks again once the controller has seen it: a pod that it had replaced
 * just before is updated, too. Resolves to whether there was anything to do. What a run that was killed in between left
 * open is made good by the next.
 */
export async function pauseSet(
  context: Context,
  cluster: Cluster,
  read: StatefulSet,
  { dryRun, wait, naming }: Pausing,
): Promise<boolean> {
  checkCanPause(read);
  let set = await untilObserved(context, cluster, read, wait);
  for (let written: StatefulSet | undefined; ; set = await untilObserved(context, cluster, written, wait)) {
    if (written) checkOurs(set, written);
    const { current, plan } = await planNow(context, cluster, set, wait);
    if (isInForce(current, plan)) {
      if (!written) tell(context, current, `${stateWords(current)} already; nothing to change`, []);
      return written !== undefined;
    }
    if (written) tell(context, current, replacedWords(current, plan), []);
    else announce(context, current, plan, naming);
    const patch = (now: StatefulSet): Patch => ({ type: "merge", body: pausePatch(now, plan.partition) });
    written =
      dryRun === "client"
        ? current
        : await patchSet(cluster, current, patch, { dryRun: dryRun === "server" });
    if (dryRun !== "none") return true;
  }
}

function isInForce(set: StatefulSet, { partition }: PausePlan): boolean {
  return pauseOf(set) !== undefined && !isOverridden(set) && partition === partitionOf(set);
}

/** The plan for the pods as they are now, each read after its set. */
async function planNow(context: Context, cluster: Cluster, set: StatefulSet, wait: Pausing["wait"]) {
  const { pods } = podsSnapshot(set, await readPods(cluster, set));
  const current = isAboutToComplete(set, pods)
    ? await untilSet(context, cluster, set, {
        met: hasOneRevision,
        what: "its status to say that the rollout is done",
        wait,
        enough: completion,
      })
    : set;
  return { current, plan: planPause(current, pods) };
}

function hasOneRevision({ status }: StatefulSet): boolean {
  return status?.currentRevision === status?.updateRevision;
}

/** Every pod is updated and ready, as the controller counts it (`completeUpdate`), and the status does not say so yet. */
function isAboutToComplete(set: StatefulSet, pods: ReadonlyMap<number, Pod>): boolean {
  if (hasOneRevision(set) || pods.size !== ordinalRange(set).replicas) return false;
  return [...pods.values()].every(
    (pod) => podRevision(pod) === set.status?.updateRevision && isReady(pod) && !isTerminating(pod),
  );
}

/** Throws a ConflictError where somebody took the pause away, or moved the partition, since we wrote them. */
function checkOurs(set: StatefulSet, written: StatefulSet): void {
  if (pauseOf(set) && partitionOf(set) === partitionOf(written)) return;
  const who = writersOf(partitionField, set, written) || "somebody else";
  const { namespace, name } = set.metadata;
  throw new ConflictError(`${who} changed the partition of ${namespace}/${name} just after it was paused`);
}

function tell({ err }: Context, { metadata }: StatefulSet, title: string, notes: string[]): void {
  const { namespace = "", name } = metadata;
  err.write(announcement({ namespace, name, goal: { type: "settled" }, title, notes }));
}

function announce(context: Context, set: StatefulSet, plan: PausePlan, naming: Naming): void {
  const warning = ownershipWarning(set);
  if (warning) context.err.write(`${warning}\n`);
  const title = `pausing: ${partitionMove(set, plan.partition)}`;
  tell(context, set, title, [...planWords(set, plan), ...otherWords(set, naming)]);
}

function planWords(set: StatefulSet, { partition, updated, held, strays }: PausePlan): string[] {
  const { name } = set.metadata;
  const { currentRevision = "" } = set.status ?? {};
  const old = `revision ${shortRevision(name, currentRevision)}`;
  const [above, below, astray] = [updated, held, strays].map((ordinals) => nameOrdinals(name, ordinals));
  const scope =
    partition === heldWhole
      ? [
          "no pod is updated until it is resumed, whatever changes in the template",
          `a pod that is drained, or added by scaling, comes at ${old}`,
        ]
      : [
          [`updated: ${above || "what is added"}`, below && `held: ${below}`].filter(Boolean).join("; "),
          `a further template change would roll ${above || "what is added"}: ` +
            `with a higher partition, drained pods would fall back to ${old}`,
        ];
  return astray
    ? [...scope, `${astray} was updated out of turn: drained now, it comes back at ${old}`]
    : scope;
}

function otherWords(set: StatefulSet, naming: Naming): string[] {
  const holder = stagingOf(set)?.holder;
  return [
    ...(holder ? [`the steps that ${nameHolder(holder)} drives end with it`] : []),
    `go on with: ${ownCommand(naming, `rollout resume ${set.metadata.name}`)}`,
  ];
}

function replacedWords(set: StatefulSet, { partition, updated }: PausePlan): string {
  const pods = nameOrdinals(set.metadata.name, updated);
  return `a pod was replaced just before the pause: partition ${partitionOf(set)} → ${partition}, ${pods} updated`;
}

function stateWords(set: StatefulSet): string {
  return `paused (partition ${partitionOf(set)}, ${pauseOf(set)?.partitionBefore} before it)`;
}
