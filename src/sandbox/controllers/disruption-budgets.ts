import { isDeepStrictEqual } from "node:util";
import { type LabelSelector, selects } from "../kinds/label-selector.js";
import type { AnyObject } from "../port.js";
import { type Clock, timestamp } from "../simulator/clock.js";
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
} from "./framework/objects.js";
import type { EventRecorder } from "./framework/event-recorder.js";
import type { Resource } from "./framework/resource.js";
import type { WorkQueue } from "./framework/work-queue.js";

/** How long an evicted pod counts as gone although it is still there. */
const deletionTimeout = 120_000;

/** The condition `DisruptionAllowed`. */
interface Verdict {
  status: string | undefined;
  reason: string | undefined;
  message: string;
}

/** What there is of a budget's status before it was ever counted. */
interface Status {
  observedGeneration?: number | undefined;
  disruptionsAllowed: number;
}

/** Keeps the status of PodDisruptionBudgets: how many pods may be evicted now. */
class DisruptionController implements Controller {
  readonly #clock: Clock;
  readonly #budgets: Resource;
  readonly #pods: Resource;
  readonly #sets: Resource;
  readonly #recorder: EventRecorder;
  readonly #queue: WorkQueue;

  constructor(context: ControllerContext) {
    const { resources, clock } = context;
    this.#clock = clock;
    this.#budgets = resources.of("poddisruptionbudgets");
    this.#pods = resources.of("pods");
    this.#sets = resources.of("statefulsets");
    this.#recorder = recorderOf(context, "controllermanager");
    this.#queue = queueOf(context, (budgetKey) => this.#sync(budgetKey));
    enqueueFrom(this.#queue, this.#budgets, (budget) => [keyOf(budget)]);
    // As the real one: neither a pod that leaves the selector nor a set that is scaled makes it count again.
    this.#pods.onChange(({ object: pod }) => {
      const budgets = this.#covering(pod);
      if (budgets.length > 1) this.#reportMany(pod, budgets);
      for (const budget of budgets) this.#queue.add(keyOf(budget));
    });
  }

  start(): void {
    this.#queue.start();
  }

  stop(): void {
    this.#queue.stop();
  }

  #covering({ metadata: { namespace = "", labels } }: AnyObject): AnyObject[] {
    return this.#budgets.inNamespace(namespace).filter(({ spec }) => selects(spec.selector, labels));
  }

  async #sync(budgetKey: string): Promise<void> {
    const budget = this.#budgets.get(budgetKey);
    if (!budget) return;
    try {
      await this.#update(budget);
    } catch (error) {
      if (isRefusal(error, "Conflict")) throw error;
      const status: Status = { ...budget.status, disruptionsAllowed: 0 };
      await this.#write(budget, status, { status: "False", reason: "SyncFailed", message: messageOf(error) });
    }
  }

  async #update(budget: AnyObject): Promise<void> {
    const { namespace = "", generation } = budget.metadata;
    const covered = this.#pods
      .inNamespace(namespace)
      .filter(({ metadata }) => selects(budget.spec.selector, metadata.labels));
    if (covered.length === 0) this.#recorder.event(budget, "Normal", "NoPods", "No matching pods found");
    const { expectedPods, desiredHealthy } = this.#expectation(budget, covered);
    const { disruptedPods, recheckIn } = this.#stillDisrupted(budget, covered);
    const staying = covered.filter((pod) => !isTerminating(pod) && !disruptedPods[pod.metadata.name]);
    const currentHealthy = staying.filter(isReady).length;
    const spare = currentHealthy - desiredHealthy;
    const disruptionsAllowed = expectedPods > 0 && spare > 0 ? spare : 0;
    const status = {
      observedGeneration: generation,
      ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
    };
    const [value, reason] =
      disruptionsAllowed > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
    await this.#write(budget, status, { status: value, reason, message: "" });
    if (recheckIn !== undefined) this.#queue.addAfter(keyOf(budget), recheckIn);
  }

  #expectation(budget: AnyObject, covered: AnyObject[]): { expectedPods: number; desiredHealthy: number } {
    const { maxUnavailable, minAvailable } = budget.spec;
    if (maxUnavailable === undefined && minAvailable === undefined)
      return { expectedPods: 0, desiredHealthy: 0 };
    if (maxUnavailable === undefined && typeof minAvailable === "number") {
      return { expectedPods: covered.length, desiredHealthy: minAvailable };
    }
    const expectedPods = this.#expectedScale(budget, covered);
    if (covered.some((pod) => !controllerOf(pod))) this.#reportUnmanaged(budget);
    const share = (value: number | string) => scaled(value, expectedPods, Math.ceil);
    const desired = maxUnavailable === undefined ? share(minAvailable) : expectedPods - share(maxUnavailable);
    return { expectedPods, desiredHealthy: Math.max(0, desired) };
  }

  /** The replicas that the pods' controllers want, each controller counted once. */
  #expectedScale(budget: AnyObject, covered: AnyObject[]): number {
    const scales = new Map<string, number>();
    for (const pod of covered) {
      const owner = controllerOf(pod);
      if (!owner) continue;
      const set = this.#sets.get(key(pod.metadata.namespace, owner.name));
      const found = owner.kind === "StatefulSet" && set?.metadata.uid === owner.uid;
      if (!found) {
        const { apiVersion, kind } = owner;
        const why =
          kind === "StatefulSet"
            ? `found no controllers for pod "${pod.metadata.name}"`
            : `no matches for kind "${kind}" in version "${apiVersion}"`;
        const message = `Failed to calculate the number of expected pods: ${why}`;
        this.#recorder.event(budget, "Warning", "CalculateExpectedPodCountFailed", message);
        throw new Error(why);
      }
      scales.set(owner.uid, set.spec.replicas);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  /** The evicted pods that are still there and not yet terminating, and when the first of them counts again. */
  #stillDisrupted({ metadata: { namespace }, status }: AnyObject, covered: AnyObject[]) {
    const times: Record<string, string> = status?.disruptedPods ?? {};
    const disruptedPods: Record<string, string> = {};
    let recheckIn: number | undefined;
    for (const pod of covered) {
      const time = times[pod.metadata.name];
      if (!time || isTerminating(pod)) continue;
      const left = Date.parse(time) + deletionTimeout - this.#clock.now();
      if (left < 0) {
        const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
        this.#recorder.event(pod, "Warning", "NotDeleted", message);
        continue;
      }
      disruptedPods[pod.metadata.name] = time;
      recheckIn = Math.min(left + 1, recheckIn ?? left + 1);
    }
    return { disruptedPods, recheckIn };
  }

  async #write(budget: AnyObject, status: Status, verdict: Verdict): Promise<void> {
    const conditions: AnyObject[] = budget.status?.conditions ?? [];
    const old = conditions.find(({ type }) => type === "DisruptionAllowed");
    const lastTransitionTime =
      old && old.status === verdict.status ? old.lastTransitionTime : timestamp(this.#clock);
    const { observedGeneration } = status;
    const condition = { type: "DisruptionAllowed", ...verdict, lastTransitionTime, observedGeneration };
    const next = { ...status, conditions: [...conditions.filter((each) => each !== old), condition] };
    if (isDeepStrictEqual(next, budget.status)) return;
    await this.#budgets.update({ ...budget, status: next }, "status");
  }

  #reportMany(pod: AnyObject, [first]: AnyObject[]): void {
    const { namespace, name } = pod.metadata;
    const which = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.`;
    const message = `${which}  Chose "${first?.metadata.name}" arbitrarily.`;
    this.#recorder.event(pod, "Warning", "MultiplePodDisruptionBudgets", message);
  }

  #reportUnmanaged(budget: AnyObject): void {
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${goSelector(budget.spec.selector)}) were found ` +
      "to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in " +
      'undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    this.#recorder.event(budget, "Warning", "UnmanagedPods", message);
  }
}

export function disruptionController(context: ControllerContext): Controller {
  return new DisruptionController(context);
}

/** A selector as Go prints it. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => `${label}: ${value},`);
  const requirements = matchExpressions.map(
    ({ key: label, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${label},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  const parts = [
    `map[string]string{${labels.join("")}}`,
    `[]LabelSelectorRequirement{${requirements.join("")}}`,
  ];
  return `&LabelSelector{MatchLabels:${parts[0]},MatchExpressions:${parts[1]},}`;
}

function isReady({ status }: AnyObject): boolean {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}
