import type { AnyObject } from "../../../src/sandbox/port.js";
import { isReady } from "./states.js";
import type { Stage } from "./stage.js";

type Lines = Record<string, unknown>;

/** What a namespace holds at a moment when nothing happens in it. */
export async function snapshot(stage: Stage): Promise<Lines> {
  const [sets, pods, claims, revisions] = await Promise.all(
    ["statefulsets", "pods", "persistentvolumeclaims", "controllerrevisions"].map((each) => stage.list(each)),
  );
  return {
    sets: byName(sets, (set) => setLine(stage, set)),
    pods: byName(pods, (pod) => podLine(stage, pod)),
    claims: byName(claims, claimLine),
    revisions: byName(
      revisions,
      ({ revision }) => revision,
      (name) => stage.journal.revisionMark(name),
    ),
  };
}

/** All that must be the same once a scenario is over. */
export async function ending(stage: Stage): Promise<Lines> {
  const [pods, claims, revisions, volumes, budgets] = await Promise.all(
    [
      "pods",
      "persistentvolumeclaims",
      "controllerrevisions",
      "persistentvolumes",
      "poddisruptionbudgets",
    ].map((each) => stage.list(each)),
  );
  return {
    ...(await snapshot(stage)),
    podFields: byName(pods, podFields),
    claimFields: byName(claims, claimFields),
    revisionFields: byName(revisions, ({ metadata, revision, data }) => ({
      ...metaFields(metadata),
      revision,
      data,
    })),
    volumes: (volumes ?? []).map(({ spec, status }) => `${spec.claimRef?.name ?? ""} ${status.phase}`).sort(),
    budgets: byName(budgets, ({ status: { disruptedPods: _pods, conditions, ...status } }) => ({
      ...status,
      conditions: conditionsOf(conditions),
    })),
    order: stage.journal.lines(),
  };
}

function byName(
  objects: AnyObject[] | undefined,
  line: (object: AnyObject) => unknown,
  nameOf: (name: string) => string = (name) => name,
): Lines {
  return Object.fromEntries((objects ?? []).map((object) => [nameOf(object.metadata.name), line(object)]));
}

function setLine(stage: Stage, { metadata, status }: AnyObject): Lines {
  const { currentRevision, updateRevision, conditions, ...counters } = status ?? {};
  return {
    generation: metadata.generation,
    going: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers,
    ...counters,
    currentRevision: stage.journal.revisionMark(currentRevision),
    updateRevision: stage.journal.revisionMark(updateRevision),
    conditions: conditionsOf(conditions),
  };
}

function podLine(stage: Stage, pod: AnyObject): string {
  const { labels, deletionTimestamp } = pod.metadata;
  const state = deletionTimestamp ? "Terminating" : `${pod["status"].phase}${isReady(pod) ? " Ready" : ""}`;
  return `${state} ${stage.journal.revisionMark(labels?.["controller-revision-hash"])} ${ownersOf(pod).join(" ")}`;
}

function claimLine(claim: AnyObject): string {
  const { deletionTimestamp } = claim.metadata;
  const going = deletionTimestamp ? " Terminating" : "";
  return `${claim["status"].phase}${going} ${ownersOf(claim).join(" ")} ${conditionsOf(claim["status"].conditions).join(" ")}`;
}

function podFields({ metadata, spec }: AnyObject): Lines {
  return {
    ...metaFields(metadata),
    generateName: metadata["generateName"],
    hostname: spec.hostname,
    subdomain: spec.subdomain,
    images: spec.containers.map(({ image }: { image: string }) => image),
    // Of several claim templates the first volume is left to chance.
    claims: spec.volumes
      ?.filter((volume: Lines) => volume["persistentVolumeClaim"])
      .sort((a: AnyObject, b: AnyObject) => (a["name"] < b["name"] ? -1 : 1)),
  };
}

function claimFields({ metadata, spec, status }: AnyObject): Lines {
  return {
    ...metaFields(metadata),
    annotations: Object.keys(metadata.annotations ?? {}).sort(),
    phase: status.phase,
    capacity: status.capacity,
    class: spec.storageClassName,
  };
}

function metaFields({ labels, annotations, finalizers, ownerReferences }: AnyObject["metadata"]): Lines {
  const owners = ownerReferences?.map(({ uid: _uid, ...owner }) => owner);
  return { labels, annotations, finalizers, owners };
}

function ownersOf({ metadata }: AnyObject): string[] {
  return (metadata.ownerReferences ?? []).map(
    ({ kind, name, controller }) => `${controller ? "" : "not controlled by "}${kind}/${name}`,
  );
}

function conditionsOf(conditions: Record<string, string>[] = []): string[] {
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason ?? ""}`.trim()).sort();
}

/** `SuccessfulCreate: Create Pod web-0 …` for each event of the StatefulSet controller, and more where it is asked for. */
export async function eventsOf(
  stage: Stage,
): Promise<{ controller: string[]; binder: string[]; more: string[] }> {
  const events = await stage.list("events");
  const said = (component: string) =>
    events.filter(
      ({ source, reportingComponent }) => (source?.component || reportingComponent) === component,
    );
  const about = (component: string) =>
    said(component).map(
      (event) => `${event["involvedObject"].kind}/${event["involvedObject"].name} ${event["reason"]}`,
    );
  // The first is what the real binder says of a conflict, before it tries again; the others where it looks at a claim
  // before the scheduler has.
  const byChance = ["ProvisioningFailed", "WaitForFirstConsumer", "WaitForPodScheduled"];
  const ofClaims = about("persistentvolume-controller").filter(
    (each) => !byChance.some((reason) => each.endsWith(reason)),
  );
  return {
    controller: said("statefulset-controller").map(
      ({ type, reason, message }) => `${type} ${reason}: ${message}`,
    ),
    binder: [...new Set(ofClaims)].sort(),
    more: [...new Set((stage.scenario.events ?? []).flatMap(about))].sort(),
  };
}
