import type { AnyObject } from "../port.js";
import { setDefaults } from "./defaults.js";
import type { Admission, ApiGates } from "./kind.js";
import type { Json } from "./schema.js";
import { sinceMinor } from "./version.js";

/** The gates that hold: those of the version, unless said otherwise. */
export function gatesOf({ kubernetesVersion, gates }: Admission): ApiGates {
  return { maxUnavailable: sinceMinor(37, kubernetesVersion), recreateStrategy: false, ...gates };
}

export function statefulSetDefaults(set: AnyObject, admission: Admission): void {
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
    });
  if (strategy.rollingUpdate && strategy.type === "RollingUpdate" && gatesOf(admission).maxUnavailable)
    strategy.rollingUpdate.maxUnavailable ??= 1;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    setDefaults(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim" });
    setDefaults(claim.status, { phase: "Pending" });
  }
}

/** With its gate off the API drops `maxUnavailable` without a word, except where the stored set has one already. */
export function dropDisabledFields(set: AnyObject, old: AnyObject | undefined, admission: Admission): void {
  if (gatesOf(admission).maxUnavailable) return;
  if (old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  delete set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
}
