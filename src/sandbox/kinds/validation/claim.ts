import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import { forbidden as refusal } from "../../store/status.js";
import { compareQuantities } from "../quantity.js";
import type { Admission, FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { specDiff } from "./diff.js";
import { each, forbidden, invalid, notSupported, oneOf, required } from "./errors.js";
import { internalJson } from "./internal.js";
import { dnsSubdomain } from "./names.js";
import { labelSelector } from "./selector.js";

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export function accessModes(field: string, values: string[] | null | undefined): FieldError[] {
  const given = values ?? [];
  const lonely = given.includes("ReadWriteOncePod") && given.length > 1;
  return [
    ...given.filter((mode) => !modes.includes(mode)).map((mode) => notSupported(field, mode, modes)),
    ...(lonely ? [forbidden(field, "may not use ReadWriteOncePod with other access modes")] : []),
  ];
}

/** What the API asks of a claim's spec, in a claim as in a claim template. */
export function claimSpec(field: string, spec: Json): FieldError[] {
  const size = spec.resources?.requests?.storage;
  const none = !spec.accessModes?.length;
  return [
    ...(none ? [required(`${field}.accessModes`, "at least 1 access mode is required")] : []),
    ...(spec.selector ? labelSelector(`${field}.selector`, spec.selector) : []),
    ...accessModes(`${field}.accessModes`, spec.accessModes),
    ...positive(`${field}.resources[storage]`, size),
    ...(spec.storageClassName
      ? each(`${field}.storageClassName`, spec.storageClassName, dnsSubdomain(spec.storageClassName))
      : []),
    ...oneOf(`${field}.volumeMode`, spec.volumeMode, ["Block", "Filesystem"]),
    ...["dataSource", "dataSourceRef"].flatMap((name) => dataSource(`${field}.${name}`, spec[name])),
  ];
}

function dataSource(field: string, source: Json | undefined): FieldError[] {
  if (!source) return [];
  const { name, kind, apiGroup } = source;
  const core = !apiGroup && kind !== "PersistentVolumeClaim";
  return [
    ...(name ? [] : [required(`${field}.name`)]),
    ...(kind ? [] : [required(`${field}.kind`)]),
    ...(core
      ? [invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
  ];
}

export function positive(field: string, size: unknown): FieldError[] {
  if (size === undefined) return [required(field)];
  return compareQuantities(size, "0") > 0 ? [] : [invalid(field, size, "must be greater than zero")];
}

export function validateClaim({ spec }: AnyObject): FieldError[] {
  return claimSpec("spec", spec);
}

const immutable =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** Only a bound claim may change, and only grow; a claim without a volume may be given one. */
export function validateClaimUpdate(claim: AnyObject, old: AnyObject, admission: Admission): FieldError[] {
  const allowed = structuredClone(claim.spec);
  const { capacity, phase } = old.status ?? {};
  if (!old.spec.volumeName) allowed.volumeName = old.spec.volumeName;
  if (phase === "Bound") allowed.resources.requests = old.spec.resources.requests;
  // The binder gives a claim that names no class the default one, also later on (validateStorageClassUpgradeFromNil).
  const betaClass = old.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"];
  if (old.spec.storageClassName === undefined && betaClass === undefined) delete allowed.storageClassName;
  for (const field of ["volumeName", "storageClassName"])
    if (allowed[field] === undefined) delete allowed[field];
  if (!isDeepStrictEqual(allowed, old.spec)) {
    const [before, after] = [old.spec, allowed].map((spec) =>
      internalJson("PersistentVolumeClaimSpec", spec),
    );
    return [forbidden("spec", `${immutable}\n${specDiff(before, after)}`)];
  }
  const [size, was] = [claim.spec.resources.requests.storage, old.spec.resources.requests.storage];
  if (compareQuantities(size, was) > 0) checkResizable(claim, admission);
  const less = compareQuantities(size, was) < 0 && compareQuantities(size, capacity?.storage ?? "0") <= 0;
  return less
    ? [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
    : [];
}

/** Admission plugin PersistentVolumeClaimResize: refuses with 403, not as a field. */
function checkResizable({ metadata, spec }: AnyObject, admission: Admission): void {
  const kind = { group: "", resource: "persistentvolumeclaims" };
  const found = admission.list("storageclasses").find((one) => one.metadata.name === spec.storageClassName);
  if (found?.allowVolumeExpansion) return;
  const why =
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
  throw refusal(kind, metadata.name, why);
}
