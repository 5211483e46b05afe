import type { AnyObject } from "../../port.js";
import { dnsLabel } from "../validation/names.js";
import { podWarnings } from "./pod.js";
import { serviceWarnings } from "./service.js";
import { claimSpecWarnings, claimWarnings, storageClassWarnings, volumeWarnings } from "./storage.js";

/** What an object has that the API takes and yet advises against. `old` is undefined for a create. */
type Warnings = (object: AnyObject, old: AnyObject | undefined) => string[];

const byKind: Readonly<Record<string, Warnings>> = {
  Pod: (pod, old) => (old ? [] : [...podNameWarnings(pod), ...podWarnings(pod)]),
  StatefulSet: statefulSetWarnings,
  Service: serviceWarnings,
  PersistentVolumeClaim: claimWarnings,
  PersistentVolume: volumeWarnings,
  StorageClass: storageClassWarnings,
};

/** The texts of the `Warning` headers that a write of a valid object gets (registry, `WarningsOnCreate` and `-Update`). */
export function warningsOf(kind: string, object: AnyObject, old: AnyObject | undefined): string[] {
  return byKind[kind]?.(object, old) ?? [];
}

function podNameWarnings({ metadata }: AnyObject): string[] {
  const found = dnsLabel(metadata.name);
  if (found.length === 0) return [];
  const why =
    "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
  return [`metadata.name: ${why}: [${found.join(" ")}]`];
}

function statefulSetWarnings({ metadata, spec }: AnyObject, old: AnyObject | undefined): string[] {
  const templates: AnyObject[] = spec?.volumeClaimTemplates ?? [];
  const changed = metadata.generation !== old?.metadata.generation;
  return [
    ...(spec?.template && changed ? podWarnings(spec.template, "spec.template") : []),
    // On an update the API's path has one field too many.
    ...templates.flatMap((claim, index) =>
      claimSpecWarnings(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}]${old ? ".Spec" : ""}`),
    ),
    ...(spec?.revisionHistoryLimit < 0
      ? [
          "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
        ]
      : []),
  ];
}
