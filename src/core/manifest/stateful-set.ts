import type { Manifest } from "../model.js";
import type { Labels } from "../selector.js";
import { present } from "./parse.js";
import type { Storage } from "./parse-pod.js";
import { podTemplate } from "./pod-template.js";
import type { SetOptions } from "./set-options.js";

/**
 * The StatefulSet that the flags describe, in the order in which a person would write its fields. Its selector is the
 * label `app` alone, because selectors can never be changed and other labels (versions, teams) do.
 */
export function statefulSetManifest(options: SetOptions): Manifest {
  const labels = allLabels(options);
  const matchLabels = selectorOf(options);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadataOf(options, labels),
    spec: present({
      serviceName: options.service,
      replicas: options.replicas,
      ordinals: options.startOrdinal === undefined ? undefined : { start: options.startOrdinal },
      podManagementPolicy: options.podManagement,
      updateStrategy: updateStrategy(options),
      minReadySeconds: options.minReadySeconds,
      revisionHistoryLimit: options.revisionHistoryLimit,
      persistentVolumeClaimRetentionPolicy: options.retention && present({ ...options.retention }),
      selector: { matchLabels },
      template: podTemplate(options, labels, matchLabels),
      volumeClaimTemplates: options.storage.map(claimTemplate),
    }),
  };
}

/** The PodDisruptionBudget that `--pdb` asks for; undefined without. */
export function budgetManifest(options: SetOptions): Manifest | undefined {
  if (!options.budget) return undefined;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadataOf(options, allLabels(options)),
    spec: { [options.budget.field]: options.budget.value, selector: { matchLabels: selectorOf(options) } },
  };
}

function metadataOf({ name, namespace }: SetOptions, labels: Labels): Manifest["metadata"] {
  return { name, ...(namespace === undefined ? {} : { namespace }), labels };
}

function allLabels({ name, labels }: SetOptions): Labels {
  return { app: name, ...labels };
}

function selectorOf(options: SetOptions): Labels {
  return { app: allLabels(options)["app"] ?? options.name };
}

function updateStrategy({ strategy, partition, maxUnavailable }: SetOptions): object | undefined {
  const rollingUpdate = present({ partition, maxUnavailable });
  const rolls = Object.keys(rollingUpdate).length > 0;
  if (!rolls) return strategy === undefined ? undefined : { type: strategy };
  return { type: strategy ?? "RollingUpdate", rollingUpdate };
}

function claimTemplate({ name, size, storageClass, accessMode }: Storage): object {
  return {
    metadata: { name },
    spec: {
      accessModes: [accessMode],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: size } },
    },
  };
}
