import { isDeepStrictEqual } from "node:util";
import { selects } from "../kinds/label-selector.js";
import { hasEnded } from "../kinds/pod-phase.js";
import type { AnyObject } from "../port.js";
import type { Clock } from "../simulator/clock.js";
import { type Controller, type ControllerContext, enqueueFrom, queueOf } from "./framework/controller.js";
import { controllerReference, isTerminating, key, keyOf, ownersOf } from "./framework/objects.js";

const serviceNameLabel = "kubernetes.io/service-name";
const managedByLabel = "endpointslice.kubernetes.io/managed-by";
const controllerName = "endpointslice-controller.k8s.io";
const triggerTime = "endpoints.kubernetes.io/last-change-trigger-time";

/** `--max-endpoints-per-slice` of the controller manager. */
const largestSlice = 100;

/** Writes which pods stand behind each service that has a selector. */
export function endpointSliceController(context: ControllerContext): Controller {
  const { resources, clock } = context;
  const [services, pods] = [resources.of("services"), resources.of("pods")];
  const slices = resources.of("endpointslices");

  const queue = queueOf(context, async (serviceKey) => {
    const service = services.get(serviceKey);
    if (!service || !hasEndpoints(service) || isTerminating(service)) return;
    const namespace = service.metadata.namespace ?? "";
    const behind = pods.inNamespace(namespace).filter((pod) => isBehind(service, pod));
    // In an order that stays: each slice is compared with what it had before.
    const old = slices
      .inNamespace(namespace)
      .filter((slice) => isOf(slice, service))
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    const wanted = wantedSlices(service, behind);
    for (const [at, parts] of wanted.entries()) {
      const slice = old[at];
      if (!slice) await slices.create(newSlice(service, parts, clock));
      else if (!isCurrent(slice, parts)) await slices.update(stamped({ ...slice, ...parts }, clock));
    }
    for (const slice of old.slice(wanted.length)) await slices.delete(slice);
  });

  enqueueFrom(queue, services, (service) => [keyOf(service)]);
  enqueueFrom(queue, pods, ({ metadata }) => {
    const candidates = services.inNamespace(metadata.namespace ?? "").filter(hasEndpoints);
    return candidates
      .filter(({ spec }) => selects({ matchLabels: spec.selector }, metadata.labels))
      .map(keyOf);
  });
  enqueueFrom(queue, slices, ({ metadata }) => {
    const service = metadata.labels?.[serviceNameLabel];
    return service ? [key(metadata.namespace, service)] : [];
  });
  return queue;
}

interface SliceParts {
  endpoints: object[];
  ports: object[];
}

function hasEndpoints({ spec }: AnyObject): boolean {
  return spec.type !== "ExternalName" && Object.keys(spec.selector ?? {}).length > 0;
}

function isOf(slice: AnyObject, service: AnyObject): boolean {
  const managed = slice.metadata.labels?.[managedByLabel] === controllerName;
  return managed && ownersOf(slice).some(({ uid }) => uid === service.metadata.uid);
}

/** Pods with an address that have not ended; those that are terminating stay listed until they are gone. */
function isBehind(service: AnyObject, pod: AnyObject): boolean {
  return (
    !hasEnded(pod) &&
    Boolean(pod.status?.podIP) &&
    selects({ matchLabels: service.spec.selector }, pod.metadata.labels)
  );
}

/** One slice for each set of port numbers and hundred pods; an empty one where there are no pods. */
function wantedSlices(service: AnyObject, behind: AnyObject[]): SliceParts[] {
  const groups = new Map<string, SliceParts>();
  for (const pod of behind.sort((a, b) => keyOf(a).localeCompare(keyOf(b), "en", { numeric: true }))) {
    const ports = portsOf(service, pod);
    const text = JSON.stringify(ports);
    const group = groups.get(text) ?? { endpoints: [], ports };
    group.endpoints.push(endpointOf(service, pod));
    groups.set(text, group);
  }
  const parts = [...groups.values()].flatMap(({ endpoints, ports }) =>
    Array.from({ length: Math.ceil(endpoints.length / largestSlice) }, (_, at) => ({
      endpoints: endpoints.slice(at * largestSlice, (at + 1) * largestSlice),
      ports,
    })),
  );
  return parts.length > 0 ? parts : [{ endpoints: [], ports: [] }];
}

function endpointOf(service: AnyObject, pod: AnyObject): object {
  const { name, namespace, uid } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec;
  const conditions: { type: string; status: string }[] = pod.status.conditions ?? [];
  const serving = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  const terminating = isTerminating(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return {
    addresses: [pod.status.podIP],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: "Pod", name, namespace, uid },
  };
}

function portsOf(service: AnyObject, pod: AnyObject): object[] {
  const containers: AnyObject[] = pod.spec.containers ?? [];
  const named: AnyObject[] = containers.flatMap(({ ports }) => ports ?? []);
  return (service.spec.ports ?? []).flatMap((each: AnyObject) => {
    const { name = "", protocol = "TCP", appProtocol, targetPort = each.port } = each;
    const port =
      typeof targetPort === "number"
        ? targetPort
        : named.find(
            (candidate) => candidate.name === targetPort && (candidate.protocol ?? "TCP") === protocol,
          )?.containerPort;
    return port === undefined ? [] : [{ name, port, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

function isCurrent(slice: AnyObject, { endpoints, ports }: SliceParts): boolean {
  return isDeepStrictEqual(slice.endpoints ?? [], endpoints) && isDeepStrictEqual(slice.ports ?? [], ports);
}

function newSlice(service: AnyObject, parts: SliceParts, clock: Clock): object {
  const { name, namespace, labels } = service.metadata;
  const headless = service.spec.clusterIP === "None" ? { "service.kubernetes.io/headless": "" } : {};
  return stamped(
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: { ...labels, ...headless, [serviceNameLabel]: name, [managedByLabel]: controllerName },
        ownerReferences: [controllerReference(service)],
      },
      addressType: service.spec.ipFamilies?.[0] ?? "IPv4",
      ...parts,
    } as unknown as AnyObject,
    clock,
  );
}

function stamped(slice: AnyObject, clock: Clock): AnyObject {
  const annotations = { ...slice.metadata.annotations, [triggerTime]: new Date(clock.now()).toISOString() };
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}
