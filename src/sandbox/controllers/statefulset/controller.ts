import { selects } from "../../kinds/label-selector.js";
import type { AnyObject } from "../../port.js";
import { timestamp } from "../../simulator/clock.js";
import {
  type Controller,
  type ControllerContext,
  enqueueFrom,
  queueOf,
  recorderOf,
} from "../framework/controller.js";
import { controllerOf, key, keyOf, ownersOf } from "../framework/objects.js";
import { adoptRevisions, type Belongings, claimPods } from "./ownership.js";
import { PodControl } from "./pod-control.js";
import { type Availability, availableIn } from "./pod-state.js";
import { Reconciliation } from "./reconcile.js";
import { settleRevisions, truncateHistory } from "./revisions.js";
import { completed, type SetStatus, writeStatus } from "./status.js";

/** Keeps StatefulSets: their pods, claims, revisions and status. */
export function statefulSetController(context: ControllerContext): Controller {
  const { resources, clock, gates, speed } = context;
  const recorder = recorderOf(context, "statefulset-controller");
  const belongings: Belongings = {
    sets: resources.of("statefulsets"),
    pods: resources.of("pods"),
    revisions: resources.of("controllerrevisions"),
  };
  const { sets, pods, revisions } = belongings;
  const claims = resources.of("persistentvolumeclaims");
  const control = new PodControl(pods, claims, recorder);

  const queue = queueOf(context, async (setKey) => {
    const set = sets.get(setKey);
    if (!set) return;
    await adoptRevisions(belongings, set);
    const own = await claimPods(belongings, set);
    const when = { now: clock.now(), minReady: ((set.spec.minReadySeconds ?? 0) * 1_000) / speed };
    const status = await updateSet(set, own, when);
    const wait = status && nextCheck(status, own, when);
    if (wait !== undefined) queue.addAfter(setKey, wait);
  });

  async function updateSet(
    set: AnyObject,
    own: AnyObject[],
    when: Availability,
  ): Promise<SetStatus | undefined> {
    const settled = await settleRevisions(revisions, set);
    const { status, error } = await new Reconciliation(
      { control, recorder, gates, clock },
      set,
      settled,
      own,
      when,
    ).run();
    const final = status && completed(set, status, gates, timestamp(clock));
    try {
      if (final) await writeStatus(sets, set, final);
      if (error) throw error;
    } finally {
      await truncateHistory(revisions, set, settled, own);
    }
    return final;
  }

  enqueueFrom(queue, sets, (set) => [keyOf(set)]);
  enqueueFrom(queue, pods, (pod, deleted) => {
    const { namespace, labels } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner) return owner.kind === "StatefulSet" ? [key(namespace, owner.name)] : [];
    if (deleted) return [];
    const candidates = sets.inNamespace(namespace ?? "");
    return candidates.filter((set) => selects(set.spec.selector, labels)).map(keyOf);
  });
  // A stale claim holds its pod back until it is gone. The real controller does not watch claims and is woken by chance.
  enqueueFrom(queue, claims, (claim, deleted) => {
    const owner = deleted ? ownersOf(claim).find(({ kind }) => kind === "Pod") : undefined;
    return owner ? [key(claim.metadata.namespace, owner.name.replace(/-\d+$/, ""))] : [];
  });
  return queue;
}

/** Milliseconds until the next pod will have been ready for long enough; undefined when nothing is to be waited for. */
function nextCheck(status: SetStatus, own: AnyObject[], when: Availability): number | undefined {
  if (when.minReady === 0 || status.readyReplicas === status.availableReplicas) return undefined;
  const waits = own.flatMap((pod) => availableIn(pod, when) ?? []).filter((wait) => wait > 0);
  return Math.min(...waits, when.minReady);
}
