import { hasEnded } from "../../kinds/pod-phase.js";
import type { AnyObject } from "../../port.js";
import { type Clock, timestamp } from "../../simulator/clock.js";
import type { EventRecorder } from "../framework/event-recorder.js";
import { isTerminating } from "../framework/objects.js";
import type { Gates } from "../gates.js";
import { forEachPod } from "./batches.js";
import { identityMatches, isInRange, newPod, startOrdinal, storageMatches } from "./identity.js";
import type { PodControl } from "./pod-control.js";
import {
  type Availability,
  isAvailable,
  isCreated,
  isPending,
  isRunningAndReady,
  isUnavailable,
  ordinalOf,
  revisionOf,
} from "./pod-state.js";
import { atRevision, type SetRevisions } from "./revisions.js";
import { podsToReplace } from "./rolling-update.js";
import { type SetStatus, statusOf, withCondition } from "./status.js";

export interface ReconcileContext {
  control: PodControl;
  recorder: EventRecorder;
  gates: Gates;
  clock: Clock;
}

/** The status to write, and what went wrong on the way to it; without a status there is nothing to write. */
export interface Outcome {
  status?: SetStatus;
  error?: unknown;
}

/**
 * One sync of a set, as `updateStatefulSet` of the real controller does it: replicas in ascending order, condemned pods
 * in descending order, then the update; each waits for the one before unless the set is Parallel.
 */
export class Reconciliation {
  readonly #inOrder: boolean;
  readonly #updateSet: AnyObject;
  /** The pods in range by index; a draft where there is none yet. */
  readonly #replicas: AnyObject[];
  /** The pods out of range, highest ordinal first. */
  readonly #condemned: AnyObject[];
  readonly #firstUnavailable: AnyObject | undefined;
  /** Pods deleted for the update: they still count as current in the cache. */
  #replaced = 0;

  constructor(
    private readonly context: ReconcileContext,
    private readonly set: AnyObject,
    private readonly revisions: SetRevisions,
    private readonly pods: AnyObject[],
    private readonly when: Availability,
  ) {
    this.#inOrder = set.spec.podManagementPolicy !== "Parallel";
    this.#updateSet = atRevision(set, revisions.update);
    this.#replicas = this.#fillRange();
    this.#condemned = pods
      .filter((pod) => !isInRange(set, pod) && ordinalOf(pod) >= 0)
      .sort((a, b) => ordinalOf(b) - ordinalOf(a));
    const upwards = [...this.#replicas, ...this.#condemned.toReversed()];
    this.#firstUnavailable = upwards.find((pod) => isUnavailable(pod, when));
  }

  async run(): Promise<Outcome> {
    const { set } = this;
    if (set.spec.updateStrategy?.type === "Recreate" && !this.context.gates.recreateStrategy) {
      return { error: this.#recreateIsOff() };
    }
    const status = statusOf(set, this.revisions, this.pods, this.when);
    if (isTerminating(set)) return { status };
    const outcome: Outcome = { status };
    try {
      outcome.status = await this.#takeSteps(status);
    } catch (error) {
      outcome.error = error;
      outcome.status = this.#statusNow(status);
    }
    return outcome;
  }

  async #takeSteps(first: SetStatus): Promise<SetStatus> {
    const { control } = this.context;
    const strategy = this.set.spec.updateStrategy?.type;
    let status = first;
    if (strategy === "Recreate") {
      const cleared = await this.#clearOutdated();
      status = this.#recreating(status, cleared);
      if (!cleared) return this.#statusNow(status);
    }
    const ended =
      (await forEachPod(this.#replicas, this.#inOrder, (pod) => this.#settleReplica(pod))) ||
      (await forEachPod(this.#condemned, this.#inOrder, async (pod) => {
        if (!control.ownersMatch(this.#updateSet, pod)) await control.settleOwners(this.#updateSet, pod);
        return false;
      })) ||
      (await forEachPod(this.#condemned, this.#inOrder, (pod) => this.#condemn(pod)));
    if (!ended && strategy !== "OnDelete" && strategy !== "Recreate") await this.#replaceOutdated();
    return this.#statusNow(status);
  }

  /** True ends the walk: the pod is not yet what its successors have to wait for. */
  async #settleReplica(pod: AnyObject): Promise<boolean> {
    const { control } = this.context;
    if (hasEnded(pod)) {
      if (!isTerminating(pod)) await control.delete(this.set, pod);
      return true;
    }
    if (!isCreated(pod)) {
      if (control.hasStaleClaim(this.set, pod)) return true;
      await control.create(this.set, pod);
      if (this.#inOrder) return true;
    }
    if (isPending(pod)) await control.createMissingClaims(this.set, pod);
    if (this.#inOrder && (isTerminating(pod) || !isRunningAndReady(pod) || !isAvailable(pod, this.when)))
      return true;
    const owned = control.ownersMatch(this.#updateSet, pod);
    if (identityMatches(this.set, pod) && storageMatches(this.set, pod) && owned) return false;
    await control.update(this.#updateSet, pod);
    return false;
  }

  /** Deletes a pod out of range, if its turn has come. An unhealthy one may go only if no pod before it is unhealthy. */
  async #condemn(pod: AnyObject): Promise<boolean> {
    if (isTerminating(pod)) return true;
    const healthy = isRunningAndReady(pod) && isAvailable(pod, this.when);
    if (this.#inOrder && !healthy && pod !== this.#firstUnavailable) return true;
    await this.context.control.delete(this.set, pod);
    return true;
  }

  async #replaceOutdated(): Promise<void> {
    const view = {
      set: this.set,
      replicas: this.#replicas,
      updateRevision: this.#updateName,
      when: this.when,
    };
    for (const pod of podsToReplace(view, this.context.gates.maxUnavailable)) {
      await this.context.control.delete(this.set, pod);
      this.#replaced += 1;
    }
  }

  /** Recreate: deletes every old pod at once; true when none is left. */
  async #clearOutdated(): Promise<boolean> {
    const outdated = [...this.#replicas, ...this.#condemned].filter(
      (pod) => isCreated(pod) && revisionOf(pod) !== this.#updateName,
    );
    const staying = outdated.filter((pod) => !isTerminating(pod));
    await forEachPod(staying, false, async (pod) => {
      await this.context.control.delete(this.set, pod);
      return true;
    });
    return outdated.length === 0;
  }

  #recreating(status: SetStatus, cleared: boolean): SetStatus {
    if (cleared && this.revisions.current.metadata.name === this.#updateName) return status;
    return withCondition(status, {
      type: "Progressing",
      status: "True",
      reason: "RecreateInProgress",
      message: cleared ? "Waiting for new-revision pods to be created" : "Deleting old revision pods",
      lastTransitionTime: timestamp(this.context.clock),
    });
  }

  #recreateIsOff(): Error {
    const { namespace, name } = this.set.metadata;
    const gate = "feature gate StatefulSetRecreateStrategy is disabled";
    const error = new Error(`statefulset ${namespace}/${name} uses Recreate strategy but ${gate}`);
    this.context.recorder.event(this.set, "Warning", "UnknownStrategy", error.message);
    return error;
  }

  /** The counters over the pods that are in the set by their ordinal, as they were when the sync began. */
  #statusNow(status: SetStatus): SetStatus {
    const pods = [...this.#replicas, ...this.#condemned];
    const counted = statusOf(this.set, this.revisions, pods, this.when);
    const { conditions } = status;
    return { ...counted, conditions, currentReplicas: counted.currentReplicas - this.#replaced };
  }

  #fillRange(): AnyObject[] {
    const start = startOrdinal(this.set);
    const known = new Map(this.pods.map((pod) => [ordinalOf(pod), pod]));
    const wanted = Array.from({ length: this.set.spec.replicas }, (_, index) => start + index);
    return wanted.map((ordinal) => known.get(ordinal) ?? this.#draft(ordinal));
  }

  /** A pod below the partition comes (back) at the current revision, any other at the update revision. */
  #draft(ordinal: number): AnyObject {
    const index = ordinal - startOrdinal(this.set);
    const { type, rollingUpdate } = this.set.spec.updateStrategy ?? {};
    const unpartitioned = type === "RollingUpdate" ? (this.set.status?.currentReplicas ?? 0) : 0;
    const kept: number = rollingUpdate ? (rollingUpdate.partition ?? 0) : unpartitioned;
    if (index >= kept) return newPod(this.#updateSet, this.#updateName, ordinal);
    const { current } = this.revisions;
    return newPod(atRevision(this.set, current), current.metadata.name, ordinal);
  }

  get #updateName(): string {
    return this.revisions.update.metadata.name;
  }
}
