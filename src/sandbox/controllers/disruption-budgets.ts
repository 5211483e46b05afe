import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../port.js";
import { timestamp } from "../simulator/clock.js";
import {
  type Controller,
  type ControllerContext,
  enqueueFrom,
  queueOf,
  recorderOf,
} from "./framework/controller.js";
import {
  controllerOf,
  isRefusal,
  isTerminating,
  key,
  keyOf,
  messageOf,
  scaled,
  selects,
} from "./framework/objects.js";

/** How long an evicted pod counts as gone although it is still there. */
const deletionTimeout = 120_000;

interface Expectation {
  expectedPods: number;
  desiredHealthy: number;
  unmanaged: boolean;
}

/** Keeps the status of PodDisruptionBudgets: how many pods may be evicted now. */
export function disruptionController(context: ControllerContext): Controller {
  const { resources, clock } = context;
  const [budgets, pods] = [resources.of("poddisruptionbudgets"), resources.of("pods")];
  const sets = resources.of("statefulsets");
  const recorder = recorderOf(context, "controllermanager");

  const queue = queueOf(context, async (budgetKey) => {
    const budget = budgets.get(budgetKey);
    if (!budget) return;
    try {
      await update(budget);
    } catch (error) {
      if (isRefusal(error, "Conflict")) throw error;
      const status = { ...budget.status, disruptionsAllowed: 0 };
      await write(budget, status, { status: "False", reason: "SyncFailed", message: messageOf(error) });
    }
  });

  async function update(budget: AnyObject): Promise<void> {
    const { namespace = "", generation } = budget.metadata;
    const covered = pods
      .inNamespace(namespace)
      .filter(({ metadata }) => selects(budget.spec.selector, metadata.labels));
    if (covered.length === 0) recorder.event(budget, "Normal", "NoPods", "No matching pods found");
    const { expectedPods, desiredHealthy, unmanaged } = expectation(budget, covered);
    if (unmanaged) reportUnmanaged(budget);
    const { disruptedPods, recheckIn } = stillDisrupted(budget, covered);
    const healthy = covered
      .filter((pod) => !isTerminating(pod) && !disruptedPods[pod.metadata.name])
      .filter(isReady);
    const spare = healthy.length - desiredHealthy;
    const disruptionsAllowed = expectedPods > 0 && spare > 0 ? spare : 0;
    const status = {
      observedGeneration: generation,
      ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
      disruptionsAllowed,
      currentHealthy: healthy.length,
      desiredHealthy,
      expectedPods,
    };
    const verdict =
      disruptionsAllowed > 0
        ? (["True", "SufficientPods"] as const)
        : (["False", "InsufficientPods"] as const);
    await write(budget, status, { status: verdict[0], reason: verdict[1], message: "" });
    if (recheckIn !== undefined) queue.addAfter(keyOf(budget), recheckIn);
  }

  function expectation({ spec }: AnyObject, covered: AnyObject[]): Expectation {
    if (typeof spec.minAvailable === "number") {
      return { expectedPods: covered.length, desiredHealthy: spec.minAvailable, unmanaged: false };
    }
    const expectedPods = expectedScale(covered);
    const unmanaged = covered.some((pod) => !controllerOf(pod));
    const share = (value: number | string) => scaled(value, expectedPods, Math.ceil);
    const { maxUnavailable, minAvailable = 0 } = spec;
    const desired = maxUnavailable === undefined ? share(minAvailable) : expectedPods - share(maxUnavailable);
    return { expectedPods, desiredHealthy: Math.max(0, desired), unmanaged };
  }

  /** The replicas that the pods' controllers want, each controller counted once. */
  function expectedScale(covered: AnyObject[]): number {
    const scales = new Map<string, number>();
    for (const pod of covered) {
      const owner = controllerOf(pod);
      if (!owner) continue;
      const set = sets.get(key(pod.metadata.namespace, owner.name));
      const found = owner.kind === "StatefulSet" && set?.metadata.uid === owner.uid;
      if (!found) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
      scales.set(owner.uid, set.spec.replicas);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  function stillDisrupted({ status }: AnyObject, covered: AnyObject[]) {
    const times: Record<string, string> = status?.disruptedPods ?? {};
    const disruptedPods: Record<string, string> = {};
    let recheckIn: number | undefined;
    for (const pod of covered) {
      const time = times[pod.metadata.name];
      if (!time || isTerminating(pod)) continue;
      const left = Date.parse(time) + deletionTimeout - clock.now();
      if (left < 0) continue;
      disruptedPods[pod.metadata.name] = time;
      recheckIn = Math.min(left + 1, recheckIn ?? left + 1);
    }
    return { disruptedPods, recheckIn };
  }

  async function write(
    budget: AnyObject,
    status: object,
    verdict: { status: string; reason: string; message: string },
  ) {
    const conditions: AnyObject[] = budget.status?.conditions ?? [];
    const old = conditions.find(({ type }) => type === "DisruptionAllowed");
    const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime : timestamp(clock);
    const observedGeneration = budget.metadata.generation;
    const condition = { type: "DisruptionAllowed", ...verdict, lastTransitionTime, observedGeneration };
    const next = { ...status, conditions: [...conditions.filter((each) => each !== old), condition] };
    if (isDeepStrictEqual(next, budget.status)) return;
    await budgets.update({ ...budget, status: next }, "status");
  }

  function reportUnmanaged(budget: AnyObject): void {
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(budget.spec.selector)}) were found ` +
      "to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in " +
      'undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    recorder.event(budget, "Warning", "UnmanagedPods", message);
  }

  enqueueFrom(queue, budgets, (budget) => [keyOf(budget)]);
  enqueueFrom(queue, pods, ({ metadata }) => {
    const candidates = budgets.inNamespace(metadata.namespace ?? "");
    return candidates.filter(({ spec }) => selects(spec.selector, metadata.labels)).map(keyOf);
  });
  enqueueFrom(queue, sets, ({ metadata, spec }) => {
    const candidates = budgets.inNamespace(metadata.namespace ?? "");
    return candidates
      .filter((budget) => selects(budget.spec.selector, spec.template.metadata?.labels))
      .map(keyOf);
  });
  return queue;
}

function isReady({ status }: AnyObject): boolean {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}
