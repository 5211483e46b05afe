import type { AnyObject } from "../../port.js";
import { canonicalQuantity, parseQuantity } from "../quantity.js";
import type { Json } from "../schema.js";

const oldLabels: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region":
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone":
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type":
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods":
    "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

/** Labels of nodes that have other names today; `place` says where a label is. */
export function nodeLabelWarnings(keys: readonly string[], place: (key: string) => string): string[] {
  return keys.filter((key) => Object.hasOwn(oldLabels, key)).map((key) => `${place(key)}: ${oldLabels[key]}`);
}

export function nodeSelectorTermWarnings({ matchExpressions = [] }: Json, path: string): string[] {
  return (matchExpressions as { key: string }[])
    .map(({ key }, index) => [key, index] as const)
    .filter(([key]) => Object.hasOwn(oldLabels, key))
    .map(([key, index]) => `${path}.matchExpressions[${index}].key: ${key} is ${oldLabels[key]}`);
}

/** Half a byte is nothing that can be had. */
export function fractionWarning(quantity: unknown, path: string): string[] {
  const nanos = parseQuantity(quantity)?.nanos ?? 0n;
  if (nanos % 1_000_000_000n === 0n) return [];
  const shown = JSON.stringify(canonicalQuantity(quantity));
  return [`${path}: fractional byte value ${shown} is invalid, must be an integer`];
}

export function claimSpecWarnings({ resources = {} }: Json, path: string): string[] {
  return ["requests", "limits"].flatMap((side) =>
    fractionWarning(resources[side]?.storage, `${path}.resources.${side}[storage]`),
  );
}

const classAnnotation = "volume.beta.kubernetes.io/storage-class";

export function claimWarnings({ metadata, spec }: AnyObject): string[] {
  const old = metadata.annotations?.[classAnnotation] !== undefined;
  const why = 'deprecated since v1.8; use "storageClassName" attribute instead';
  return [
    ...(old ? [`metadata.annotations[${classAnnotation}]: ${why}`] : []),
    ...claimSpecWarnings(spec ?? {}, "spec"),
  ];
}

const oldAnnotations: Readonly<Record<string, string>> = {
  [classAnnotation]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** Volumes of old kinds, in pods as by themselves. */
const oldSources: Readonly<Record<string, string>> = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  storageOS: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
};

/** @param more other kinds that the API warns of in this place */
export function sourceWarnings(volume: Json, path: string, more: typeof oldSources = {}): string[] {
  return Object.entries({ ...oldSources, ...more })
    .filter(([source]) => volume[source] ?? volume[source.toLowerCase()])
    .map(([source, why]) => `${path}.${source}: ${why}`);
}

export function volumeWarnings({ metadata, spec = {} }: AnyObject): string[] {
  const annotations: Record<string, string> = metadata.annotations ?? {};
  const terms: Json[] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return [
    ...Object.entries(oldAnnotations)
      .filter(([key]) => key in annotations)
      .map(([key, why]) => `metadata.annotations[${key}]: ${why}`),
    ...(spec.persistentVolumeReclaimPolicy === "Recycle"
      ? [
          "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
        ]
      : []),
    ...terms.flatMap((term, index) =>
      nodeSelectorTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`),
    ),
    ...sourceWarnings(spec, "spec"),
  ];
}

export function storageClassWarnings({ allowedTopologies }: AnyObject): string[] {
  return ((allowedTopologies ?? []) as Json[]).flatMap(({ matchLabelExpressions = [] }, index) =>
    (matchLabelExpressions as { key: string }[]).flatMap(({ key }, inner) =>
      nodeLabelWarnings([key], () => `allowedTopologies[${index}].matchLabelExpressions[${inner}].key`),
    ),
  );
}
