import type { AnyObject } from "../port.js";
import { setDefaults } from "./defaults.js";
import type { Admission } from "./kind.js";
import type { Json } from "./schema.js";

/** True where the field `rollingUpdate.maxUnavailable` is kept: off up to 1.36, on from 1.37 (#139466). */
export function hasMaxUnavailable(kubernetesVersion: string): boolean {
  return Number(kubernetesVersion.split(".")[1]) >= 37;
}

export function statefulSetDefaults(set: AnyObject, { kubernetesVersion }: Admission): void {
  const spec: Json = set.spec;
  setDefaults(spec, {
    podManagementPolicy: "OrderedReady",
    replicas: 1,
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: {},
  });
  setDefaults(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
  const strategy: Json = spec.updateStrategy;
  if (!strategy.type) setDefaults(strategy, { type: "RollingUpdate", rollingUpdate: {} });
  if (strategy.type === "RollingUpdate" && strategy.rollingUpdate)
    setDefaults(strategy.rollingUpdate, {
      partition: 0,
      ...(hasMaxUnavailable(kubernetesVersion) && { maxUnavailable: 1 }),
    });
  for (const claim of spec.volumeClaimTemplates ?? []) {
    setDefaults(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim" });
    setDefaults(claim.status, { phase: "Pending" });
  }
}

/** With its gate off the API drops `maxUnavailable` without a word, except where the stored set has one already. */
export function dropDisabledFields(
  set: AnyObject,
  old: AnyObject | undefined,
  { kubernetesVersion }: Admission,
): void {
  if (hasMaxUnavailable(kubernetesVersion)) return;
  if (old?.spec.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  delete set.spec.updateStrategy?.rollingUpdate?.maxUnavailable;
}
