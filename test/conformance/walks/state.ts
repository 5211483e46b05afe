import type { AnyObject } from "../../../src/sandbox/port.js";
import { isReady } from "../../sandbox/histories/world.js";
import type { View } from "./observer.js";

/** The annotation by which a pod is touched, to wake who watches it. */
export const touched = "walks/touched";

type Part = Record<string, unknown>;

/** Everything of a namespace that must be the same on both sides once it is at rest, without what is left to chance. */
export function stateOf(view: View): Record<keyof View, Part> {
  const named = (objects: AnyObject[], part: (object: AnyObject) => object): Part =>
    Object.fromEntries(
      objects.map((object) => [object.metadata.name, { ...metadataOf(object), ...part(object) }]),
    );
  const owners = ownerNames(view);
  const metadataOf = ({ metadata }: AnyObject) => ({
    labels: metadata.labels,
    finalizers: metadata.finalizers?.toSorted(),
    deleting: metadata.deletionTimestamp !== undefined,
    owners: owners(metadata.ownerReferences),
  });
  return {
    statefulsets: named(view.statefulsets, setPart),
    controllerrevisions: named(view.controllerrevisions, ({ metadata, revision, data }) => ({
      annotations: metadata.annotations,
      revision,
      data,
    })),
    pods: named(view.pods, podPart),
    persistentvolumeclaims: named(view.persistentvolumeclaims, claimPart),
    persistentvolumes: listed(view.persistentvolumes, volumePart(view)),
    poddisruptionbudgets: named(view.poddisruptionbudgets, budgetPart),
    services: named(view.services, () => ({})),
    endpointslices: slicesPart(view.endpointslices),
  };
}

/** Owners by name, and whether it is that very object. */
function ownerNames(view: View): (references: AnyObject["metadata"]["ownerReferences"]) => unknown {
  const present = new Set(
    Object.values(view)
      .flat()
      .map(({ metadata }) => metadata.uid),
  );
  return (references) =>
    references?.map(({ uid, ...owner }) => ({ ...owner, ...(!present.has(uid) && { gone: true }) }));
}

/** Objects whose names are left to chance. */
function listed(objects: AnyObject[], part: (object: AnyObject) => object): Part {
  const texts = objects.map((object) => JSON.stringify(part(object))).toSorted();
  return Object.fromEntries(texts.map((text, index) => [index, JSON.parse(text)]));
}

function setPart({ spec, status = {} }: AnyObject): object {
  const { observedGeneration: _writes, ...counters } = status;
  return { spec, status: counters };
}

function podPart(pod: AnyObject): object {
  const { metadata, spec, status = {} } = pod;
  const { [touched]: _any, ...annotations } = metadata.annotations ?? {};
  return {
    annotations,
    generateName: metadata["generateName"],
    hostname: spec.hostname,
    subdomain: spec.subdomain,
    // In any order: the real controller goes over a map.
    claims: spec.volumes
      ?.filter((volume: AnyObject) => volume["persistentVolumeClaim"])
      .map((volume: AnyObject) => JSON.stringify(volume))
      .toSorted(),
    image: spec.containers[0].image,
    phase: status.phase,
    ready: isReady(pod),
  };
}

function claimPart({ metadata, spec, status = {} }: AnyObject): object {
  const conditions: AnyObject[] = status.conditions ?? [];
  return {
    annotations: Object.keys(metadata.annotations ?? {}).toSorted(),
    class: spec.storageClassName,
    hasVolume: spec.volumeName !== undefined,
    phase: status.phase,
    capacity: status.capacity,
    conditions: conditions.map(({ type, status: value, reason }) => [type, value, reason]),
  };
}

function volumePart({ persistentvolumeclaims }: View): (volume: AnyObject) => object {
  const uids = new Set(persistentvolumeclaims.map(({ metadata }) => metadata.uid));
  return ({ metadata, spec, status = {} }) => ({
    claim: spec.claimRef?.name,
    isClaimThere: uids.has(spec.claimRef?.uid),
    class: spec.storageClassName,
    reclaim: spec.persistentVolumeReclaimPolicy,
    finalizers: metadata.finalizers?.toSorted(),
    deleting: metadata.deletionTimestamp !== undefined,
    phase: status.phase,
  });
}

function budgetPart({ spec, status = {} }: AnyObject): object {
  const { observedGeneration, conditions = [], disruptedPods = {}, ...counters } = status;
  const told = (conditions as AnyObject[]).map(({ type, status: value, reason }) => [type, value, reason]);
  return { spec, observedGeneration, told, disrupted: Object.keys(disruptedPods).toSorted(), ...counters };
}

/** The endpoints of each service, over all its slices. */
function slicesPart(slices: AnyObject[]): Part {
  const endpoints: Record<string, string[]> = {};
  for (const slice of slices) {
    const service = slice.metadata.labels?.["kubernetes.io/service-name"] ?? "";
    const found = ((slice["endpoints"] ?? []) as AnyObject[]).map(
      ({ addresses, conditions, hostname, targetRef }) =>
        JSON.stringify([targetRef?.name, hostname, addresses.length, conditions]),
    );
    endpoints[service] = [...(endpoints[service] ?? []), ...found].toSorted();
  }
  return endpoints;
}
