import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import { isRefusal, isTerminating } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import type { Gates } from "../gates.js";
import { type Availability, isAvailable, isCreated, isRunningAndReady, revisionOf } from "./pod-state.js";
import type { SetRevisions } from "./revisions.js";

export interface SetCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  lastTransitionTime: string;
}

export interface SetStatus {
  observedGeneration: number;
  replicas: number;
  readyReplicas: number;
  availableReplicas: number;
  currentReplicas: number;
  updatedReplicas: number;
  currentRevision: string;
  updateRevision: string;
  collisionCount: number;
  conditions: SetCondition[];
}

/** `replicas` and the ready ones count pods that are terminating, `currentReplicas` and `updatedReplicas` do not. */
export function statusOf(
  set: AnyObject,
  revisions: SetRevisions,
  pods: AnyObject[],
  when: Availability,
): SetStatus {
  const created = pods.filter(isCreated);
  const ready = created.filter(isRunningAndReady);
  const staying = created.filter((pod) => !isTerminating(pod));
  const at = (revision: AnyObject) =>
    staying.filter((pod) => revisionOf(pod) === revision.metadata.name).length;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: created.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(pod, when)).length,
    currentReplicas: at(revisions.current),
    updatedReplicas: at(revisions.update),
    currentRevision: revisions.current.metadata.name,
    updateRevision: revisions.update.metadata.name,
    collisionCount: revisions.collisionCount,
    conditions: set.status?.conditions ?? [],
  };
}

/** Sets a condition; its transition time moves only with its status. */
export function withCondition(status: SetStatus, condition: SetCondition): SetStatus {
  const old = status.conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    old?.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime;
  const others = status.conditions.filter((each) => each !== old);
  return { ...status, conditions: [...others, { ...condition, lastTransitionTime }] };
}

/** Where every wanted pod is updated and ready, the update revision becomes the current one. */
export function completed(set: AnyObject, status: SetStatus, gates: Gates, time: string): SetStatus {
  const strategy = set.spec.updateStrategy?.type;
  if (strategy !== "RollingUpdate" && !gates.completeAnyStrategy) return status;
  const { replicas, readyReplicas, updatedReplicas, updateRevision } = status;
  if ([replicas, readyReplicas, updatedReplicas].some((count) => count !== set.spec.replicas)) return status;
  const done = { ...status, currentReplicas: updatedReplicas, currentRevision: updateRevision };
  const progressing = status.conditions.some(({ type }) => type === "Progressing");
  if (!progressing || strategy !== "Recreate" || !gates.recreateStrategy) return done;
  return withCondition(done, {
    type: "Progressing",
    status: "False",
    reason: "RecreateCompleted",
    message: "All pods recreated successfully",
    lastTransitionTime: time,
  });
}

const compared = [
  "replicas",
  "readyReplicas",
  "availableReplicas",
  "currentReplicas",
  "updatedReplicas",
  "currentRevision",
  "updateRevision",
] as const;

function differs(old: Partial<SetStatus>, status: SetStatus): boolean {
  return (
    status.observedGeneration > (old.observedGeneration ?? 0) ||
    compared.some(
      (field) => status[field] !== (old[field] ?? (typeof status[field] === "number" ? 0 : "")),
    ) ||
    !isDeepStrictEqual(status.conditions, old.conditions ?? [])
  );
}

/** Writes the status if anything in it is new; a conflict is met by writing it on top of the newer set. */
export async function writeStatus(sets: Resource, set: AnyObject, status: SetStatus): Promise<void> {
  if (!differs(set.status ?? {}, status)) return;
  const { conditions, ...fields } = status;
  const wire = withoutZeros({ ...fields, ...(conditions.length > 0 && { conditions }) });
  let latest: AnyObject | undefined = set;
  for (let attempt = 1; latest; attempt += 1) {
    try {
      await sets.update({ ...latest, status: wire }, "status");
      return;
    } catch (error) {
      if (!isRefusal(error, "Conflict") || attempt === 5) throw error;
      latest = await sets.fetch(set.metadata);
    }
  }
}

/** The API leaves out counters that are zero, except these three. */
function withoutZeros(status: Record<string, unknown>): Record<string, unknown> {
  const always = ["replicas", "availableReplicas", "collisionCount"];
  return Object.fromEntries(
    Object.entries(status).filter(([name, value]) => value !== 0 || always.includes(name)),
  );
}
