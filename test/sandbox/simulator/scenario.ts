import type { AnyObject } from "../../../src/sandbox/port.js";
import { isReady, type Watching } from "../../support/watching.js";

/** A set `web` in a namespace of its own, and what is seen of it. */
export interface Scenario {
  namespace: string;
  seen: Watching;
  target: { namespace: string; name: string };
}

export function pods(seen: Watching): AnyObject[] {
  return [...seen.objects("pods").values()];
}

export function present(seen: Watching, name: string): AnyObject {
  const pod = seen.objects("pods").get(name);
  if (!pod) throw new Error(`there is no pod ${name}`);
  return pod;
}

export function containerOf(seen: Watching, name: string): AnyObject["status"] {
  return seen.objects("pods").get(name)?.["status"]?.containerStatuses?.[0];
}

export function waitingReason(seen: Watching, name: string): string | undefined {
  return containerOf(seen, name)?.state.waiting?.reason;
}

export function conditions(claim: AnyObject | undefined): string[] {
  return ((claim?.["status"].conditions ?? []) as { type: string }[]).map(({ type }) => type);
}

/** The reasons of the events about an object, in the order of their arrival. */
export function reasons(seen: Watching, name: string): string[] {
  return eventsAbout(seen, name).map(({ reason }) => reason as string);
}

export function messageOf(seen: Watching, name: string, reason: string): string | undefined {
  return eventsAbout(seen, name).find((event) => event["reason"] === reason)?.["message"] as
    | string
    | undefined;
}

function eventsAbout(seen: Watching, name: string): AnyObject[] {
  return [...seen.objects("events").values()].filter(({ involvedObject }) => involvedObject.name === name);
}

export function firstSeen(seen: Watching, name: string): number {
  return seen.events.findIndex(
    ({ resource, object }) => resource === "pods" && object.metadata.name === name,
  );
}

export function firstReady(seen: Watching, name: string): number {
  return seen.events.findIndex(({ object }) => object.metadata.name === name && isReady(object));
}

export function gone(seen: Watching): string[] {
  return seen.events
    .filter(({ type, resource }) => type === "DELETED" && resource === "pods")
    .map(({ object }) => object.metadata.name);
}

export function imagePatch(image: string) {
  return { spec: { template: { spec: { containers: [{ name: "nginx", image }] } } } };
}

export function object(kind: string, namespace: string, name: string) {
  return { apiVersion: "v1", kind, metadata: { namespace, name } };
}

export function recycledVolume(name: string) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Recycle",
      storageClassName: "static",
      hostPath: { path: `/tmp/${name}` },
    },
  };
}
