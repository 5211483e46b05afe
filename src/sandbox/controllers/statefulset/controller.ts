import type { AnyObject } from "../../port.js";
import { timestamp } from "../../simulator/clock.js";
import {
  type Controller,
  type ControllerContext,
  enqueueFrom,
  queueOf,
  recorderOf,
} from "../framework/controller.js";
import { controllerOf, key, keyOf, selects } from "../framework/objects.js";
import { adoptRevisions, type Belongings, claimPods } from "./ownership.js";
import { PodControl } from "./pod-control.js";
import { availableIn } from "./pod-state.js";
import { Reconciliation } from "./reconcile.js";
import { settleRevisions, truncateHistory } from "./revisions.js";
import { completed, type SetStatus, writeStatus } from "./status.js";

/** Keeps StatefulSets: their pods, claims, revisions and status. */
export function statefulSetController(context: ControllerContext): Controller {
  const { resources, clock, gates } = context;
  const recorder = recorderOf(context, "statefulset-controller");
  const belongings: Belongings = {
    sets: resources.of("statefulsets"),
    pods: resources.of("pods"),
    revisions: resources.of("controllerrevisions"),
  };
  const { sets, pods, revisions } = belongings;
  const control = new PodControl(pods, resources.of("persistentvolumeclaims"), recorder);

  const queue = queueOf(context, async (setKey) => {
    const set = sets.get(setKey);
    if (!set) return;
    await adoptRevisions(belongings, set);
    const own = await claimPods(belongings, set);
    const status = await updateSet(set, own);
    const wait = nextCheck(set, own, status);
    if (wait !== undefined) queue.addAfter(setKey, wait);
  });

  async function updateSet(set: AnyObject, own: AnyObject[]): Promise<SetStatus | undefined> {
    const settled = await settleRevisions(revisions, set);
    const { status, error } = await new Reconciliation(
      { control, recorder, gates, clock },
      set,
      settled,
      own,
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

  /** Milliseconds until the next pod has been ready for `minReadySeconds`. */
  function nextCheck(set: AnyObject, own: AnyObject[], status: SetStatus | undefined): number | undefined {
    const minReadySeconds: number = set.spec.minReadySeconds ?? 0;
    if (!status || minReadySeconds === 0 || status.readyReplicas === status.availableReplicas)
      return undefined;
    const now = clock.now();
    const waits = own
      .flatMap((pod) => availableIn(pod, minReadySeconds, now) ?? [])
      .filter((wait) => wait > 0);
    return Math.min(...waits, minReadySeconds * 1_000);
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
  return queue;
}
