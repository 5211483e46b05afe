import type { AnyObject } from "../port.js";
import { setDefaults } from "./defaults.js";
import type { Admission } from "./kind.js";
import type { Json } from "./schema.js";

const isDefaultClass = "storageclass.kubernetes.io/is-default-class";

function addFinalizer(object: AnyObject, finalizer: string): void {
  const { finalizers = [] } = object.metadata;
  if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
}

/** A new claim: Pending, protected, and of the default class where it names none (not even `""`). */
export function claimCreate(claim: AnyObject, admission: Admission): void {
  addFinalizer(claim, "kubernetes.io/pvc-protection");
  const named =
    claim.spec.storageClassName !== undefined ||
    claim.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"];
  const standard = named ? undefined : defaultClass(admission.list("storageclasses"));
  if (standard) claim.spec.storageClassName = standard;
  claim.status = { phase: "Pending" };
  dataSources(claim.spec);
}

/** Sources that `dataSource` never took are dropped without a word; it and `dataSourceRef` say the same (KEP-1495). */
function dataSources(spec: Json): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) {
    if (isOldSource(dataSource)) spec.dataSourceRef = { ...dataSource };
    else delete spec.dataSource;
  } else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) spec.dataSource = { ...dataSourceRef };
}

function isOldSource({ apiGroup, kind }: Json): boolean {
  if (kind === "PersistentVolumeClaim") return !apiGroup;
  return kind === "VolumeSnapshot" && apiGroup === "snapshot.storage.k8s.io";
}

/** The newest of the classes marked as default, then the first by name. */
export function defaultClass(classes: AnyObject[]): string | undefined {
  const marked = classes.filter(({ metadata }) => metadata.annotations?.[isDefaultClass] === "true");
  const order = (a: AnyObject, b: AnyObject): number =>
    b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) ||
    a.metadata.name.localeCompare(b.metadata.name);
  return marked.sort(order)[0]?.metadata.name;
}

export function volumeDefaults(volume: AnyObject): void {
  setDefaults(volume.spec, { persistentVolumeReclaimPolicy: "Retain" });
  volume.spec.volumeMode ??= "Filesystem";
  setDefaults(volume.status, { phase: "Pending" });
}

export function volumeCreate(volume: AnyObject, admission: Admission): void {
  addFinalizer(volume, "kubernetes.io/pv-protection");
  volume.status = { phase: "Pending", lastPhaseTransitionTime: admission.now() };
}

/** The API notes the time of each change of phase. */
export function volumeStatusUpdate(
  volume: AnyObject,
  old: AnyObject,
  admission: Admission | undefined,
): void {
  const { status } = volume;
  if (!admission || status.phase === old.status?.phase) return;
  if (status.lastPhaseTransitionTime === old.status?.lastPhaseTransitionTime)
    status.lastPhaseTransitionTime = admission.now();
}

/** `""` is a choice of its own here, and refused. */
export function storageClassDefaults(storageClass: AnyObject): void {
  storageClass.reclaimPolicy ??= "Delete";
  storageClass.volumeBindingMode ??= "Immediate";
}
