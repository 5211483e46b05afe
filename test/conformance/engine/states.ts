import type { AnyObject } from "../../../src/sandbox/port.js";
import { groupOf } from "./journal.js";
import { valueAt } from "./requests.js";
import type { Stage } from "./stage.js";

/** What a wait can be for. Each gets what the scenario says of it; all of a wait's must hold at once. */
const states: Record<string, (stage: Stage, wanted: never) => boolean> = {
  pods: (stage, wanted: Record<string, string>) =>
    Object.entries(wanted).every(([name, state]) => podIs(stage, name, state)),
  claims: (stage, wanted: Record<string, string>) =>
    Object.entries(wanted).every(([name, state]) =>
      claimIs(stage.find("persistentvolumeclaims", name), state),
    ),
  /** How often a pod or claim of that name was made. */
  made: (stage, wanted: Record<string, number>) =>
    Object.entries(wanted).every(([name, times]) => stage.journal.made(name) >= times),
  deleted: (stage, wanted: Record<string, number>) =>
    Object.entries(wanted).every(([name, times]) => stage.journal.deleted(name) >= times),
  /** Fields of the set `web`'s status; a counter that is left out is 0. */
  status: (stage, wanted: Record<string, unknown>) => {
    const status = (stage.find("statefulsets", "web")?.["status"] ?? {}) as Record<string, unknown>;
    return Object.entries(wanted).every(([field, value]) => (status[field] ?? 0) === value);
  },
  /** How many volumes are in each phase. */
  volumes: (stage, wanted: Record<string, number>) =>
    Object.entries(wanted).every(
      ([phase, count]) =>
        stage.all("persistentvolumes").filter(({ status }) => phase === "all" || status?.phase === phase)
          .length === count,
    ),
  revisions: (stage, wanted: number) => stage.all("controllerrevisions").length === wanted,
  /** What the service says of a pod: those of `ready`, `serving` and `terminating` that hold, or `none`. */
  endpoints: (stage, wanted: Record<string, string>) =>
    Object.entries(wanted).every(([name, said]) => endpointSays(stage, name) === said),
  /** Reasons of events. */
  events: (stage, wanted: string[]) =>
    wanted.every((reason) => stage.all("events").some((event) => event["reason"] === reason)),
  gone: (stage, wanted: string[]) => wanted.every((each) => find(stage, each) === undefined),
  there: (stage, wanted: string[]) => wanted.every((each) => find(stage, each) !== undefined),
  /** `statefulsets/web: { metadata.generation: 2 }` */
  objects: (stage, wanted: Record<string, Record<string, unknown>>) =>
    Object.entries(wanted).every(([which, fields]) => {
      const object = find(stage, which);
      return (
        object !== undefined &&
        Object.entries(fields).every(
          ([path, value]) => JSON.stringify(valueAt(object, path) ?? null) === JSON.stringify(value),
        )
      );
    }),
};

/** Throws where a scenario waits for what there is not. */
export function holds(stage: Stage, wanted: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([state, argument]) => {
    const check = states[state];
    if (!check) throw new Error(`there is no state ${state} to wait for`);
    return check(stage, argument as never);
  });
}

function find(stage: Stage, which: string): AnyObject | undefined {
  const [resource = "", name = ""] = which.split("/");
  return stage.find(resource, name);
}

/** `Ready`, `Ready@2`, `gone`, a phase, or what its first container waits for. */
function podIs(stage: Stage, name: string, wanted: string): boolean {
  const pod = stage.find("pods", name);
  const [state = "", mark] = wanted.split("@");
  if (state === "gone") return pod === undefined;
  if (!pod) return false;
  const revision = stage.journal.revisionMark(pod.metadata.labels?.["controller-revision-hash"]);
  if (mark !== undefined && revision !== `@${mark}`) return false;
  return podStates(pod).includes(state);
}

function podStates(pod: AnyObject): string[] {
  const { status = {}, spec, metadata } = pod;
  if (metadata.deletionTimestamp) return ["Terminating"];
  const waiting: string | undefined = status.containerStatuses?.[0]?.state?.waiting?.reason;
  const scheduled = (status.conditions ?? []).find(({ type }: { type: string }) => type === "PodScheduled");
  return [
    status.phase,
    ...(status.phase === "Running" ? [isReady(pod) ? "Ready" : "NotReady"] : []),
    ...(waiting ? [waiting] : []),
    ...(scheduled?.status === "False" ? [scheduled.reason] : []),
    ...(spec.nodeName ? ["Scheduled"] : []),
  ];
}

export function isReady({ status }: AnyObject): boolean {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

function claimIs(claim: AnyObject | undefined, wanted: string): boolean {
  if (wanted === "gone") return claim === undefined;
  if (!claim) return false;
  const { metadata, status = {} } = claim;
  if (wanted === "Terminating") return metadata.deletionTimestamp !== undefined;
  if (wanted === "owned") return (metadata.ownerReferences ?? []).length > 0;
  if (wanted === "free") return (metadata.ownerReferences ?? []).length === 0;
  return metadata.deletionTimestamp === undefined && status.phase === wanted;
}

function endpointSays(stage: Stage, pod: string): string | undefined {
  const endpoints: { targetRef?: { name: string }; conditions: Record<string, boolean> }[] = stage
    .all("endpointslices")
    .flatMap((slice) => slice["endpoints"] ?? []);
  const endpoint = endpoints.find(({ targetRef }) => targetRef?.name === pod);
  if (!endpoint) return undefined;
  const holding = ["ready", "serving", "terminating"].filter((each) => endpoint.conditions[each]);
  return holding.join(" ") || "none";
}

/** Whether a set is where it wants to be: all its pods at their revision, ready and available, and no others. */
export function isAtRest(set: AnyObject | undefined, pods: AnyObject[]): boolean {
  if (!set || (set["status"]?.observedGeneration ?? 0) < (set.metadata.generation ?? 0)) return false;
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0, updateRevision } = set["status"];
  const wanted: number = set["spec"].replicas;
  if ([replicas, readyReplicas, availableReplicas].some((count) => count !== wanted)) return false;
  const own = pods.filter((pod) => isOwn(set, pod));
  const settled = own.every(
    (pod) => !pod.metadata.deletionTimestamp && pod["status"].phase === "Running" && isReady(pod),
  );
  const { type, rollingUpdate } = set["spec"].updateStrategy;
  const first = (set["spec"].ordinals?.start ?? 0) + (rollingUpdate?.partition ?? 0);
  const due = type === "RollingUpdate" ? own.filter((pod) => ordinalOf(pod) >= first) : [];
  const updated = due.every(
    ({ metadata }) => metadata.labels?.["controller-revision-hash"] === updateRevision,
  );
  return settled && updated && own.length === wanted;
}

function isOwn(set: AnyObject, { metadata }: AnyObject): boolean {
  return (
    groupOf(metadata.name) === set.metadata.name &&
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === set.metadata.uid)
  );
}

function ordinalOf({ metadata }: AnyObject): number {
  return Number(/\d+$/.exec(metadata.name)?.[0] ?? -1);
}
