import type { AnyObject } from "../../port.js";
import { isTerminating, scaled } from "../framework/objects.js";
import { type Availability, isAvailable, isUnavailable, revisionOf } from "./pod-state.js";

/** What the choice of pods to replace rests on. `replicas` are the pods in range, by index. */
export interface UpdateView {
  set: AnyObject;
  replicas: AnyObject[];
  updateRevision: string;
  when: Availability;
}

/** The pods that this sync deletes for a rolling update, in this order. */
export function podsToReplace(view: UpdateView, maxUnavailableEnabled: boolean): AnyObject[] {
  if (!maxUnavailableEnabled) return nextOne(view);
  return view.set.spec.podManagementPolicy === "Parallel" ? withinBudgetParallel(view) : withinBudget(view);
}

/** From the top down to the partition, which is an index counted from `ordinals.start` (#128529). */
function targets({ set, replicas }: UpdateView): AnyObject[] {
  const partition: number = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return replicas.slice(partition).reverse();
}

function isOutdated({ updateRevision }: UpdateView, pod: AnyObject): boolean {
  return revisionOf(pod) !== updateRevision && !isTerminating(pod);
}

/** maxUnavailable off: the topmost old pod, unless an unavailable one stands above it. */
function nextOne(view: UpdateView): AnyObject[] {
  for (const pod of targets(view)) {
    if (isOutdated(view, pod)) return [pod];
    if (isUnavailable(pod, view.when)) return [];
  }
  return [];
}

/** What maxUnavailable leaves after all pods that are unavailable, whatever their index. */
function budget(view: UpdateView): number {
  const { spec } = view.set;
  const limit = scaled(spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, spec.replicas, Math.floor);
  return Math.max(1, limit) - view.replicas.filter((pod) => isUnavailable(pod, view.when)).length;
}

function withinBudget(view: UpdateView): AnyObject[] {
  const outdated = targets(view).filter((pod) => isOutdated(view, pod));
  return outdated.slice(0, Math.max(0, budget(view)));
}

/**
 * Parallel: old pods that are unavailable go outside the budget (they are no loss, and so the set frees itself from
 * #67250); what is left of the budget goes to those that are available.
 */
function withinBudgetParallel(view: UpdateView): AnyObject[] {
  const outdated = targets(view).filter((pod) => isOutdated(view, pod));
  const broken = outdated.filter((pod) => !isAvailable(pod, view.when));
  const working = outdated.filter((pod) => !isUnavailable(pod, view.when));
  return [...broken, ...working.slice(0, Math.max(0, budget(view)))];
}
