import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import { forbidden as refusal } from "../../store/status.js";
import { compareQuantities } from "../quantity.js";
import type { Admission, FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { specDiff } from "./diff.js";
import { forbidden } from "./errors.js";
import { internalJson } from "./internal.js";
import { dnsSubdomain } from "./names.js";
import { all, fields, first, given, where, type Rule } from "./rules.js";
import { labelSelector } from "./selector.js";
import { must, named, needed, neededTo, oneOf } from "./values.js";

const mode = oneOf("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");

/** The API names no index here. */
export const accessModes: Rule = (modes: string[] | null | undefined, path) => {
  const given = modes ?? [];
  const lonely = given.includes("ReadWriteOncePod") && given.length > 1;
  return [
    ...given.flatMap((one) => mode(one, path)),
    ...(lonely ? [forbidden(path, "may not use ReadWriteOncePod with other access modes")] : []),
  ];
};

export const volumeMode = oneOf("Block", "Filesystem");

/** A quantity of storage. */
export const size = first(
  where((value) => value === undefined, needed),
  must((value) => compareQuantities(value, "0") > 0, "must be greater than zero"),
);

const dataSource = given(fields({ name: needed, kind: needed }), ({ kind, apiGroup }: Json, path) =>
  must(
    () => apiGroup || kind === "PersistentVolumeClaim",
    "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
  )(kind, path),
);

/** What the API asks of a claim's spec, in a claim as in a claim template. */
export const claimSpec: Rule = all(
  fields({
    accessModes: neededTo("at least 1 access mode is required"),
    selector: given(labelSelector),
  }),
  fields({ accessModes }),
  // The API leaves `requests` out.
  ({ resources }: Json, path) => size(resources?.requests?.storage, `${path}.resources[storage]`),
  fields({ storageClassName: given(named(dnsSubdomain)), volumeMode, dataSource, dataSourceRef: dataSource }),
);

export const claim = fields({ spec: claimSpec });

const immutable =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** Only a bound claim may change, and only grow; a claim without a volume may be given one. */
export function validateClaimUpdate(next: AnyObject, old: AnyObject, admission: Admission): FieldError[] {
  const allowed = structuredClone(next.spec);
  const { capacity, phase } = old.status ?? {};
  if (!old.spec.volumeName) allowed.volumeName = old.spec.volumeName;
  if (phase === "Bound" && allowed.resources?.requests)
    allowed.resources.requests = old.spec.resources?.requests;
  // The binder gives a claim that names no class the default one, also later on (validateStorageClassUpgradeFromNil).
  const betaClass = old.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"];
  if (old.spec.storageClassName === undefined && betaClass === undefined) delete allowed.storageClassName;
  for (const field of ["volumeName", "storageClassName"])
    if (allowed[field] === undefined) delete allowed[field];
  const [before, after] = [old.spec, allowed].map((spec) => internalJson("PersistentVolumeClaimSpec", spec));
  const isChanged = !isDeepStrictEqual(allowed, old.spec);
  const [wanted, was] = [next, old].map(({ spec }) => spec.resources?.requests?.storage ?? "0");
  const isBelow =
    compareQuantities(wanted, was) < 0 && compareQuantities(wanted, capacity?.storage ?? "0") <= 0;
  if (!isChanged && compareQuantities(wanted, was) > 0) checkResizable(next, admission);
  const place = "spec.resources.requests.storage";
  return [
    ...(isChanged ? [forbidden("spec", `${immutable}\n${specDiff(before, after)}`)] : []),
    ...(isBelow ? [forbidden(place, "field can not be less than status.capacity")] : []),
  ];
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
